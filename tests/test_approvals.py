"""Approval by hash: which changes void it, what readers get meanwhile, and who may approve."""

from __future__ import annotations

import io
import subprocess
from datetime import timedelta

import pytest
from conftest import ARTICLE, NOW, SITE, Workshop
from PIL import Image

from pressrun import approvals, build, imprint
from pressrun.channels import handout
from pressrun.content import Content
from pressrun.model import Article, states
from pressrun.proof.leaks import leaks
from pressrun.publishing import approving

REQUIRED = SITE + "editions: [a4]\napproval: required\neditors: [Red Pen, {name: Blue Pen, email: blue@example.org}]\n"
FOUR_EYES = REQUIRED + "four_eyes: true\n"
LONG = """\
title: Sleep and You
summary: What helps when sleep does not come.
authors: [The Team, {name: Red Pen, role: reader}]
date: 2025-03-14
category: Nights
tags: [rest]
image: {src: dot.png, alt: A dark room, caption: A caption}
sources: [{title: A book}]
corrections: [{date: 2025-04-01, text: A number was wrong.}]
review: {by: A Reader, on: 2025-01-01, next: 2026-01-01}
channels: {newsletter: {subject: Sleep}, handout: {editions: [a4]}}
body:
  - A first paragraph with *emphasis*, [a link](https://example.com/) and [a name][there].
  - {text: For the web., only: web}
  - heading: A heading
  - figure: {src: dot.png, alt: A dot}
"""
VOID = {
    "a word": ("first paragraph", "First paragraph"),
    "a word of the title": ("Sleep and You", "Sleep and Us"),
    "an author": ("The Team", "A Team"),
    "an author's role": ("role: reader", "role: writer"),
    "who checked it": ("A Reader", "Another"),
    "what a picture shows": ("alt: A dot", "alt: A spot"),
    "an address": ("example.com/)", "example.com/x)"),
    "a correction": ("A number was", "A figure was"),
    "a category": ("Nights", "Days"),
    "a tag": ("[rest]", "[rest, night]"),
    "a subject of the newsletter": ("subject: Sleep", "subject: Rest"),
    "an edition": ("[a4]", "[a4, letter]"),
    "a channel": ("channels: {", "channels: {feed: false, "),
    "for whom a passage is": ("only: web", "only: handout"),
    "helplines": ("date: 2025-03-14", "helplines: []\ndate: 2025-03-14"),
    "a language": ("date: 2025-03-14", "language: en-GB\ndate: 2025-03-14"),
    "a withdrawal": ("date: 2025-03-14", "withdrawn: {date: 2025-05-01, reason: Why.}\ndate: 2025-03-14"),
}
KEPT = {
    "a comment": ("date: 2025-03-14", "# a comment\ndate: 2025-03-14"),
    "the date of publication": ("date: 2025-03-14", "date: 2025-03-15"),
    "a date of update": ("date: 2025-03-14", "updated: 2025-05-01\ndate: 2025-03-14"),
    "a date of expiry": ("date: 2025-03-14", "expires: 2026-05-01\ndate: 2025-03-14"),
    "when it is checked again": ("next: 2026-01-01", "next: 2027-01-01"),
    "a revision": ("date: 2025-03-14", "revision: 2\ndate: 2025-03-14"),
    "an address of its own": ("date: 2025-03-14", "slug: rest\naliases: [sleep]\ndate: 2025-03-14"),
    "an anchor": ("heading: A heading", "heading: A heading\n    id: there"),
    "quotes": ("title: Sleep and You", 'title: "Sleep and You"'),
}


def _picture(workshop: Workshop, colour: str = "#cc3311") -> None:
    stream = io.BytesIO()
    Image.new("RGB", (64, 36), colour).save(stream, "PNG")
    workshop.write("content/images/dot.png", stream.getvalue())


@pytest.fixture
def reviewed(workshop: Workshop) -> Workshop:
    """A desk where approval is required, with an article that is approved."""
    workshop.write("content/site.yaml", REQUIRED + "links: {there: https://example.net/}\n")
    _picture(workshop)
    workshop.article("sleep", LONG)
    approving.approve(workshop.desk, build.read(workshop.desk, NOW), ["sleep"], "Red Pen")
    return workshop


def _read(workshop: Workshop) -> Content:
    return build.read(workshop.desk, NOW)


