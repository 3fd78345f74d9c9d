"""What was read of articles, kept between builds: as good as reading them again, and as good as none when in doubt."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from conftest import ARTICLE, NOW, ROOT, Workshop

from pressrun import build, folder, memory
from pressrun.build import Desk
from pressrun.memory import Memory
from pressrun.model import Article, Publication


def _articles(publication: Publication) -> dict[str, Article]:
    return {article.slug: article for article in (*publication.articles, *publication.held)}


def _read(desk: Desk, file: Path) -> tuple[Publication, Memory]:
    kept = Memory(file, "1")
    return build.read(desk, NOW, memory=kept).publication, kept


@pytest.mark.parametrize("name", ["seed", "specimen"])
def test_what_is_recalled_is_what_was_read(
    name: str, site12: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(ROOT) if name == "seed" else site12.desk
    first, kept = _read(desk, tmp_path / "articles.json")
    kept.save()
    with monkeypatch.context() as patch:
        patch.setattr(folder.Folder, "article", lambda *_: pytest.fail("read again"))
        second, _ = _read(desk, tmp_path / "articles.json")
        known = {slug: (article.fingerprint(), list(article.leads())) for slug, article in _articles(second).items()}

    assert known == {slug: (one.fingerprint(), list(one.leads())) for slug, one in _articles(first).items()}
    for slug, article in _articles(second).items():
        assert article.typed == _articles(first)[slug].typed
        for field in (field for field in fields(Article) if field.name != "source"):  # places too
            assert getattr(article, field.name) == getattr(_articles(first)[slug], field.name), (slug, field.name)


def test_an_article_is_read_again_when_its_file_or_the_site_changed(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for slug in ("rest", "sleep"):
        workshop.article(slug, ARTICLE)
    _, kept = _read(workshop.desk, tmp_path / "articles.json")
    kept.save()
    read: list[str] = []
    whole = folder.Folder.article

    def noting(self: folder.Folder, path: str, data: bytes) -> Article:
        read.append(path)
        return whole(self, path, data)

    monkeypatch.setattr(folder.Folder, "article", noting)

    _read(workshop.desk, tmp_path / "articles.json")
    assert read == []
    workshop.article("rest", ARTICLE + "\n  More.\n")
    _read(workshop.desk, tmp_path / "articles.json")
    assert read == ["articles/rest.yaml"]
    site = workshop.root / "content/site.yaml"
    site.write_text(site.read_text() + "description: Another.\n")
    _read(workshop.desk, tmp_path / "articles.json")
    assert read[1:] == ["articles/rest.yaml", "articles/sleep.yaml"]


@pytest.mark.parametrize(
    "spoilt",
    [
        b"", b"{", b"[]", b"null", b'"1"\n[]\n', b'"1"\n["articles", 2]\n["other", "name", 3]\n',
        b'"2"\n["facts", "a", "b"]\n',
        b'"1"\n["articles", "key", [{}', b"\xff\xfe", b"[" * 100_000,
    ],
    ids=range(10),
)  # fmt: skip
def test_a_damaged_file_is_as_good_as_none(workshop: Workshop, tmp_path: Path, spoilt: bytes) -> None:
    workshop.article("sleep", ARTICLE)
    (tmp_path / "articles.json").write_bytes(spoilt)
    publication, kept = _read(workshop.desk, tmp_path / "articles.json")
    kept.save()

    assert [article.slug for article in publication.articles] == ["sleep"]
    assert len(_stored(tmp_path / "articles.json")) == 1


def _stored(file: Path) -> dict[str, Any]:
    """What is written of articles, by key."""
    version, *lines = map(json.loads, file.read_text().splitlines())
    assert version == "1"
    known: dict[str, Any] = {}
    for kind, name, *value in lines:
        if kind == "articles":
            known.pop(name, None)
            known |= {name: value[0]} if value else {}
    return known


def _spoilt(entry: Any, how: str) -> Any:
    head, traits, letters = entry
    return {
        "no list": {}, "short": [head, traits], "foreign key": [head | {"secret": 1}, traits, letters],
        "no title": [{name: part for name, part in head.items() if name != "title"}, traits, letters],
        "unknown kind": [head | {"date": {"a": "Popen"}}, traits, letters],
        "no kind": [head | {"date": {}}, traits, letters], "bad date": [head | {"date": 3}, traits, letters],
        "traits": [head, [1], letters], "letters": [head, traits, 3], "counts": [head, traits, {"a": "many"}],
    }[how]  # fmt: skip


@pytest.mark.parametrize(
    "how",
    ["no list", "short", "foreign key", "no title", "unknown kind", "no kind", "traits", "letters", "counts"],
)  # fmt: skip
def test_a_damaged_article_is_read_again(workshop: Workshop, tmp_path: Path, how: str) -> None:
    workshop.article("sleep", ARTICLE)
    file = tmp_path / "articles.json"
    first, kept = _read(workshop.desk, file)
    kept.save()
    entries = [["articles", key, _spoilt(entry, how)] for key, entry in _stored(file).items()]
    file.write_text("".join(f"{json.dumps(line)}\n" for line in ["1", *entries]))
    second, _ = _read(workshop.desk, file)

    assert second.articles == first.articles
    assert second.articles[0].fingerprint() == first.articles[0].fingerprint()


def test_what_is_no_longer_there_is_forgotten(workshop: Workshop, tmp_path: Path) -> None:
    for slug in ("rest", "sleep"):
        workshop.article(slug, ARTICLE)
    file = tmp_path / "articles.json"
    _read(workshop.desk, file)[1].save()
    (workshop.root / "content/articles/rest.yaml").unlink()
    _read(workshop.desk, file)[1].save()

    assert len(_stored(file)) == 1


def test_a_change_is_written_behind_the_rest_until_that_is_twice_as_long(workshop: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "articles.json"
    for number in range(8):
        workshop.article(f"rest-{number}", title=f"Rest {number}", summary=f"{number}.")
    _read(workshop.desk, file)[1].save()
    sizes = []
    for turn in range(20):
        before = file.read_bytes()
        workshop.article("rest-1", title=f"Turn {turn}")
        _read(workshop.desk, file)[1].save()
        sizes.append(len(file.read_bytes().splitlines()))
        assert file.read_bytes().startswith(before) or sizes[-1] < sizes[-2]
        assert len(_stored(file)) == 8

    assert max(sizes) <= 2 * min(sizes) + 2


def test_only_what_the_model_is_made_of_is_stored() -> None:
    with pytest.raises(TypeError):
        memory._packed(object())
    with pytest.raises(TypeError):
        memory._packed({1: "a number for a name"})
