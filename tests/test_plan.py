"""What a build is going to make, and why."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import ARTICLE, NOW, Workshop

from pressrun.build import Scope, build, explained, planned

_ALONE = Scope(("web", "newsletter"))


@pytest.fixture
def desk(workshop: Workshop) -> Workshop:
    """Two articles that share a category, built, with templates of their own."""
    (workshop.root / "templates").unlink()
    shutil.copytree(Path(__file__).parent.parent / "templates", workshop.root / "templates")
    for slug, title in (("sleep", "Sleep"), ("dreams", "Dreams")):
        workshop.article(slug, title=title, summary=f"About {slug}.", category="Night", channels="{handout: false}")
    workshop.build()
    return workshop


def _plan(desk: Workshop, scope: Scope = _ALONE) -> dict[str, str]:
    return dict(planned(desk.desk, NOW, scope))


def test_nothing_is_to_be_made_after_a_build_not_even_for_a_comment_or_a_touch(desk: Workshop) -> None:
    path = desk.root / "content/articles/sleep.yaml"
    path.write_text(f"# a comment\n{path.read_text()}")

    plan = _plan(desk)

    assert set(plan) == {".pressrun/articles/sleep.yaml"}  # the text that is kept as its author typed it


def test_another_word_of_a_text_makes_what_holds_it(desk: Workshop) -> None:
    desk.article("sleep", ARTICLE.replace("A first", "Another"), title="Sleep", summary="About sleep.",
                 category="Night", channels="{handout: false}")  # fmt: skip

    plan = _plan(desk)

    assert plan.pop(".pressrun/articles/sleep.yaml")
    assert {path: why for path, why in plan.items() if "sleep" not in path} == {}
    assert set(plan.values()) == {"changed: text of sleep"}


def test_another_title_also_makes_lists_and_neighbours(desk: Workshop) -> None:
    desk.article("sleep", title="Rest", summary="About sleep.", category="Night", channels="{handout: false}")

    plan = _plan(desk)

    assert plan["web/dreams/index.html"] == "changed: neighbours"
    assert plan["web/archive/a-z/index.html"] == "changed: articles"
    assert "newsletter/dreams.eml" not in plan


@pytest.mark.parametrize(
    ("path", "old", "new", "why"),
    [
        ("content/site.yaml", "Example Health", "Another Name", "site"),
        ("templates/web/base.html", "<body>", "<body >", "templates"),
        ("templates/tokens.yaml", "#52606a", "#52606b", "templates"),
    ],
)
def test_what_all_pages_are_made_from_makes_all_pages(desk: Workshop, path: str, old: str, new: str, why: str) -> None:
    file = desk.root / path
    file.write_text(file.read_text().replace(old, new))

    plan = _plan(desk)

    pages = [page for page in desk.tree() if page.startswith("web/") and page.endswith("index.html")]
    mine = [page for page in pages if not page.startswith("web/newsletter/")]
    assert all(why in plan[page] for page in mine)
    assert ("newsletter/sleep.eml" in plan) == (path != "templates/web/base.html")


def test_what_somebody_changed_or_removed_is_made_again(desk: Workshop) -> None:
    (desk.root / "outputs/web/sleep/index.html").write_text("mine")
    (desk.root / "outputs/newsletter/dreams.txt").unlink()

    assert _plan(desk) == {
        "web/sleep/index.html": "it was changed by hand",
        "newsletter/dreams.txt": "it is not there",
        "index.html": "changed: outputs",  # which leads to no file that is not there
    }
    desk.build()
    assert _plan(desk) == {}


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("web/year.html", {"web/archive/2025/index.html"}),
        ("web/a-z.html", {"web/archive/a-z/index.html"}),
        ("web/handouts.html", {"web/sleep/index.html", "web/dreams/index.html"}),
        ("shared/blocks/text.html", {"web/sleep/index.html", "newsletter/dreams.eml", "feed/feed.xml"}),
        ("feed/entry.html", {"feed/feed.xml", "feed/atom.xml", "feed/feed.json"}),
        ("feed/about.txt", {"feed/feed.xml"}),
    ],
)  # fmt: skip
def test_a_template_makes_what_it_is_part_of(desk: Workshop, template: str, made: set[str]) -> None:
    file = desk.root / "templates" / template
    every = Scope(("web", "newsletter", "feed"))
    build(desk.desk, NOW, every)
    file.write_text(file.read_text() + "{# Nobody sees this. #}")
    plan = _plan(desk, every)

    channels = {path.partition("/")[0] for path in made}
    assert made <= plan.keys()
    assert {path.partition("/")[0] for path in plan} - {".pressrun"} == channels
    if len(channels) == 1 and channels == {"web"}:
        assert set(plan) == made


def test_a_template_of_ones_own_comes_before_the_shared_one(desk: Workshop) -> None:
    own = desk.root / "templates/web/blocks/text.html"
    assert not own.exists()
    own.write_text((desk.root / "templates/shared/blocks/text.html").read_text())

    assert {"web/sleep/index.html", "web/dreams/index.html"} <= _plan(desk).keys()
    assert "web/archive/index.html" not in _plan(desk)


def test_a_template_named_while_it_is_filled_counts(desk: Workshop) -> None:
    page = desk.root / "templates/web/a-z.html"
    page.write_text(page.read_text() + '{% set name = "oddly" %}{% include name ~ ".html" ignore missing %}')
    build(desk.desk, NOW, _ALONE)
    assert _plan(desk) == {}
    (desk.root / "templates/web/oddly.html").write_text("Odd.")

    assert _plan(desk).keys() == {"web/archive/a-z/index.html"}


def test_force_makes_everything_and_changes_nothing(desk: Workshop) -> None:
    before = desk.tree()
    forced = Scope(_ALONE.only, anew=True)

    assert len(_plan(desk, forced)) > len(before) // 2
    assert build(desk.desk, NOW, forced).written == ()
    assert desk.tree() == before


def test_an_output_tells_what_it_is_made_from(desk: Workshop) -> None:
    found = explained(desk.desk, NOW, "outputs/web/sleep/index.html")

    assert {"program", "templates", "site", "text of sleep", "links of sleep", "neighbours"} <= found.keys()
    with pytest.raises(ValueError, match=r"There is no output 'web/slep/index.html'\. Did you mean"):
        explained(desk.desk, NOW, "web/slep/index.html")
