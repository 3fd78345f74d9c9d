"""How full a handout's paper is, and which layout is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Workshop

from pressrun import drawing, fit, model, pdf
from pressrun.fit import Extent


def _laid_out(tmp_path: Path, sides: int, share: float, language: str = "en") -> pdf.Layout:
    """So many sides, the last filled to a share of its height."""
    end = "left" if language == "ar" else "right"
    css = f"""@page {{ size: 200pt 260pt; margin: 20pt 20pt 40pt; @bottom-{end} {{ content: "1"; font: 10pt/10pt x;
        vertical-align: top }} }} body, p {{ margin: 0; font: 10pt/10pt x }} h1 {{ font: 10pt/10pt x; margin: 0 }}
        .next {{ break-before: page }}"""
    line = "Xp" * 12  # across both halves of the paper
    html = f"<h1>{line}</h1>" + f'<p class="next">{line}</p>' * (sides - 1) + f"<p>{line}" * round(20 * share - 1)
    head = f'<html lang="{language}" dir="{model.direction(language)}"><title>x</title>'
    return pdf.lay_out(pdf.Sheet(head + html, css), tmp_path)


@pytest.mark.parametrize(("sides", "share"), [(1, 0.5), (2, 0.2), (2, 1.0), (3, 0.7)])
def test_a_pdf_tells_its_sides_how_full_the_last_is_and_its_words(tmp_path: Path, sides: int, share: float) -> None:
    found = fit.measure(_laid_out(tmp_path, sides, share).write())

    assert found.sides == sides == len(found.words)
    assert found.fill == pytest.approx(share, abs=0.06)
    assert found.words[-1] == round(20 * share) + 1


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(("sides", "share"), [(1, 0.5), (2, 0.2), (2, 0.97), (3, 0.4)])
def test_a_glance_at_a_layout_tells_what_its_pdf_tells(tmp_path: Path, sides: int, share: float, language: str) -> None:
    layout = _laid_out(tmp_path, sides, share, language)
    width, words = layout.words()
    seen, found = fit.glance(layout.sides, width, words, mirrored=layout.mirrored), fit.measure(layout.write())

    assert seen.sides == found.sides
    assert abs(seen.fill - found.fill) < fit._BLUR


def test_a_pdf_is_measured_where_a_glance_leaves_doubt() -> None:
    seen, found = Extent(2, 0.965), Extent(2, 0.975, (400, 400))
    closer = Extent(2, 0.8)

    choice = fit.choose([seen, closer].__getitem__, {0: found}.__getitem__, 2)

    assert choice == (1, closer, 0)


@pytest.mark.parametrize(
    ("extents", "chosen", "asked"),
    [
        ([(2, 0.6)], 0, [0]),
        ([(1, 0.5)], 0, [0]),
        ([(2, 0.6), (2, 0.5), (2, 0.4)], 0, [0]),
        ([(3, 0.5), (2, 0.9)], 1, [0, 1]),
        ([(2, 0.2), (2, 0.7)], 1, [0, 1]),
        ([(2, 1.0), (2, 0.8)], 1, [0, 1]),
        ([(3, 0.6), (3, 0.3), (2, 0.9)], 2, [0, 2]),
        ([(3, 0.1), (2, 0.9), (2, 0.7)], 1, [0, 1]),
        ([(3, 0.1), (3, 0.0), (2, 0.7)], 2, [0, 1, 2]),
        ([(3, 0.2), (2, 0.95), (2, 0.6)], 1, [0, 2, 1]),
        ([(3, 0.2), (3, 0.1), (2, 0.6)], 2, [0, 2, 1]),
        ([(3, 0.5), (3, 0.4), (3, 0.3)], 0, [0, 2]),
        ([(4, 0.1), (3, 0.5), (3, 0.4)], 2, [0, 2]),
        ([(1, 0.2)], 0, [0]),
    ],
)
def test_the_roomiest_layout_that_fills_its_sheets_is_taken_and_what_cannot_fit_is_not_drawn(
    extents: list[tuple[int, float]], chosen: int, asked: list[int]
) -> None:
    made = [Extent(sides, fill, (400,) * sides) for sides, fill in extents]
    drawn: list[int] = []

    def measure(number: int) -> Extent:
        drawn.append(number)
        return made[number]

    assert fit.choose(measure, made.__getitem__, len(made))[:2] == (chosen, made[chosen])
    assert drawn == asked


@pytest.mark.parametrize(
    ("extent", "words"),
    [
        (Extent(2, 0.9, (400, 350)), 0),
        (Extent(1, 0.1, (40,)), 0),
        (Extent(3, 0.2, (400, 400, 80)), 80),
        (Extent(4, 0.2, (400, 400, 400, 80)), -80),
        (Extent(2, 1.0, (400, 400)), 12),
    ],
)
def test_what_does_not_fit_says_by_how_many_words(extent: Extent, words: int) -> None:
    assert extent.misfit() == words


def test_of_layouts_that_do_not_fit_the_nearest_tells_by_how_many_words() -> None:
    offered = [Extent(3, 0.9, (400, 400, 350)), Extent(3, 0.5, (400, 400, 200)), Extent(3, 0.1, (400, 400, 40))]

    assert fit.choose(offered.__getitem__, offered.__getitem__, 3) == (0, offered[0], 40)


LONG = "title: Long\nsummary: Too long.\nauthors: [The Team]\ndate: 2025-03-14\nbody: |\n"


@pytest.mark.heavy
def test_an_odd_number_of_sides_is_made_even_by_a_side_for_notes_and_is_told(workshop: Workshop) -> None:
    workshop.article(
        "long", LONG + "  A sentence of seven words stands here.\n\n" * 190, channels="{handout: {editions: [a4]}}"
    )

    first = workshop.build(only=("handout",))
    again = workshop.build(only=("handout",))

    found = fit.measure((workshop.root / "outputs/handout/long-a4.pdf").read_bytes())
    assert found.sides == 4
    (warning,) = first.warnings
    assert warning.startswith("content/articles/long.yaml:1:1: On A4 the handout takes 3 sides and a side for notes.")
    assert again.written == ()
    assert again.warnings == first.warnings


def test_editions_on_the_same_paper_share_one_layout(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    lay_out = pdf.lay_out

    def counted(sheet: pdf.Sheet, private: Path) -> pdf.Layout:
        drawn.append(sheet)
        return lay_out(sheet, private)

    monkeypatch.setattr(pdf, "lay_out", counted)
    workshop.article("sleep", channels="{handout: {editions: [office, a4, press]}}")
    drawing.fitted.cache_clear()

    workshop.build(only=("handout",))

    assert len(drawn) == len({sheet.html + sheet.css for sheet in drawn}) <= 2
    assert len(list((workshop.root / "outputs/handout").glob("*.pdf"))) == 3
