"""A site with all that feeds can hold: three languages, categories, archives, pictures, notices, corrections."""

from __future__ import annotations

import io
from pathlib import Path

from conftest import PICTURED, ROOT, SITE, Workshop
from PIL import Image

HUB = "https://hub.example.org/"
#: entries of a document; archive documents hold two
LIMIT = 3
SETTINGS = f"""\
editions: [a4]
description: Health for all & sundry
feed: {{limit: {LIMIT}, hub: {HUB}}}
"""
#: on paper as well, which takes time
_PRINTED = ("plain", "pictured")


def publish(root: Path) -> Workshop:
    """Builds it whole."""
    (root / "templates").symlink_to(ROOT / "templates")
    made = Workshop(root)
    made.write("content/site.yaml", SITE + SETTINGS)
    _article(made, 5, "plain", category="Sleep", tags="[Rest, sleep, 'A & B']", updated="2025-01-20")
    _article(made, 6, "corrected", category="Sleep", corrections="[{date: 2025-02-01, text: A *dose* was wrong.}]")
    reason = '"It was [wrong](https://example.com/)."'
    _article(made, 7, "withdrawn", category="Body & Mind", withdrawn=f"{{date: 2025-03-20, reason: {reason}}}")
    _article(made, 8, "expired", category="Sleep", expires="2025-04-01", image="{src: red.png, alt: Red}")
    _article(made, 9, "spanish", category="Sueño", language="es", translation_of="plain", title="Dormir bien")
    _article(made, 10, "arabic", category="نوم", language="ar", translation_of="plain", title="النوم")
    stream = io.BytesIO()
    Image.new("RGB", (320, 180), "#cc3311").save(stream, "PNG")
    made.write("content/images/red.png", stream.getvalue())
    _article(made, 11, "lead", category="Sleep", image="{src: red.png, alt: Red}")
    _article(
        made, 12, "pictured", text=PICTURED, category="Sleep", authors="[{name: A. Writer, role: Nurse}, B. Other]"
    )
    assert made.build(only=()).faults == ()
    return made


def _article(made: Workshop, day: int, slug: str, text: str = "", **keys: str) -> None:
    if slug not in _PRINTED:
        keys["channels"] = "{handout: false}"
    keys = {"title": f"The {slug} one", "summary": f"What the {slug} one tells.", **keys, "date": f"2025-01-{day:02}"}
    made.article(slug, **({"text": text} if text else {}), **keys)
