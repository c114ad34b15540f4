"""The drawings as figures for a notebook."""

from __future__ import annotations

from companion.operations.postmortems.drawing.figures import figure_timeline, figure_whys
from companion.operations.postmortems.drawing.timeline import lay_out_timeline
from companion.operations.postmortems.drawing.whys import lay_out_whys
from companion.operations.postmortems.reading.read import parse

DOCUMENT = parse(
    "# Users could not check out\n\n## Timeline\n\n- 14:32 Deployment begins\n- 14:38 Error rate rises to $15^2$ %\n"
    "- 14:41 Alert fires\n- 15:22 Customer impact resolved\n\n## Five whys\n\n1. Why did customers see errors?\n"
    "   -> The pool was exhausted\n2. Why was it?\n   -> More queries\n"
)


def test_a_figure_has_the_words_of_its_drawing() -> None:
    for figure, scene in ((figure_timeline(DOCUMENT), lay_out_timeline(DOCUMENT)),
                          (figure_whys(DOCUMENT), lay_out_whys(DOCUMENT))):  # fmt: skip
        assert (figure.title, figure.alt, figure.csv) == (scene.finding, scene.alt, scene.csv)


def test_a_figure_takes_the_pages_ink_and_repeats_byte_for_byte() -> None:
    svg = figure_timeline(DOCUMENT).svg()
    assert "currentColor" in svg and svg == figure_timeline(DOCUMENT).svg()
    assert "$15^2$" in svg
