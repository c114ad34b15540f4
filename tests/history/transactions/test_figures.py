"""A cycle is drawn with its reasons, and described in the same words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from companion.history.transactions import check_transactions
from companion.history.transactions.figures import LINES, figure_cycle


@pytest.mark.parametrize("history", [["ax1ry", "ay1rx"], ["ax1", "rx1ry", "ay1", "ry1rx"]], ids=["two", "four"])
def test_a_cycle_is_drawn_with_what_each_did_and_why_it_comes_before_the_next(
    short: Callable[..., Any], history: list[str]
) -> None:
    report = check_transactions(short(*history))
    (anomaly,) = report.anomalies
    figure = figure_cycle(report, anomaly)
    assert figure.title == f"{anomaly.name}: no order explains these {len(history)} transactions"
    for step in anomaly.steps:
        assert f"T{step.source} must come before T{step.target}: {step.told}." in figure.alt
    for number in anomaly.transactions:
        assert f"T{number}: {report.history[number - 1].told}." in figure.alt
    assert len(figure.csv.strip().splitlines()) == 1 + len(anomaly.steps)
    drawn = " ".join(text.get_text() for text in figure.drawing.axes[0].texts)
    assert all(f"T{number}\n" in drawn for number in anomaly.transactions)
    assert "<svg" in figure.svg()


def test_kinds_that_tell_something_else_are_told_apart_without_colour() -> None:
    dashes = {kind: str(dash) for kind, (_, dash) in LINES.items() if kind != "process"}
    assert len(set(dashes.values())) == len(dashes)