def _state(workshop: Workshop, slug: str = "sleep") -> str:
    found = _read(workshop)
    assert found.faults == ()
    piece = approving.text(found, slug)
    assert isinstance(piece, Article)
    return found.publication.state(piece)


def _change(workshop: Workshop, change: tuple[str, str]) -> None:
    assert LONG.count(change[0]) == 1 or change[0] in ("A Reader", "Sleep and You", "Red Pen")
    workshop.article("sleep", LONG.replace(*change, 1))


# ---- what voids


@pytest.mark.parametrize("name", VOID)
def test_what_readers_of_any_channel_get_voids_it_and_taking_it_back_restores_it(reviewed: Workshop, name: str) -> None:
    _change(reviewed, VOID[name])
    changed = _read(reviewed)
    assert set(changed.publication.waiting) == {"sleep"}
    assert [piece.id for piece in approving.unapproved(changed)] == ["sleep"]
    assert list(approving.changes(reviewed.desk, changed, approving.text(changed, "sleep")))

    reviewed.article("sleep", LONG)

    assert not approving.unapproved(_read(reviewed))
    assert _state(reviewed) == states.LIVE


@pytest.mark.parametrize("name", KEPT)
def test_what_they_do_not_get_or_what_only_says_when_keeps_it(reviewed: Workshop, name: str) -> None:
    old, new = KEPT[name]
    reviewed.article("sleep", LONG.replace(old, new, 1))

    found = _read(reviewed)

    assert found.faults == ()
    assert not found.publication.waiting
    assert len(found.publication.articles) == 1


def test_templates_and_what_site_yaml_lends_keep_it(reviewed: Workshop) -> None:
    site = reviewed.root / "content/site.yaml"
    site.write_text(
        site.read_text().replace("example.net/", "example.net/moved").replace("24 hours", "always").replace(
            "default_helplines: [988 Suicide & Crisis Lifeline]", "default_helplines: []")
    )  # fmt: skip
    (reviewed.root / "templates").unlink()
    (reviewed.root / "templates").mkdir()

    assert _state(reviewed) == states.LIVE


def test_a_hash_stays_what_it_is(reviewed: Workshop) -> None:
    """Approvals lie in repositories: a change of the model must not void them."""
    found = _read(reviewed)
    article = found.publication.articles[0]

    assert found.texts.hash(article) == "679ca3cb050fe8d43a9834b0b42f0ec01c74d44bd74669cc71a8bc539876182f"
    assert imprint.content_hash(article, found.publication.site, {}) != found.texts.hash(article)


def test_a_translation_voids_its_own_language_alone(reviewed: Workshop) -> None:
    reviewed.article("sueno", LONG, language="es", translation_of="sleep", title="Dormir", summary="Ayuda.")
    approving.approve(reviewed.desk, build.read(reviewed.desk, NOW), ["sueno"], "Red Pen")
    assert _state(reviewed, "sueno") == states.LIVE

    reviewed.article("sueno", LONG, language="es", translation_of="sleep", title="Dormir bien", summary="Ayuda.")
    assert set(_read(reviewed).publication.waiting) == {"sueno"}

    reviewed.article("sueno", LONG, language="es", translation_of="sleep", title="Dormir", summary="Ayuda.")
    _change(reviewed, VOID["a word"])
    assert set(_read(reviewed).publication.waiting) == {"sleep"}


# ---- what readers get


def test_what_was_never_approved_is_in_nothing_but_previews(workshop: Workshop) -> None:
    workshop.write("content/site.yaml", REQUIRED)
    workshop.article("other", ARTICLE, title="Another", summary="It stands.")
    approving.approve(workshop.desk, build.read(workshop.desk, NOW), ["other"], "Red Pen")
    workshop.article("sleep", ARTICLE.replace("A first paragraph.", "Quokkas asleep."), title="Wombats", summary="Hm.")

    result = workshop.build(only=())

    assert result.faults == ()
    assert "Left out: sleep (in review: nobody has approved its text)" in build.report(result).notes
    tree = workshop.tree()
    assert [name for name in tree if "sleep" in name] == []
    assert [name for name, data in tree.items() if b"Quokka" in data] == []
    assert [name for name, data in tree.items() if b"Wombats" in data] == ["index.html"]
    assert "in review: appears when somebody has approved it" in workshop.read("index.html")
    assert list(leaks(workshop.desk, NOW)) == []

    approving.approve(workshop.desk, build.read(workshop.desk, NOW), ["sleep"], "Red Pen")
    workshop.build(only=())
    assert "Quokkas asleep." in workshop.read("web/sleep/index.html")


