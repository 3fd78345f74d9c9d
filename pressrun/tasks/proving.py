"""Judging what was made."""

from __future__ import annotations

import sys
from typing import Any

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from pressrun.channels import NAMES
from pressrun.tasks import building, terminal
from pressrun.tasks.terminal import desk, instant, plainly

_PROOF_HELP = {
    "article": "only what is made of this article, by its slug",
    "now": terminal.NOW,
    "full": "also veraPDF, the ink of pages, the Nu Html Checker, axe; needs Java, Ghostscript, Node, Chromium",
    "external": "also links to other sites, a few at a time; what they answer is remembered for three days",
    "strict": "everything that can be asked of outputs/; fails for a warning and for what cannot run here, too",
}


@task(help=_PROOF_HELP)
def prove_all(
    _: Context, strict: bool = False, full: bool = False, external: bool = False, article: str = "", now: str = ""
) -> None:
    """Judge what authors wrote and all that lies in outputs/."""
    with plainly("proof"):
        from pressrun.proof import run

        wish = run.Wish(desk(), instant(now), article, full=full or strict, external=external)
        problems = [_told(verdict, strict=strict, full=wish.full) for verdict in run.everything(wish)]
    if article:
        print(f"The {NAMES[3]}s hold every article, and were left out: ./inv proof.{NAMES[3]} judges them.")
    if any(problems):
        raise Exit("\n".join(filter(None, problems)), code=1)


@task(help={name: _PROOF_HELP[name] for name in ("strict", "now")})
def test(context: Context, strict: bool = False, now: str = "") -> None:
    """Make everything, and judge it: what an organisation's own desk has for a test."""
    building.build(context, now=now)
    prove_all(context, strict=strict, now=now)


def _of_proof(*names: str) -> dict[str, str]:
    return {name: _PROOF_HELP[name] for name in (*names, "now")}


@task(help=_of_proof("full", "article"))
def prove(_: Context, full: bool = False, article: str = "", now: str = "") -> None:
    """Judge the handouts in outputs/: can they be read by everybody, and printed by anybody? Makes nothing."""
    _prove(NAMES[1], now, article=article, full=full)


@task(help=_of_proof("full", "article"))
def prove_pages(_: Context, full: bool = False, article: str = "", now: str = "") -> None:
    """Judge the pages in outputs/web/: are they valid, and can everybody read them? Makes nothing."""
    _prove(NAMES[0], now, article=article, full=full)


@task(help=_of_proof("article"))
def prove_parity(_: Context, article: str = "", now: str = "") -> None:
    """Read outputs/ back: does every channel say what the articles say, and nothing else? Makes a page about it."""
    _prove("parity", now, article=article)


@task(help=_of_proof("article"))
def prove_newsletters(_: Context, article: str = "", now: str = "") -> None:
    """Judge the newsletters in outputs/: do all mail programs show them, and let them in? Makes a page about it."""
    _prove(NAMES[2], now, article=article)


@task(help=_of_proof())
def prove_feeds(_: Context, now: str = "") -> None:
    """Judge the feeds in outputs/: does every reader understand them? Makes nothing."""
    _prove(NAMES[3], now)


@task(help=_of_proof("article"))
def prove_language(_: Context, article: str = "", now: str = "") -> None:
    """Judge the words of articles, drafts by name: plain, kind, explained, finished? Reads content/ alone."""
    _prove("language", now, article=article)


@task(help=_of_proof("external", "article"))
def prove_links(_: Context, external: bool = False, article: str = "", now: str = "") -> None:
    """Judge the links in outputs/: does each lead somewhere?"""
    _prove("links", now, article=article, external=external)


@task(help=_of_proof("article"))
def prove_review(_: Context, article: str = "", now: str = "") -> None:
    """Say which articles are to be checked again, now or within 30 days, and which translations are behind."""
    _prove("review", now, article=article)


def _prove(name: str, now: str, *, full: bool = False, **wish: Any) -> None:
    with plainly("proof"):
        from pressrun.proof import run

        verdict = run.PROOFS[name](run.Wish(desk(), instant(now), full=full, **wish))
    if problem := _told(verdict, full=full):
        raise Exit(problem, code=1)


def _told(verdict: Any, **how: bool) -> str:
    """Tells what a proof found; its sum, if that fails the task."""
    for line in (*verdict.findings, *verdict.lacking):
        print(line, file=sys.stderr)
    for note in verdict.notes:
        print(note)
    if verdict.fails(**how):
        return str(verdict)
    print(verdict)
    return ""


def wrong_letters(issue: str, now: str) -> str:
    """Tells what is wrong with an issue's message; its sum, if anything is."""
    with plainly("proof"):
        from pressrun.proof import run

        verdict = run.newsletters(run.Wish(desk(), instant(now), issue), page=False)
    for error in verdict.errors:
        print(error, file=sys.stderr)
    return str(verdict) if verdict.errors else ""
