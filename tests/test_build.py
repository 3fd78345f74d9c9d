"""What a build makes, keeps, removes and says."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from conftest import ARTICLE, NOW, Workshop

from pressrun import disk, outputs
from pressrun.faults import Refused


def test_building_twice_gives_the_same_bytes_and_writes_nothing(published: Workshop) -> None:
    before = published.tree()

    result = published.build(only=())

    assert result.written == ()
    assert published.tree() == before


def test_a_clean_build_elsewhere_and_later_gives_the_same_bytes(published: Workshop, workshop: Workshop) -> None:
    """Neither the folder nor the clock shows in what is made; for handouts their own tests say so."""
    for path in (published.root / "content").rglob("*.yaml"):
        workshop.write(path.relative_to(published.root).as_posix(), path.read_bytes())

    workshop.build(NOW + timedelta(days=100))

    made = {path: data for path, data in workshop.tree().items() if not path.startswith(("handout/", "web/handout/"))}
    same = {path: data for path, data in published.tree().items() if path in made}
    overview = made.pop("index.html"), same.pop("index.html")
    assert all(overview)
    assert made == same


def test_everything_that_is_published_lies_under_web(published: Workshop) -> None:
    """Whoever uploads that one folder has published."""
    tree = published.tree()
    for path, data in tree.items():
        if path.startswith(("handout/", "feed/")) and not path.endswith(".png"):
            assert tree[f"web/{path}"] == data
    assert tree["web/newsletter/ketamine-withdrawal/index.html"] == tree["newsletter/ketamine-withdrawal.html"]


def test_a_faulty_article_keeps_its_last_good_outputs_and_holds_up_no_other(workshop: Workshop) -> None:
    workshop.article("good")
    bad = workshop.article("bad", title="Before")
    workshop.build(only=("web", "newsletter", "feed"))
    before = workshop.tree()
    bad.write_text(ARTICLE.replace("summary:", "sumary:"))
    workshop.article("good", title="After")

    workshop.build(only=("web", "newsletter", "feed"))
    result = workshop.build(only=("web", "newsletter", "feed"))

    after = workshop.tree()
    assert [fault.place.path for fault in result.faults] == ["content/articles/bad.yaml"] * 2
    assert after["web/bad/index.html"] == before["web/bad/index.html"]
    assert after["newsletter/bad.eml"] == before["newsletter/bad.eml"]
    assert b"After" in after["web/good/index.html"]
    assert b"Before" in after["feed/feed.xml"]


def test_an_article_that_was_never_sound_is_left_out(workshop: Workshop) -> None:
    workshop.article("good")
    workshop.write("content/articles/bad.yaml", "title: [")

    result = workshop.build()

    assert len(result.faults) == 1
    assert "web/good/index.html" in workshop.tree()
    assert not any("bad" in path for path in workshop.tree())


def test_a_sound_text_whose_picture_has_gone_keeps_its_outputs(workshop: Workshop) -> None:
    """The picture is remembered with the text, so page, index and picture stay, however many builds come."""
    picture = workshop.write("content/images/dot.png", _PNG)
    workshop.article("seen", image='{src: dot.png, alt: "A dot"}')
    workshop.build()
    before = workshop.tree()["web/seen/index.html"]
    picture.unlink()

    workshop.build()
    result = workshop.build()

    assert [str(fault).split(" ", 1)[1].splitlines()[0] for fault in result.faults] == [
        "There is no picture 'dot.png'. Put it at content/images/dot.png."
    ]
    assert workshop.tree()["web/seen/index.html"] == before
    assert "seen/index.html" in workshop.read("web/index.html")
    assert [path for path in workshop.tree() if path.startswith("web/assets/dot.")]


def test_a_deleted_article_takes_none_along_that_led_to_it(workshop: Workshop) -> None:
    workshop.article("stays", ARTICLE.replace("A first paragraph.", "Read [the other](goes)."))
    gone = workshop.article("goes")
    workshop.build()
    gone.unlink()

    workshop.build()
    result = workshop.build()

    assert [fault.place.path for fault in result.faults] == ["content/articles/stays.yaml"]
    assert "Read the other." in workshop.read("web/stays/index.html")
    assert "stays/index.html" in workshop.read("web/index.html")
    assert "web/goes/index.html" not in workshop.tree()


def test_a_faulty_article_does_not_come_back_where_another_has_taken_its_place(workshop: Workshop) -> None:
    old = workshop.article("one", title="Old")
    workshop.build()
    old.write_text("title: [")
    workshop.article("two", ARTICLE + "slug: one\n", title="New")

    workshop.build()

    assert "New" in workshop.read("web/one/index.html")


def test_a_deleted_article_takes_its_outputs_along(workshop: Workshop) -> None:
    workshop.article("stays")
    gone = workshop.article("goes")
    workshop.build()
    assert "web/goes/index.html" in workshop.tree()
    gone.unlink()

    workshop.build()

    assert not [path for path in workshop.tree() if "goes" in path]
    assert not (workshop.root / "outputs/web/goes").exists()


def test_files_that_no_build_made_are_never_removed(workshop: Workshop) -> None:
    workshop.article("one")
    workshop.build()
    mine = workshop.write("outputs/web/one/notes.txt", "mine")
    (workshop.root / "content/articles/one.yaml").unlink()

    workshop.build()

    assert mine.read_text() == "mine"
    assert outputs.clear(workshop.root / "outputs") > 0
    assert mine.read_text() == "mine"


def test_drafts_and_later_articles_are_left_out_by_name(workshop: Workshop) -> None:
    workshop.article("now")
    workshop.article("later", date="2025-07-01")
    workshop.article("never", draft="true")

    result = workshop.build()

    assert [article.slug for article in result.content.publication.held] == ["later", "never"]
    public = {path: data for path, data in workshop.tree().items() if path != "index.html"}
    assert not [path for path in public if "later" in path or "never" in path]
    assert "later" in workshop.read("index.html")


def test_the_given_instant_decides_what_is_visible_and_the_site_s_zone_when_a_day_begins(workshop: Workshop) -> None:
    workshop.article("later", date="2025-07-01")
    midnight_in_new_york = datetime.fromisoformat("2025-07-01T00:00:00-04:00")

    workshop.build(midnight_in_new_york - timedelta(seconds=1))
    assert "web/later/index.html" not in workshop.tree()

    workshop.build(midnight_in_new_york)
    assert "web/later/index.html" in workshop.tree()


def test_an_instant_without_a_zone_is_in_the_site_s(workshop: Workshop) -> None:
    workshop.article("later", date="2025-07-01")

    assert workshop.build(datetime(2025, 6, 30, 23, 59)).content.publication.held  # noqa: DTZ001  # that is the point
    assert not workshop.build(datetime(2025, 7, 1)).content.publication.held  # noqa: DTZ001


def test_only_some_channels_leaves_the_others_as_they_are(workshop: Workshop) -> None:
    path = workshop.article("one", title="Before")
    workshop.build()
    newsletter = workshop.tree()["newsletter/one.html"]
    path.write_text(path.read_text().replace("Before", "After"))

    workshop.build(only=("web",))

    assert workshop.tree()["newsletter/one.html"] == newsletter
    assert "After" in workshop.read("web/one/index.html")


def test_only_one_article_leaves_the_others_as_they_are(workshop: Workshop) -> None:
    for slug in ("one", "two"):
        workshop.article(slug, title="Before")
    workshop.build()
    for slug in ("one", "two"):
        workshop.article(slug, title="After")

    workshop.build(article="one")

    assert "After" in workshop.read("web/one/index.html")
    assert "Before" in workshop.read("web/two/index.html")


def test_a_link_to_an_article_that_is_not_out_yet_is_plain_text_and_a_tip(workshop: Workshop) -> None:
    workshop.article("now", ARTICLE.replace("A first paragraph.", "Read [the sequel](later)."))
    workshop.article("later", date="2025-07-01")

    result = workshop.build()

    assert "<p>Read the sequel.</p>" in workshop.read("web/now/index.html")
    assert any("/later/ is not published yet" in tip for tip in result.tips)


def test_a_site_without_a_postal_address_gets_one_tip(workshop: Workshop) -> None:
    site = workshop.root / "content/site.yaml"
    site.write_text(site.read_text().replace("address: 1 Example Street\n", ""))
    workshop.article("one")

    assert [tip for tip in workshop.build().tips if "postal address" in tip] == [workshop.build().tips[0]]


def test_a_faulty_site_stops_the_build_and_touches_nothing(workshop: Workshop) -> None:
    workshop.article("one")
    workshop.build()
    before = workshop.tree()
    workshop.write("content/site.yaml", "name: x\n")

    with pytest.raises(Refused):
        workshop.build()

    assert workshop.tree() == before


def test_a_colour_that_cannot_be_read_is_refused(workshop: Workshop) -> None:
    site = workshop.root / "content/site.yaml"
    site.write_text(site.read_text() + 'accent: "#ffee88"\n')
    workshop.article("one")

    with pytest.raises(Refused, match=r"content/site\.yaml:10:9: The colour #ffee88 is too pale"):
        workshop.build()


@pytest.mark.parametrize("accent", ["#1f5f6b", "#7a1f5c", "#0b5d1e", "#1d3d8f", "#6b3a0b"])
def test_the_publisher_s_accent_reaches_every_channel(workshop: Workshop, accent: str) -> None:
    site = workshop.root / "content/site.yaml"
    site.write_text(site.read_text() + f'accent: "{accent}"\n')
    workshop.article("one")

    workshop.build()

    css = next(text for path, text in workshop.tree().items() if path.startswith("web/assets/style."))
    assert accent.encode() in css
    assert accent in workshop.read("newsletter/one.html")


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"../../evil": {}}', b'{"web/one/index.html": 3}'])
def test_a_damaged_manifest_means_making_everything_anew(workshop: Workshop, damage: bytes) -> None:
    workshop.article("one")
    workshop.build()
    before = workshop.tree()
    workshop.write("outputs/.pressrun/manifest.json", damage)

    workshop.build()

    assert workshop.tree() == before


def test_an_output_changed_by_hand_is_made_again(workshop: Workshop) -> None:
    workshop.article("one")
    workshop.build()
    before = workshop.tree()
    workshop.write("outputs/newsletter/one.html", "changed")

    workshop.build()

    assert workshop.tree() == before


def test_writing_follows_no_link_out_of_outputs(workshop: Workshop) -> None:
    victim = workshop.write("victim.txt", "mine")
    workshop.article("one")
    target = workshop.root / "outputs/web/one/index.html"
    target.parent.mkdir(parents=True)
    target.symlink_to(victim)

    workshop.build()

    assert victim.read_text() == "mine"
    assert not target.is_symlink()


def test_a_failed_write_leaves_no_parts_behind(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.article("one")

    def full(_path: Path, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(disk.Unwritable, match=r"^outputs/web/\S+ could not be written: No space left on device\."):
        workshop.build()

    assert workshop.tree() == {}


_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
