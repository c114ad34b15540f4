"""The matrix as a picture."""

from __future__ import annotations

from pathlib import Path

from companion.calls.wire.evolution.figures import figure_matrix, finding, share_of
from companion.calls.wire.evolution.matrix import Cell, load

WHOLE = load(Path(__file__).parents[4] / "data" / "wire" / "evolution.json")


def test_the_title_is_computed_from_the_cells() -> None:
    assert finding(WHOLE).endswith("by tag it never fails; by name it never lies")
    lying = [Cell("add last", "XSD", {"W": 1}, {"=": 1})]
    assert finding(lying) == "After a change, a reader by name never fails"


def test_halves_are_counted_by_group_and_rare_letters_do_not_count() -> None:
    cells = [Cell("add last", "XDR", {"E": 95, "W": 5}, {"W": 1}), Cell("add last", "Thrift", None, {"n": 1})]
    assert share_of(cells, "W") == {"position": (1, 2), "tag": (0, 1), "name": (0, 0)}


def test_what_the_picture_shows_is_told_and_stands_beside_it_as_a_table() -> None:
    figure = figure_matrix(WHOLE)
    assert "add in the middle: XDR E/W" in figure.alt
    assert figure.csv.splitlines()[0] == "change,reader,direction,outcome,records"
    assert len(figure.csv.splitlines()) > 2 * len(WHOLE) - 50
    assert figure.svg().startswith("<svg")


def test_a_part_of_the_matrix_can_be_drawn() -> None:
    assert "Thrift" in figure_matrix([cell for cell in WHOLE if cell.column in ("XDR", "Thrift")]).alt
