"""Figures of chapter 23: what they show is also in their words and in their data."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.figures import Figure
from companion.schemas.pii.demo.figures import (
    _in_order,
    figure_costs,
    figure_exams,
    figure_graph,
    figure_matrices,
    figure_scores,
)
from companion.schemas.pii.evaluation.scores import ORDER, Score

ONE = Score(((7, 0, 0, 1), (0, 12, 0, 3), (0, 0, 6, 1), (0, 0, 0, 30)))
OTHER = Score(((401, 402, 403, 404), (411, 412, 413, 414), (0, 0, 0, 0), (431, 432, 433, 434)))
EDGES = [
    ("read", "judge", False),
    ("judge", "ask_model", True),
    ("judge", "report", False),
    ("ask_model", "report", False),
]


def rows(figure: Figure) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(figure.csv)))


def drawn(figure: Figure) -> str:
    svg = figure.svg()
    assert f'aria-label="{figure.alt}"' in svg and svg == figure.svg()
    return svg


def test_every_count_of_a_matrix_is_in_the_words_the_data_and_the_drawing() -> None:
    figure = figure_matrices("Rules miss less", {"rules": ONE, "a scanner": OTHER})
    assert figure.title == "Rules miss less" and figure.title in figure.alt
    for name, score in (("rules", ONE), ("a scanner", OTHER)):
        told = "; ".join(f"{level}: {', '.join(map(str, row))}" for level, row in zip(ORDER, score.matrix, strict=True))
        assert f"{name}: {told}." in figure.alt
    assert [int(row["fields"]) for row in rows(figure)] == [
        n for score in (ONE, OTHER) for row in score.matrix for n in row
    ]
    assert [(row["who"], row["is"], row["said"]) for row in rows(figure)] == [
        (who, one.value, other.value) for who in ("rules", "a scanner") for one in ORDER for other in ORDER
    ]
    shown = re.findall(r">(\d+)</text>", drawn(figure))
    assert sorted(shown, key=int) == sorted((row["fields"] for row in rows(figure)), key=int)


def test_a_matrix_of_nothing_is_drawn() -> None:
    drawn(figure_matrices("Nothing", {"nobody": Score(((0,) * 4,) * 4)}))


def test_scores_are_in_percent_and_what_there_is_none_of_is_left_out() -> None:
    nothing_high = Score(((0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 2)))
    figure = figure_scores("Scores", {"rules": ONE, "silent": nothing_high})
    assert re.findall(r"\b(?:100|87\.5)\b", figure.alt)
    assert "87.5" in figure.csv and figure.csv.count("HIGH recall") >= 1
    told = [row for row in csv.reader(io.StringIO(figure.csv)) if "silent" in row]
    assert told and not any("HIGH recall" in row and row[-1] for row in told)
    drawn(figure)


def test_costs_are_in_the_words_and_the_data() -> None:
    figure = figure_costs("Cheap", {"rules": 0.25, "floor": 12.5})
    assert all(cost in figure.alt and cost in figure.csv for cost in ("0.25", "12.5"))
    drawn(figure)


def test_every_way_of_a_graph_is_in_the_words_and_the_data() -> None:
    figure = figure_graph("A model is asked last", EDGES)
    assert "read leads to judge. judge leads to ask_model under a condition. judge leads to report." in figure.alt
    assert [(row["from"], row["to"], row["condition"] == "True") for row in rows(figure)] == EDGES
    svg = drawn(figure)
    assert all(word in svg for word in ("read", "judge", "ask", "model", "report"))


@st.composite
def graphs(draw: st.DrawFn) -> list[tuple[str, str, bool]]:
    """Edges without circles: each leads from a step to one that stands behind it in some order."""
    names = draw(st.permutations([f"s{number}" for number in range(draw(st.integers(2, 8)))]))
    pairs = [(one, other) for index, one in enumerate(names) for other in names[index + 1 :]]
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    return [(one, other, draw(st.booleans())) for one, other in chosen]


@given(graphs(), st.randoms(use_true_random=False))
def test_a_step_stands_after_all_that_lead_to_it(edges: list[tuple[str, str, bool]], chance: object) -> None:
    order = _in_order(edges)
    assert sorted(order) == sorted({name for edge in edges for name in edge[:2]})
    assert all(order.index(start) < order.index(end) for start, end, _ in edges)
    chance.shuffle(edges)  # type: ignore[attr-defined]
    assert _in_order(edges) == order


def test_steps_that_lead_in_a_circle_are_refused_rather_than_drawn_for_ever() -> None:
    with pytest.raises(ValueError, match="circle: ask, judge"):
        _in_order([("read", "judge", False), ("judge", "ask", False), ("ask", "judge", True)])


def test_an_exam_tells_of_each_version_whether_it_had_been_taught() -> None:
    figure = figure_exams("Exams", {"home": {"1": ONE, "2": OTHER}, "new\ntrades": {"1": OTHER}},
                          {"home": ["1", "2"], "new\ntrades": []})  # fmt: skip
    told = [(row["exam"], row["version"], row["seen"]) for row in rows(figure)]
    assert told == [("home", "1", "taught"), ("home", "2", "taught"), ("new\ntrades", "1", "new")]
    assert "version 1 88 (53 to 98) taught" in figure.alt and "new trades: version 1 25 (23 to 27)." in figure.alt
    drawn(figure)
