"""What is measured against each other says the same: ours and the peers' articles have the same words."""

from __future__ import annotations

import re
import statistics
import sys
from collections.abc import Callable

import pytest
from conftest import NOW, ROOT, Workshop
from markdown_it import MarkdownIt

from pressrun import build, model

sys.path.append(str(ROOT / "benchmarks"))

import corpus


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'-]+", text)


def _said(markdown: str) -> list[str]:
    """The words that a reader of some Markdown sees."""
    tokens = [child for token in MarkdownIt().parse(markdown) for child in token.children or ()]
    return _words(" ".join(token.content or " " for token in tokens))


def _body(text: str) -> str:
    """Behind what stands before the article: lines of keys, between dashes or not."""
    return text.removeprefix("---\n").split("\n---\n" if text.startswith("---") else "\n\n", 1)[1]


@pytest.mark.parametrize("written", [corpus.front_matter, corpus.pelican])
def test_the_peers_articles_have_the_words_of_ours(
    workshop: Workshop, written: Callable[[corpus.Article], str]
) -> None:
    made = list(corpus.articles(6))
    for article in made:
        workshop.write(f"content/articles/{article.slug}.yaml", corpus.yaml(article, handout=bool(article.number)))
    found = build.read(workshop.desk, NOW)
    ours = {article.slug: article for article in found.publication.articles}

    assert found.faults == ()
    assert len(ours) == len(made)
    for article in made:
        read = ours[article.slug]
        assert _words(" ".join(map(model.plain, model.prose(read.body)))) == _said(_body(written(article)))
        assert (read.title, read.summary, read.category) == (article.title, article.summary, article.category)
        assert read.title in written(article)
        assert read.summary in written(article)
        assert all(tag in written(article) for tag in read.tags)
        assert (read.on("handout") is not None) == bool(article.number)


def test_articles_are_varied_of_850_words_and_the_same_for_the_same_seed() -> None:
    made = list(corpus.articles(100))

    assert made == list(corpus.articles(100))
    assert made[0] != next(corpus.articles(100, seed=7))
    assert len({article.title for article in made}) == len(made)
    assert 800 < statistics.mean(len(_said(article.markdown)) for article in made) < 900


def test_one_word_changes_where_one_word_is_said_to_change() -> None:
    article = next(corpus.articles(10))
    before, after = _said(article.markdown), _said(article.changed(3).markdown)

    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [(before[0], "Turn3")]