def test_readers_get_the_last_approved_text_in_every_channel_until_the_new_one_is_approved(reviewed: Workshop) -> None:
    reviewed.build(only=())
    before = reviewed.tree()
    _picture(reviewed, "#0000ff")
    reviewed.article("sleep", LONG.replace("A first paragraph", "Quokkas").replace("A dot", "A quokka"))

    result = reviewed.build(only=())

    assert result.faults == ()
    assert "As it was approved last: sleep (its newer text is in review)" in build.report(result).notes
    after = reviewed.tree()
    told = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert told == {"index.html"}  # where staff are told that something waits
    assert "a newer text is in review" in reviewed.read("index.html")
    assert list(leaks(reviewed.desk, NOW)) == []
    assert reviewed.build(only=()).written == ()

    approving.approve(reviewed.desk, build.read(reviewed.desk, NOW), ["sleep"], "Red Pen")
    reviewed.build(only=())
    assert "Quokkas" in reviewed.read("web/sleep/index.html")
    assert not {name for name in reviewed.tree() if "/dot." in name} & before.keys()


def test_a_new_text_that_leaks_is_found(reviewed: Workshop) -> None:
    reviewed.build()
    reviewed.article("sleep", LONG.replace("A first paragraph", "Quokkas"))
    reviewed.build()
    page = reviewed.root / "outputs/web/sleep/index.html"
    page.write_text(page.read_text().replace("</main>", "Quokkas</main>"))

    (leak,) = leaks(reviewed.desk, NOW)

    assert (leak.file, leak.state, leak.words) == ("outputs/web/sleep/index.html", states.IN_REVIEW, "quokkas")


def test_what_says_when_is_of_today_while_the_words_are_of_before(reviewed: Workshop) -> None:
    """A draft, a later date and an expiry need nobody's approval: they only take back."""
    changed = LONG.replace("first paragraph", "First paragraph")
    for keys, state in (
        ({"draft": "true"}, states.DRAFT),
        ({"date": "2025-09-01"}, states.SCHEDULED),
        ({"expires": "2025-05-01"}, states.EXPIRED),
    ):
        reviewed.article("sleep", changed, **keys)
        found = _read(reviewed).publication
        (article,) = (*found.articles, *found.held)
        assert found.state(article) == state


def test_a_renamed_file_keeps_its_approved_text(reviewed: Workshop) -> None:
    (reviewed.root / "content/articles/sleep.yaml").unlink()
    reviewed.article("rest", LONG.replace("first paragraph", "First paragraph"), aliases="[sleep]")

    (article,) = _read(reviewed).publication.articles

    assert (article.slug, article.id, article.aliases) == ("rest", "sleep", ("sleep",))
    assert "first paragraph" in article.typed


def test_a_faulty_file_does_not_bring_its_unapproved_text(reviewed: Workshop) -> None:
    reviewed.build()
    reviewed.article("sleep", LONG.replace("A first paragraph", "Quokkas"))
    reviewed.build()  # which keeps the new text as the last sound one
    reviewed.article("sleep", LONG.replace("A first paragraph", "Quokkas") + "nonsense: 1\n")

    result = reviewed.build()

    assert len(result.faults) == 1
    assert "A first paragraph" in reviewed.read("web/sleep/index.html")
    assert "Quokkas" not in reviewed.read("web/sleep/index.html")


def test_the_code_on_paper_is_that_of_the_approved_text(reviewed: Workshop) -> None:
    def code() -> str:
        (article,) = _read(reviewed).publication.live(handout.NAME)
        return imprint.code(article)

    before = code()
    _picture(reviewed, "#0000ff")
    reviewed.article("sleep", LONG.replace("first paragraph", "First paragraph"))
    assert code() == before


def test_a_newsletter_with_words_of_its_own_waits_for_approval_too(reviewed: Workshop) -> None:
    issue = "subject: News\ndate: 2025-05-01\nintro: Good day.\narticles: [sleep]\nlist: all\n"
    reviewed.write("content/newsletters/may.yaml", issue)
    assert [one.name for one in _read(reviewed).publication.held_issues] == ["may"]

    approving.approve(reviewed.desk, build.read(reviewed.desk, NOW), ["may"], "Red Pen")
    assert [one.name for one in _read(reviewed).publication.issues] == ["may"]

    reviewed.write("content/newsletters/may.yaml", issue.replace("Good day", "Good night"))
    found = _read(reviewed)
    assert [one.id for one in approving.unapproved(found)] == ["may"]
    (line,) = approving.changes(reviewed.desk, found, approving.text(found, "may"))
    assert line == "   3  intro: Good [-day.-]{+night.+}"


