"""Writes pressrun/proof/newsletter/clients.json: what mail programs know of HTML and CSS, by the data of Can I email.

Run it when a newer `caniemail` is pinned in .ci/tools/package.json, after `npm ci --ignore-scripts --prefix .ci/tools`:
python .ci/caniemail.py
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / ".ci/tools/node_modules/caniemail"
TABLE = ROOT / "pressrun/proof/newsletter/clients.json"

#: the mail programs that most readers have; every feature must work in each of them or be no loss
CLIENTS = (
    "gmail.desktop-webmail", "gmail.ios", "gmail.android",
    "outlook.windows", "outlook.macos", "outlook.outlook-com", "outlook.ios", "outlook.android",
    "apple-mail.macos", "apple-mail.ios",
    "yahoo.desktop-webmail", "yahoo.ios", "yahoo.android",
)  # fmt: skip
#: of the message as a whole or of its sender, not of its markup
UNSEEN = {"bimi"}

_LOGICAL_BORDERS = {
    "css-border-inline-block-individual": ("start", "end"),
    "css-border-inline-block-longhand": (
        "color", "style", "width", "start-color", "start-style", "start-width", "end-color", "end-style", "end-width",
    ),
}  # fmt: skip
#: how those are recognised whose slug does not say it
SIGNS: dict[str, list[str]] = {
    "amp": ["attribute:amp4email", "attribute:\u26a14email"],
    "css-at-media-hover": ["media:hover", "media:any-hover"],
    "css-at-media-device-pixel-ratio": [
        "media:-webkit-device-pixel-ratio", "media:-webkit-min-device-pixel-ratio",
        "media:-webkit-max-device-pixel-ratio",
    ],
    "css-block-inline-size": ["property:block-size", "property:inline-size"],
    "css-border-inline-block": ["property:border-inline", "property:border-block"],
    "css-border-radius": [
        "property:border-radius", "property:border-top-left-radius", "property:border-top-right-radius",
        "property:border-bottom-left-radius", "property:border-bottom-right-radius",
    ],
    "css-border-radius-logical": [
        f"property:border-{block}-{inline}-radius" for block in ("start", "end") for inline in ("start", "end")
    ],
    "css-column-layout-properties": [
        f"property:{name}" for name in (
            "columns", "column-count", "column-fill", "column-rule", "column-rule-color", "column-rule-style",
            "column-rule-width", "column-span", "column-width",
        )
    ],
    "css-comments": ["css-comment"],
    "css-flex-direction": ["pair:flex-direction:column"],
    "css-flex-wrap": ["pair:flex-wrap:wrap"],
    "css-font": ["shorthand:font"],
    "css-gap": ["property:gap", "property:column-gap", "property:row-gap"],
    "css-grid-template": ["property:grid-template"],
    "css-important": ["important"],
    "css-inert-attribute": ["attribute:inert"],
    "css-intrinsic-size": ["value:fit-content", "value:min-content", "value:max-content"],
    "css-left-right-top-bottom": ["property:left", "property:right", "property:top", "property:bottom"],
    "css-margin-block-start-end": ["property:margin-block-start", "property:margin-block-end"],
    "css-margin-inline-block": ["property:margin-inline", "property:margin-block"],
    "css-margin-inline-start-end": ["property:margin-inline-start", "property:margin-inline-end"],
    "css-modern-color": ["function:lch", "function:oklch", "function:lab", "function:oklab"],
    "css-nesting": ["nesting"],
    "css-padding-block-start-end": ["property:padding-block-start", "property:padding-block-end"],
    "css-padding-inline-block": ["property:padding-inline", "property:padding-block"],
    "css-padding-inline-start-end": ["property:padding-inline-start", "property:padding-inline-end"],
    "css-rgb": ["function:rgb"],
    "css-rgba": ["function:rgba"],
    "css-sytem-ui": [
        "value:system-ui", "value:ui-serif", "value:ui-sans-serif", "value:ui-rounded", "value:ui-monospace",
    ],
    "css-unit-calc": ["function:calc"],
    "css-unit-initial": ["value:initial"],
    "css-unit-percent": ["unit:%"],
    "css-variables": ["function:var", "custom"],
    "html-address": ["element:address"],
    "html-anchor-links": ["address:#"],
    "html-comments": ["comment"],
    "html-doctype": ["doctype"],
    "html-h1-h6": [f"element:h{number}" for number in range(1, 7)],
    "html-image-maps": ["element:map", "element:area", "attribute:usemap"],
    "html-lists": ["element:ul", "element:ol", "element:dl"],
    "html-mailto-links": ["address:mailto"],
    "html-meta-color-scheme": ["element:meta[name=color-scheme]"],
    "html-semantics": [
        f"element:{name}" for name in (
            "article", "aside", "details", "figcaption", "figure", "footer", "header", "main", "mark", "nav", "section",
            "summary", "time",
        )
    ],
    "html-srcset": ["attribute:srcset", "attribute:sizes"],
    "html-svg": ["element:svg"],
    "image-apng": ["image:apng"],
    "image-base64": ["image:base64"],
    "image-heif": ["image:heif", "image:heic"],
    "image-jpg": ["image:jpg", "image:jpeg"],
    "image-tiff": ["image:tif", "image:tiff"],
    **{
        slug: [f"property:border-{axis}-{end}" for axis in ("inline", "block") for end in ends]
        for slug, ends in _LOGICAL_BORDERS.items()
    },
}  # fmt: skip


def signs(slug: str, title: str) -> Iterator[str]:
    """What in a message shows that it uses a feature."""
    if slug in SIGNS:
        yield from SIGNS[slug]
        return
    kind, _, name = slug.partition("-")
    for start, sign in (
        ("at-media-", "media"), ("at-", "at"), ("function-", "function"), ("unit-", "unit"),
        ("pseudo-class-", "pseudo"), ("pseudo-element-", "pseudo-element"), ("selector-", "selector"),
        ("display-", "pair:display"),
    ):  # fmt: skip
        if kind == "css" and name.startswith(start):
            yield f"{sign}:{name.removeprefix(start)}"
            return
    if kind == "css":
        gradient = name.endswith("-gradient")
        yield from [f"function:{name}", f"function:repeating-{name}"] if gradient else [f"property:{name}"]
    elif kind == "image":
        yield f"image:{name}"
    elif found := re.match(r"(?:<|Embedded <)(\w+)(?: (\w+)=\"(\w+)\")?>", title):
        element, attribute, value = found.groups()
        yield f"element:{element}[{attribute}={value}]" if attribute else f"element:{element}"
    elif title.endswith(" attribute"):
        yield f"attribute:{title.removesuffix(' attribute')}"


def newest(versions: dict[str, str]) -> str:
    """y, a (in part) or n, in the newest version that was looked at; - for none."""
    return versions[max(versions, key=_version)][0].replace("u", "-") if versions else "-"


def _version(name: str) -> list[tuple[int, str]]:
    return [(int(part) if part.isdigit() else -1, part) for part in re.split(r"[.-]", name)]


def line(feature: dict[str, Any]) -> dict[str, Any]:
    stats = feature["stats"]
    all_of_them = [newest(versions) for family in stats.values() for versions in family.values()]
    known = [support for support in all_of_them if support != "-"]
    first = [family.partition(".") for family in CLIENTS]
    return {
        "slug": feature["slug"],
        "title": feature["title"],
        "category": feature["category"],
        "signs": list(signs(feature["slug"], feature["title"])),
        "support": "".join(newest(stats.get(family, {}).get(platform, {})) for family, _, platform in first),
        "percent": round(100 * sum(support in "ya" for support in known) / len(known), 1),
    }


def main() -> None:
    data = json.loads((PACKAGE / "data/caniemail.json").read_text(encoding="utf-8"))
    features = [line(feature) for feature in sorted(data["data"], key=lambda feature: feature["slug"])]
    mute = [feature["slug"] for feature in features if not feature["signs"] and feature["slug"] not in UNSEEN]
    assert not mute, f"nothing says how to recognise {mute}"
    version = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))["version"]
    head = {
        "about": "What mail programs know of HTML and CSS; y: yes, a: in part, n: no, -: unknown. Written by "
        ".ci/caniemail.py.",
        "source": f"caniemail.com, from the npm package caniemail {version}",
        "licence": "MIT, copyright Avi Goldman and Andrew Powell; the data by Rémi Parmentier and contributors",
        "date": data["last_update_date"][:10],
        "clients": CLIENTS,
    }
    lines = [f'"{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in head.items()]
    rows = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    TABLE.write_text("{" + ",\n".join([*lines, f'"features": [\n{rows}\n]']) + "}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
