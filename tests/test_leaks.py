"""What is not published, or not any more, is said nowhere; and where it is said, that is found."""

from __future__ import annotations

import gzip
import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from conftest import NOW, ROOT, SITE, Workshop
from PIL import Image, PngImagePlugin

from pressrun.proof.leaks import leaks

#: before and after ten of the articles are taken away again
EARLY, LATE = datetime(2025, 4, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)
KINDS = {
    "draft": {"draft": "true"},
    "scheduled": {"date": "2025-12-24"},
    "expired": {"expires": "2025-05-01"},
    "withdrawn": {"withdrawn": "{date: 2025-05-02, reason: It was not right.}"},
}
#: one for each article, in its summary, its body and its alt text; and one for its title
SECRETS = [
    "anemone", "begonia", "crocus", "dahlia", "edelweiss", "foxglove", "gentian", "heather",
    "iris", "jasmine", "lavender", "marigold", "narcissus", "orchid", "peony", "quince",
    "rosemary", "snowdrop", "tulip", "verbena"
]  # fmt: skip
TITLES = [
    "amber", "basalt", "chalk", "diamond", "emerald", "flint", "granite", "hematite",
    "ivory", "jasper", "limestone", "marble", "nickel", "opal", "pearl", "quartz", "ruby",
    "sapphire", "topaz", "zircon"
]  # fmt: skip
ARTICLE = """\
title: On {title} and Paths
summary: How {secret} grows beside a path, in a few words.
authors: [The Team]
date: 2025-03-14
category: Gardens
aliases: [old-{slug}]
image: {{src: red.png, alt: A bed of {secret}, caption: Rows of {secret} in a bed}}
sources: [{{title: The {secret} handbook}}]
channels: {{newsletter: {{preheader: News of {secret}}}{more}}}
body: |
  Water the {secret} in the evening.

  ## Beds of {secret}

  - A row of {secret}
"""
_LIVE = """\
title: A Walk in the Park
summary: Where the paths lead and where the benches stand.
authors: [The Team]
date: 2025-03-14
category: Gardens
body: |
  The paths lead round the pond. [Later](a-draft-0) there will be more.
"""


def test_an_archive_for_staff_that_is_outdated_is_a_warning_with_a_way_out(workshop: Workshop) -> None:
    text = _LIVE.replace("The paths", "The anemones").replace("[Later](a-draft-0)", "Later")
    workshop.article("nap", text)
    archive = workshop.root / "outputs/bundle/2025-05-01.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("newsletter/nap.txt", "With anemones.")
    assert list(leaks(workshop.desk, NOW)) == []
    workshop.article("nap", text, draft="true")
    (found,) = leaks(workshop.desk, NOW)
    assert found.severity == "warn"
    assert str(found).endswith("Delete that archive, and pack another: ./inv publish.bundle")
    (workshop.root / "outputs/copy.txt").write_text("With anemones.")
    assert [leak.severity for leak in leaks(workshop.desk, NOW)] == ["warn", "error"]