def test_without_approval_required_nothing_waits(workshop: Workshop) -> None:
    workshop.article("sleep")
    workshop.write("content/approvals.yaml", "nonsense")

    found = _read(workshop)

    assert (found.faults, found.publication.approved, dict(found.publication.waiting)) == ((), None, {})
    assert len(found.publication.articles) == 1


# ---- the file


def test_the_file_is_for_people_and_is_only_added_to(reviewed: Workshop) -> None:
    path = reviewed.root / "content/approvals.yaml"
    first = path.read_bytes()
    _change(reviewed, VOID["a word"])
    approving.approve(reviewed.desk, build.read(reviewed.desk, NOW + timedelta(days=1)), ["sleep"], "Red Pen")

    second = path.read_bytes()
    approving.approve(reviewed.desk, build.read(reviewed.desk, NOW + timedelta(days=2)), ["sleep"], "Red Pen")

    assert second.startswith(first)
    assert path.read_bytes() == second, "the same text by the same editor is told once"
    known, faults = approvals.read(reviewed.desk.content, build.read_site(reviewed.desk).time_zone)
    assert not faults
    assert [(one.id, one.by, one.on) for one in known] == [
        ("sleep", "Red Pen", NOW), ("sleep", "Red Pen", NOW + timedelta(days=1)),
    ]  # fmt: skip
    assert set(known[0].pictures) == {"dot.png"}
    lines = first.decode().splitlines()
    assert lines[1:5] == [
        "- id: sleep",
        f"  hash: {known[0].hash}",
        '  by: "Red Pen"',
        "  on: 2025-06-01T12:00:00+00:00",
    ]


