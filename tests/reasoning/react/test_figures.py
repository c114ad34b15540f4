"""The figures say in their titles what their data show."""

from __future__ import annotations

from datetime import date

from companion.reasoning.react.figures import figure_split, figure_trace, figure_verdicts
from companion.reasoning.react.loop import run
from companion.reasoning.react.script import Script
from companion.reasoning.react.tools import calculator


def test_a_trace_is_drawn_as_who_said_what_to_whom() -> None:
    replies = ["add\nAction: calculator\nAction Input: 2+2", "I would say four.", "known\nFinal Answer: 4"]
    figure = figure_trace(run("What is 2+2?", Script(replies=[*replies]), [calculator()]), "A run")
    assert "loop sends tool 2+2" in figure.alt
    assert "tool sends loop 4" in figure.alt
    assert "loop that is no step" in figure.alt
    assert figure.alt.endswith("loop answered: 4.")


def test_a_run_without_an_answer_ends_at_its_limit() -> None:
    figure = figure_trace(run("?", Script(replies=["no"], forever=True), [calculator()]), "A run")
    assert figure.alt.endswith("loop the end: format.")


def test_the_verdicts_are_counted_in_the_title() -> None:
    told = {"one": {"right": 5, "wrong": 5}, "two": {"right": 9, "refused": 1, "wrong": 0}}
    assert figure_verdicts(told).title == "5 of 10 taken wrongly by one, 0 by two"


def test_the_split_is_told_where_it_shows_most() -> None:
    days = [date(2005, 2, 25), date(2005, 2, 28)]
    figure = figure_split(days, [71.0, 22.1], [71.0, 71.8])
    assert figure.title == "On 2005-02-28 the index of unadjusted prices is 22.1, and 71.8 without the split"