def _slug(number: int) -> tuple[str, str]:
    """The name of one of the twenty, and its kind."""
    kind = list(KINDS)[number // 5]
    return f"a-{kind}-{number % 5}", kind


def _write(made: Workshop) -> None:
    made.write("content/site.yaml", SITE + "editions: [a4]\nsearch: true\n")
    stream = io.BytesIO()
    Image.new("RGB", (320, 180), "#cc3311").save(stream, "PNG")
    made.write("content/images/red.png", stream.getvalue())
    made.article("a-walk", _LIVE)
    for number, (secret, title) in enumerate(zip(SECRETS, TITLES, strict=True)):
        slug, kind = _slug(number)
        more = "" if number % 5 == 0 else ", handout: false"  # one of each kind is enough on paper
        text = ARTICLE.format(secret=secret, title=title.capitalize(), slug=slug, more=more)
        made.article(slug, text, **KINDS[kind])


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Built at an early clock and then, in the same folder, at a late one."""
    made = Workshop(tmp_path_factory.mktemp("park"))
    (made.root / "templates").symlink_to(ROOT / "templates")
    _write(made)
    early = made.build(EARLY, only=())
    assert early.faults == ()
    shutil.copytree(made.root / "outputs", made.root / "early")
    assert made.build(LATE, only=()).faults == ()
    return made


def _said(path: Path) -> str:
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return data.decode("utf-8", "ignore").lower()


def _naively(folder: Path, words: list[str]) -> set[tuple[str, str]]:
    """Files and words, found without the code that is tested here; not in what is compressed otherwise."""
    found = set()
    for path in (path for path in sorted(folder.rglob("*")) if path.is_file() and ".pressrun" not in path.parts):
        text = _said(path)
        found |= {(path.relative_to(folder).as_posix(), word) for word in words if word in text}
    return found


def test_twenty_unpublished_articles_leak_no_word(park: Workshop) -> None:
    assert list(leaks(park.desk, LATE)) == []
    assert _naively(park.root / "outputs", SECRETS) == set()
    #: staff are told what was left out; readers, that what they look for was taken away
    held = _naively(park.root / "outputs", TITLES[:10])
    assert {name for name, _ in held} == {"index.html"}


def test_drafts_and_scheduled_articles_leak_no_word_while_the_others_are_out(park: Workshop, tmp_path: Path) -> None:
    for folder in ("content", "templates"):
        (tmp_path / folder).symlink_to(park.root / folder)
    (tmp_path / "outputs").symlink_to(park.root / "early")

    assert list(leaks(Workshop(tmp_path).desk, EARLY)) == []
    assert _naively(park.root / "early", SECRETS[:10]) == set()
    # The others are really there, so a word of theirs would be found.
    assert {word for _, word in _naively(park.root / "early", SECRETS[10:])} == set(SECRETS[10:])


def test_what_is_left_of_an_earlier_build_is_found(park: Workshop, tmp_path: Path) -> None:
    for folder in ("content", "templates"):
        (tmp_path / folder).symlink_to(park.root / folder)
    (tmp_path / "outputs").symlink_to(park.root / "early")

    found = list(leaks(Workshop(tmp_path).desk, LATE))

    assert {leak.article for leak in found} == {_slug(number)[0] for number in range(10, 20)}
    assert {leak.state for leak in found} == {"expired", "withdrawn"}


# ---- a leak in every kind of output

SECRET = SECRETS[0]


def _append(text: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return change


def _mail(path: Path) -> None:
    path.write_bytes(
        path.read_bytes().replace(b"The paths lead", f"The {SECRET[:4]}=\r\n{SECRET[4:]} leads".encode(), 1)
    )


def _note_in_pdf(path: Path) -> None:
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.docinfo["/Subject"] = f"On {SECRET}"
        pdf.save(path)


def _note_in_png(path: Path) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", f"A bed of {SECRET}", zip=True)
    with Image.open(path) as picture:
        picture.load()
    picture.save(path, pnginfo=notes)


def _fragment(path: Path) -> None:
    begun = b'"content":"'
    packed = gzip.decompress(path.read_bytes())
    assert begun in packed
    path.write_bytes(gzip.compress(packed.replace(begun, begun + f"The {SECRET} ".encode())))


def _index(path: Path) -> None:
    stem = SECRET[:-1].encode()
    packed = bytes([0x83, 0x60 + len(stem)]) + stem + bytes([0x80, 0x80])
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + packed))


def _copied(path: Path) -> None:
    shutil.copy(path, path.with_name("card-a-draft-0.0123abcd.png"))


LEAKS = {
    "web/a-walk/index.html": _append(f"<p>{SECRET}</p>"),
    "web/404.html": _append(f'<p title="{SECRET}">'),
    "web/index.html": _append(f"<!-- {SECRET} -->"),
    "web/archive/index.html": _append("<p>&#97;nemone</p>"),
    "web/category/gardens/index.html": _append(f"<p>{SECRET.upper()}"),
    "web/sitemap.xml": _append(f"<!-- https://www.example.org/{SECRET}/ -->"),
    "web/robots.txt": _append(f"Disallow: /{SECRET}/\n"),
    "web/_redirects": _append("/old-a-draft-0/ /a-draft-0/ 301\n"),
    "web/_headers": _append(f"# {SECRET}\n"),
    "web/old-a-expired-0/index.html": _append(f"<p>{SECRET}</p>"),
    "web/a-withdrawn-0/index.html": _append("<p>Water the quince in the evening.</p>"),
    "web/assets/style.*.css": _append("/* How anemone grows beside */"),
    "web/assets/card-a-walk.*.png": _copied,
    "web/assets/icon-180.*.png": _note_in_png,
    "web/pagefind/fragment/*.pf_fragment": _fragment,
    "web/pagefind/index/*.pf_index": _index,
    "web/newsletter/a-walk/index.html": _append(f"<p>{SECRET}</p>"),
    "feed/feed.xml": _append("<!-- &amp;#97;nemone -->"),
    "feed/atom.xml": _append(f"<!-- {SECRET} -->"),
    "feed/feed.json": _append("\\u0061nemone"),
    "feed/category/gardens/feed.json": _append(SECRET),
    "handout/a-walk-a4.pdf": _note_in_pdf,
    "handout/thumbnails/a-walk-a4.png": _note_in_png,
    "newsletter/a-walk.eml": _mail,
    "newsletter/a-walk.txt": _append(SECRET),
    "newsletter/a-walk-copy.html": _append(SECRET),
    "server/nginx.conf": _append(f"# {SECRET}\n"),
    "server/s3-redirects.json": _append(f'"{SECRET}"'),
    "index.html": _append(f"<p>How {SECRET} grows</p>"),
}


@pytest.fixture
def opened(park: Workshop, tmp_path: Path) -> Iterator[Workshop]:
    """The outputs of the late clock, put right again afterwards."""
    shutil.copytree(park.root / "outputs", tmp_path / "kept")
    yield park
    shutil.rmtree(park.root / "outputs")
    shutil.move(tmp_path / "kept", park.root / "outputs")


@pytest.mark.parametrize("pattern", LEAKS)
def test_a_leak_is_found_in_every_kind_of_output(opened: Workshop, pattern: str) -> None:
    path = min((opened.root / "outputs").glob(pattern))
    data = path.read_bytes()
    path.unlink()  # or the same file elsewhere would change too
    path.write_bytes(data)
    before = {found.name for found in path.parent.iterdir()}
    LEAKS[pattern](path)

    found = list(leaks(opened.desk, LATE))

    changed = {one.name for one in path.parent.iterdir()} - before or {path.name}
    assert {Path(leak.file).name for leak in found} == changed
    assert {leak.article for leak in found} <= {"a-draft-0", "a-withdrawn-0"}, found


# ---- what else is not published as it stands


def test_issues_that_wait_and_articles_at_fault_leak_no_word(workshop: Workshop) -> None:
    live = _LIVE.replace(" [Later](a-draft-0)", " Later")
    workshop.article("a-walk", live)
    workshop.article("a-pond", live, title="A Pond")
    workshop.build(NOW)
    workshop.article("a-walk", live.replace("round the pond", "to the gazebo").replace("authors", "autors"))
    workshop.article("never-sound", live.replace("date", "dat"), title="Pergola")
    issue = (
        "subject: {0} news\npreheader: About a {0}\ndate: {1}\narticles: [a-pond]\nintro: |\n  Our {0} is here.\n{2}"
    )
    for name, word, date, more in (
        ("out", "rockery", "2025-01-01", ""), ("waits", "trellis", "2099-01-01", ""),
        ("unready", "arbour", "2025-01-01", "draft: true\n"),
    ):  # fmt: skip
        workshop.write(f"content/newsletters/{name}.yaml", issue.format(word, date, more))
    result = workshop.build(NOW)
    assert {Path(fault.place.path).stem for fault in result.faults} == {"a-walk", "never-sound"}

    assert list(leaks(workshop.desk, NOW)) == []

    page = workshop.root / "outputs/web/index.html"
    for word, slug, state in (
        ("gazebo", "a-walk", "faulty"), ("pergola", "never-sound", "faulty"),
        ("trellis", "waits", "scheduled"), ("arbour", "unready", "draft"),
    ):  # fmt: skip
        before = page.read_text(encoding="utf-8")
        page.unlink()
        page.write_text(before.replace("</body>", f"<p>{word}</p></body>"), encoding="utf-8")
        (leak,) = leaks(workshop.desk, NOW)
        assert (leak.file, leak.article, leak.state, leak.words) == ("outputs/web/index.html", slug, state, word)
        page.write_text(before, encoding="utf-8")
    for name, found in (("newsletter/unready.eml", "unready"), ("web/never-sound/index.html", "never-sound")):
        workshop.write(f"outputs/{name}", "Nothing")
        assert [leak.article for leak in leaks(workshop.desk, NOW)] == [found]
        (workshop.root / "outputs" / name).unlink()