#: what is written in place of what, and the fault
FAULTS = {
    "no list": ("- id: sleep\n", "first:\n- id: sleep\n", "2:1: A list of approvals belongs here."),
    "a hash that is none": ("hash: ", "hash: x", "3:9: 'x"),
    "nobody": ("  by:", "  bye:", "4:3: An approval has no key 'bye'"),
    "no day": ("on: 2025-06-01", "on: 2025-13-01", "5:7: The calendar has no 2025-13-01"),
    "a merge": ("- id:", "<<<<<<< mine\n- id:", "3:5: "),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_damaged_file_is_a_fault_at_its_place_and_outputs_stay(reviewed: Workshop, name: str) -> None:
    reviewed.build()
    old, new, said = FAULTS[name]
    path = reviewed.root / "content/approvals.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))

    result = reviewed.build()

    assert any(str(fault).startswith(f"content/approvals.yaml:{said}") for fault in result.faults), list(
        map(str, result.faults)
    )
    assert "first paragraph" in reviewed.read("web/sleep/index.html")


@pytest.mark.parametrize("how", ["lost", "another", "its picture"])
def test_an_approved_text_that_is_lost_or_was_changed_is_a_fault_and_stands_for_nothing(
    reviewed: Workshop, how: str
) -> None:
    reviewed.build()
    kept = reviewed.root / "content/records/approved"
    (text,), (picture,) = kept.glob("*.yaml"), [path for path in kept.iterdir() if not path.suffix]
    if how == "its picture":
        picture.unlink()
        _picture(reviewed, "#0000ff")
    elif how == "lost":
        text.unlink()
    else:
        text.write_text(text.read_text().replace("first", "forged"))
    reviewed.article("sleep", LONG.replace("first paragraph", "First paragraph"))

    result = reviewed.build()

    (fault,) = result.faults
    assert str(fault).startswith("content/approvals.yaml:2:3: The text of 'sleep' that this approves is lost. ")
    assert "first paragraph" in reviewed.read("web/sleep/index.html")
    assert "forged" not in reviewed.read("web/sleep/index.html")
    assert "./inv publish.approve sleep --as NAME" in str(fault)
    approving.approve(reviewed.desk, build.read(reviewed.desk, NOW), ["sleep"], "Red Pen")
    assert reviewed.build().faults == ()
    assert "First paragraph" in reviewed.read("web/sleep/index.html")


# ---- who may


def test_only_editors_approve_and_nobody_their_own(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.article("sleep", LONG.replace("[a name][there]", "a name"))
    _picture(workshop)
    monkeypatch.setattr(approving, "git_author", lambda _: "Somebody <red@example.org>")

    def refused(site: str, editor: str) -> str:
        workshop.write("content/site.yaml", site)
        with pytest.raises(ValueError, match=r".") as error:
            approving.approve(workshop.desk, build.read(workshop.desk, NOW), ["sleep"], editor)
        return str(error.value)

    assert refused(SITE, "Red Pen").startswith("site.yaml names nobody who may approve.")
    assert refused(REQUIRED, "Red Pan") == "'Red Pan' is not among the editors of site.yaml. Did you mean 'Red Pen'?"
    assert "git takes you for Somebody <red@example.org>" in refused(REQUIRED, "Blue Pen")
    assert "Red Pen is among its authors" in refused(FOUR_EYES, "Red Pen")
    assert not (workshop.root / "content/approvals.yaml").exists()
    monkeypatch.setattr(approving, "git_author", lambda _: "red pen <blue@example.org>")
    assert "among its authors" in refused(FOUR_EYES, "Blue Pen"), "an author under another name"
    monkeypatch.setattr(approving, "git_author", lambda _: "B. Pen <BLUE@example.org>")
    (approval,) = approving.approve(workshop.desk, build.read(workshop.desk, NOW), ["sleep"], "Blue Pen")
    assert (approval.by, approval.git) == ("Blue Pen", "B. Pen <BLUE@example.org>")


def test_several_are_approved_at_once_or_none(reviewed: Workshop) -> None:
    for slug in ("walk", "tea"):
        reviewed.article(slug, title=slug.capitalize())
    found = _read(reviewed)
    assert sorted(approving.names(found, "", every=True)) == ["tea", "walk"]
    assert approving.names(found, "tea, walk") == ["tea", "walk"]
    with pytest.raises(ValueError, match=r"Approve what[?] Write slugs behind the task, or --all\. These wait: "):
        approving.names(found, "")
    before = (reviewed.root / "content/approvals.yaml").read_bytes()
    with pytest.raises(ValueError, match="There is no article 'teas'"):
        approving.approve(reviewed.desk, found, ["walk", "teas"], "Red Pen")
    assert (reviewed.root / "content/approvals.yaml").read_bytes() == before

    given = approving.approve(reviewed.desk, found, ["walk", "tea"], "Red Pen")

    assert [one.by for one in given] == ["Red Pen", "Red Pen"]
    assert {_state(reviewed, slug) for slug in ("sleep", "walk", "tea")} == {"live"}
    with pytest.raises(ValueError, match="Nothing waits to be approved"):
        approving.names(_read(reviewed), "", every=True)


def test_the_author_is_the_one_that_git_knows(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"NAME": "A Pen", "EMAIL": "pen@example.org"}.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{name}", value)
    subprocess.run(["git", "init", "-q"], cwd=workshop.root, check=True)
    assert approving.git_author(workshop.desk) == "A Pen <pen@example.org>"
    monkeypatch.setenv("PATH", "")
    assert approving.git_author(workshop.desk) == ""


def test_what_has_faults_or_is_not_there_cannot_be_approved(reviewed: Workshop) -> None:
    reviewed.article("bad", LONG + "nonsense: 1\n")
    for slug, said in (("bad", "'bad' has faults"), ("slep", "Did you mean 'sleep'?")):
        with pytest.raises(ValueError, match=said.replace("?", r"\?")):
            approving.approve(reviewed.desk, build.read(reviewed.desk, NOW), [slug], "Red Pen")


def test_a_difference_shows_words_and_pictures(reviewed: Workshop) -> None:
    _picture(reviewed, "#0000ff")
    reviewed.article(
        "sleep", LONG.replace("What helps when sleep", "What may help if sleep").replace("  - heading: A heading\n", "")
    )
    found = _read(reviewed)

    lines = list(approving.changes(reviewed.desk, found, approving.text(found, "sleep")))

    assert lines == [
        "   2  summary: What [-helps-]{+may+} [-when-]{+help if+} sleep does not come.",
        "  15  [-  - heading: A heading-]",
        "The picture dot.png is another.",
    ]
