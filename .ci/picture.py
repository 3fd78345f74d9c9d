"""Draws docs/sample/picture.png, the README's picture: one YAML file and what is made of it.

Run it after `inv build`, in .venv, on a machine with Chromium: python .ci/picture.py
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import tempfile
import textwrap
from pathlib import Path

import feedparser
import pypdfium2

ROOT = Path(__file__).resolve().parent.parent
SLUG = "ketamine-withdrawal"
WIDTH, HEIGHT = 1600, 900
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
    "--allow-file-access-from-files",
]  # fmt: skip

STYLE = """
body { margin: 0; width: 1600px; height: 900px; overflow: hidden; background: #e3ebec; position: relative;
       font-family: "Atkinson Hyperlegible", sans-serif; color: #1c2529 }
figure { position: absolute; margin: 0 }
figure > div { background: #fff; overflow: hidden; border-radius: 6px;
               box-shadow: 0 2px 4px #1c252922, 0 12px 32px #1c252922 }
figcaption { font-size: 22px; font-weight: 700; margin: 0 0 10px 2px }
iframe { border: 0; transform-origin: 0 0 }
pre { margin: 0; padding: 22px 24px; font: 14px/1.63 "DejaVu Sans Mono", monospace; white-space: pre-wrap }
pre b { color: #1f5f6b }
.entry { padding: 14px 22px } .entry h3 { margin: 0; font-size: 19px; line-height: 1.25 }
.entry p { margin: 8px 0 0; font-size: 15px; line-height: 1.45 } .entry small { color: #52606a; font-size: 14px }
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _draw_handout(folder / "handout.png")
        page = folder / "picture.html"
        page.write_text(_page(), encoding="utf-8")
        target = ROOT / "docs/sample/picture.png"
        size = f"--window-size={WIDTH},{HEIGHT}"
        command = [shutil.which("chromium") or "chromium", *FLAGS, f"--user-data-dir={folder}/profile", size]
        subprocess.run(
            [*command, f"--screenshot={target}", page.as_uri()], check=True, capture_output=True, timeout=120
        )


def _draw_handout(target: Path) -> None:
    document = pypdfium2.PdfDocument(ROOT / f"outputs/handout/{SLUG}-a4.pdf")
    document[0].render(scale=2).to_pil().save(target)
    document.close()


def _page() -> str:
    web = (ROOT / f"outputs/web/{SLUG}/index.html").as_uri()
    mail = (ROOT / f"outputs/newsletter/{SLUG}.html").as_uri()
    cards = [
        _card((40, 30, 520, 800), "You write one YAML file", f"<pre>{_yaml()}</pre>"),
        _card((610, 30, 440, 330), "A web page", _frame(web, 1100, 440 / 1100, 330)),
        _card((1100, 30, 460, 640), "A handout to print", '<img src="handout.png" width="460" alt="">'),
        _card((610, 430, 440, 400), "A newsletter", _frame(mail, 640, 440 / 640, 400)),
        _card((1100, 728, 460, 102), "A feed entry", _entry()),
    ]
    return f"<!DOCTYPE html><meta charset=utf-8><style>{STYLE}</style>{''.join(cards)}"


def _card(place: tuple[int, int, int, int], caption: str, inside: str) -> str:
    """A captioned card; its place is left, top, width and height in pixels."""
    left, top, width, height = place
    card = f'<div style="height:{height}px">{inside}</div>'
    return (
        f'<figure style="left:{left}px;top:{top}px;width:{width}px"><figcaption>{caption}</figcaption>{card}</figure>'
    )


def _frame(address: str, width: int, scale: float, height: int) -> str:
    size = f"width:{width}px;height:{int(height / scale)}px;transform:scale({scale:.4f})"
    return f'<iframe src="{address}" style="{size}" scrolling="no"></iframe>'


def _yaml() -> str:
    """The article's beginning, in lines as long as the card is wide."""
    text = (ROOT / f"content/articles/{SLUG}.yaml").read_text(encoding="utf-8")
    whole = re.sub(r"\n +(?![-\s])(?!.*: )", " ", text).splitlines()
    lines = [line for long in whole for line in textwrap.wrap(long, 56, subsequent_indent="    ") or [""]]
    return "\n".join(re.sub(r"^([ -]*[a-z]+:)", r"<b>\1</b>", html.escape(line, quote=False)) for line in lines[:34])


def _entry() -> str:
    feed = feedparser.parse(ROOT.joinpath("outputs/feed/feed.xml").read_bytes())
    entry = next(entry for entry in feed.entries if SLUG in entry.link)
    title, name = html.escape(entry.title), html.escape(feed.feed.title)
    return f'<div class="entry"><h3>{title}</h3><small>{name} · {entry.published[:16]}</small></div>'


if __name__ == "__main__":
    main()
