"""The figures of chapter 15."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from companion.figures import Figure, Message, Moment, Panel, Series, bars, lines, sequence
from companion.reasoning.react.loop import Run

SHORT = 26
"""Characters of a message that the diagram shows."""


KINDS = ("right", "refused", "wrong")


def figure_trace(run: Run, title: str) -> Figure:
    """Draw who said what to whom in a run: the loop in the middle, the model on its left and the tools on its right.

    Parameters
    ----------
    run : Run
        The trace.
    title : str
        What it shows.
    """
    events: list[Message | Moment] = [Moment("loop", _short(run.question), 0)]
    at = 2.0
    for step in run.steps:
        events.append(Message("loop", "model", "the trace so far", at, at + 1))
        if step.tool:
            events.append(Message("model", "loop", f"Action: {step.tool}", at + 2, at + 3))
            events.append(Message("loop", "tool", _short(step.input), at + 4, at + 5))
            events.append(Message("tool", "loop", _short(step.observation), at + 6, at + 7, step.fault == "tool"))
            at += 8
        elif step.fault == "format":
            events.append(Message("model", "loop", _telling(step.said), at + 2, at + 3))
            events.append(Moment("loop", "that is no step", at + 4, marked=True))
            at += 5
        else:
            events.append(Message("model", "loop", _telling(step.said), at + 2, at + 3))
            at += 4
    end = f"the end: {run.ended}" if run.answer is None else f"answered: {_short(run.answer)}"
    last = Moment("loop", end, at, marked=run.answer is None)
    return sequence(title, "time", [*events, last], participants=("model", "loop", "tool"), ticks=False)


def _telling(said: str) -> str:
    """Give the line of a text that says what it wants."""
    lines = [line for line in said.splitlines() if line.startswith(("Action:", "Final Answer:"))]
    return _short(lines[0] if lines else said)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"


def figure_verdicts(verdicts: Mapping[str, Mapping[str, int]]) -> Figure:
    """Draw what parsers make of malformed outputs.

    Parameters
    ----------
    verdicts : mapping of str to mapping of str to int
        For each parser how many outputs were read right, refused, and taken for something else.
    """
    (first, told), *_, (last, better) = verdicts.items()
    total = sum(told.values())
    title = f"{told['wrong']} of {total} taken wrongly by {first}, {better['wrong']} by {last}"
    return bars(
        title, "outputs", {name: {kind: each.get(kind, 0) for kind in KINDS} for name, each in verdicts.items()}
    )


def figure_split(days: Sequence[date], raw: Sequence[float], clean: Sequence[float]) -> Figure:
    """Draw an index over days, from prices as paid and from comparable ones.

    Parameters
    ----------
    days : sequence of date
        The days.
    raw, clean : sequence of float
        The relative strength index of either.
    """
    gap = max(zip(days, raw, clean, strict=True), key=lambda each: abs(each[1] - each[2]))
    title = f"On {gap[0]} the index of unadjusted prices is {gap[1]:.1f}, and {gap[2]:.1f} without the split"
    x = [float((day - days[0]).days) for day in days]
    series = [Series("as paid", x, list(raw)), Series("comparable", x, list(clean))]
    return lines(title, f"days since {days[0]}", [Panel("RSI", series)])
