"""The figures of the contract languages."""

from __future__ import annotations

from companion.calls.contracts.idl.figures import figure_generated, figure_table, said
from companion.calls.contracts.idl.table import Verdict

CELLS: dict[tuple[str, str], Verdict] = {
    ("error", "XDR"): "refuses", ("error", "Smithy"): "says", ("version", "XDR"): "says", ("version", "Smithy"): "says",
}  # fmt: skip


def test_the_title_counts_what_is_said() -> None:
    assert said(CELLS) == {"XDR": 1, "Smithy": 2}
    figure = figure_table(CELLS)
    assert figure.title == "Of 2 things a contract may say, 2 in Smithy and 1 in XDR"
    assert "error: XDR refuses, Smithy says." in figure.alt


def test_the_title_names_the_least_and_the_most_code() -> None:
    title = figure_generated({"Thrift, Java": 147_817, "XDR, C": 9_177, "CORBA, Python": 5_252}).title
    assert title == "One contract becomes 5 kB of code (CORBA, Python) to 148 kB (Thrift, Java)"
