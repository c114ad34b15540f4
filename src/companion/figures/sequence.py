"""Sequence diagrams: who sends what to whom, when, and who waits for it meanwhile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from companion.figures.charts import PALETTE, axes_of
from companion.figures.data import as_csv, as_text
from companion.figures.figure import INK, Figure, styled

GAP = 1.5  # inches between two lifelines, at least
LETTER = 0.078  # inches that a letter of a label takes
ROW = 0.34  # inches of an order-only diagram between two moments
STATES = ("works", "waits", "down")


@dataclass(frozen=True)
class Message:
    """Something sent.

    Attributes
    ----------
    who : str
        The sender.
    whom : str
        The receiver; the sender itself for a note to self.
    what : str
        What it says.
    sent : float
        When it was sent.
    arrived : float or None
        When it arrived; None if it was lost.
    marked : bool
        Whether the finding is about it.
    """

    who: str
    whom: str
    what: str
    sent: float
    arrived: float | None
    marked: bool = False


@dataclass(frozen=True)
class State:
    """How a participant was for a while.

    Attributes
    ----------
    who : str
        The participant.
    kind : str
        ``works``, ``waits`` or ``down`` (crashed, or cut off from all).
    start : float
        From when.
    end : float or None
        Until when; None if the diagram ends before it does.
    what : str
        More about it, such as what is waited for.
    """

    who: str
    kind: str
    start: float
    end: float | None
    what: str = ""


@dataclass(frozen=True)
class Moment:
    """Something that happened to one participant: a timeout, a decision; `marked` if the finding is about it."""

    who: str
    what: str
    at: float
    marked: bool = False


Event = Message | State | Moment


@styled
def sequence(
    title: str, time: str, events: Sequence[Event], *, participants: Sequence[str] = (), ticks: bool = True
) -> Figure:
    """Draw a sequence diagram: a lifeline for each participant, time downwards.

    Parameters
    ----------
    title : str
        The finding.
    time : str
        What the vertical axis measures, with its unit.
    events : sequence of Message, State and Moment
        In any order.
    participants : sequence of str
        From left to right; those that are not named follow in the order of their first event.
    ticks : bool
        Whether the axis has numbers, and times their distances; without them only the order counts.

    Raises
    ------
    ValueError
        If a state's kind is none of ``works``, ``waits`` and ``down``, or something ends before it begins.

    Examples
    --------
    >>> figure = sequence(
    ...     "The answer comes after its caller has gone",
    ...     "time (ms)",
    ...     [
    ...         Message("caller", "server", "get x", sent=0, arrived=20),
    ...         State("caller", "waits", start=0, end=100),
    ...         State("server", "works", start=20, end=110),
    ...         Moment("caller", "times out", at=100, marked=True),
    ...         Message("server", "caller", "x = 1", sent=110, arrived=None),
    ...     ],
    ... )
    >>> figure.alt.rpartition("At 110: ")[2]
    'server sends caller x = 1, which is lost.'
    """
    for event in events:
        _check(event)
    names = list(dict.fromkeys([*participants, *(name for event in _in_order(events) for name in _who(event))]))
    moments = sorted({at for event in events for at in _times(event)}) or [0.0]
    place = {at: at if ticks else float(rank) for rank, at in enumerate(moments)}
    first, last = place[moments[0]], place[moments[-1]]
    span = (last - first) or 1.0
    edge = last + 0.08 * span
    labels = [event.what for event in events]
    gap = max(GAP, 0.5 + LETTER * max((len(event.what) for event in events if isinstance(event, Message)), default=0))
    margin = (0.3 + LETTER * max(map(len, labels), default=0)) / gap  # beside the last lifeline
    height = max(2.2, 1.3 + (4.0 if ticks and len(moments) > 6 else ROW * len(moments)))
    drawing, (ax,) = axes_of(title, 1, (max(4.5, 0.9 + gap * (len(names) - 0.6 + margin)), height))
    for column, name in enumerate(names):
        _lifeline(ax, column, [event for event in events if isinstance(event, State) and event.who == name],
                  place, (first - 0.06 * span, edge))  # fmt: skip
    for event in _in_order(events):
        if isinstance(event, Message):
            _arrow(ax, event, names, place, span)
        elif isinstance(event, Moment):
            _moment(ax, event, names.index(event.who), place[event.at])
    ax.set(xlim=(-0.4, len(names) - 1 + margin), ylim=(edge, first - 0.1 * span), ylabel=time)
    ax.set_xticks(range(len(names)), names, weight="bold")
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0)
    ax.spines["bottom"].set_visible(False)
    ax.grid(False)
    if not ticks:
        ax.set_yticks([])
    return Figure(title, _told(title, names, events, ticks), drawing, _table(events))


def _check(event: Event) -> None:
    if isinstance(event, State) and event.kind not in STATES:
        raise ValueError(f"kind = {event.kind!r} is not accepted: it takes {' | '.join(STATES)}")
    times = _times(event)
    if times[-1] < times[0]:
        raise ValueError(f"{event.what or event}: ends at {times[-1]:g}, before it begins at {times[0]:g}")


def _times(event: Event) -> list[float]:
    match event:
        case Message():
            return [event.sent] if event.arrived is None else [event.sent, event.arrived]
        case State():
            return [event.start] if event.end is None else [event.start, event.end]
        case _:
            return [event.at]


def _who(event: Event) -> tuple[str, ...]:
    return (event.who, event.whom) if isinstance(event, Message) else (event.who,)


def _in_order(events: Sequence[Event]) -> list[Event]:
    return sorted(events, key=lambda event: _times(event)[0])


# ------------------------------------------------------------------------------------------------------ what is drawn


def _lifeline(
    ax: Any, column: int, states: Sequence[State], place: dict[float, float], ends: tuple[float, float]
) -> None:
    """Draw the line, dotted where the participant is down, and a bar where it works or waits."""
    top, bottom = ends
    at = top
    for state in sorted(states, key=lambda state: state.start):
        start, end = place[state.start], bottom if state.end is None else place[state.end]
        if state.kind == "down":
            ax.plot([column] * 2, [at, start], color=INK, linewidth=0.9)
            ax.plot([column] * 2, [start, end], color=INK, linewidth=0.9, linestyle=(0, (1, 3)))
            ax.plot(column, start, marker="X", color=PALETTE[1], markeredgecolor=INK, markersize=9, zorder=4)
            at = end
        else:
            ax.bar(column, end - start, 0.09, bottom=start, facecolor=PALETTE[0] if state.kind == "works" else "none",
                   edgecolor=INK, linewidth=0.7, hatch="" if state.kind == "works" else "....",
                   linestyle="--" if state.end is None else "-", zorder=2)  # fmt: skip
        beside = state.what or ("down" if state.kind == "down" else "")
        if beside:
            ax.annotate(beside, (column, (start + end) / 2), (9, 0), textcoords="offset points", va="center",
                        size=8.5, style="italic")  # fmt: skip
    ax.plot([column] * 2, [at, bottom], color=INK, linewidth=0.9, zorder=1)


def _arrow(ax: Any, message: Message, names: Sequence[str], place: dict[float, float], span: float) -> None:
    """Draw a message; one that is lost ends half-way, in a cross."""
    from matplotlib.transforms import ScaledTranslation

    begin, end = names.index(message.who), names.index(message.whom)
    start = place[message.sent]
    stop = place[message.arrived] if message.arrived is not None else start + 0.03 * span
    bold = "bold" if message.marked else "normal"
    if begin == end:
        ax.annotate(message.what, (begin, start), (11, 0), textcoords="offset points", va="center", size=8.5,
                    weight=bold)  # fmt: skip
        ax.plot(begin, start, marker=5, color=INK, markersize=7)
        return
    step = 1 if end > begin else -1
    lost = message.arrived is None
    tip = begin + 0.55 * step if lost else end - 0.05 * step
    line = {"arrowstyle": "-" if lost else "-|>", "linestyle": "--" if lost else "-", "shrinkA": 0, "shrinkB": 0,
            "color": INK, "linewidth": 1.8 if message.marked else 1.0}  # fmt: skip
    ax.annotate("", (tip, stop), (begin + 0.05 * step, start), arrowprops=line)
    if lost:
        ax.plot(tip, stop, marker="x", color=PALETTE[1], markersize=8, markeredgewidth=2)
    # Along its line, in the first gap, where it crosses no other lifeline.
    reach, fall = abs(tip - begin), stop - start
    share = 0.5 if lost else 0.5 / reach
    angle = math.degrees(math.atan2(fall * step, reach - 0.05))
    # The angle is one of the data, so their own transform turns the text; then it is lifted off the line.
    lifted = ax.transData + ScaledTranslation(0, 2.5 / 72, ax.figure.dpi_scale_trans)
    ax.text(begin + share * reach * step, start + share * fall, message.what, transform=lifted, rotation=angle,
            rotation_mode="anchor", transform_rotates_text=True, ha="center", va="bottom", size=8.5,
            weight=bold)  # fmt: skip


def _moment(ax: Any, moment: Moment, column: int, at: float) -> None:
    ax.plot(
        column, at, marker="D", color=PALETTE[1 if moment.marked else 4], markeredgecolor=INK, markersize=6, zorder=5
    )
    ax.annotate(moment.what, (column, at), (9, 0), textcoords="offset points", va="center", size=8.5,
                weight="bold" if moment.marked else "normal")  # fmt: skip


# ------------------------------------------------------------------------------------------------- what is said of it


def _told(title: str, names: Sequence[str], events: Sequence[Event], ticks: bool) -> str:
    told = [f"Sequence diagram: {title}.", f"Participants: {', '.join(names)}."]
    for event in _in_order(events):
        when = f"At {as_text(_times(event)[0])}: " if ticks else ""
        told.append(f"{when}{_sentence(event, ticks)}.")
    return " ".join(told)


def _sentence(event: Event, ticks: bool) -> str:
    at = f" at {as_text(_times(event)[-1])}" if ticks else ""
    match event:
        case Message(arrived=None):
            return f"{event.who} sends {event.whom} {event.what}, which is lost"
        case Message() if event.who == event.whom:
            return f"{event.who}: {event.what}"
        case Message():
            return f"{event.who} sends {event.whom} {event.what}" + (f", which arrives{at}" if ticks else "")
        case State():
            doing = "is down" if event.kind == "down" else event.kind
            until = " to the end" if event.end is None else f" until{at.removeprefix(' at')}" if ticks else ""
            return f"{event.who} {doing}{until}" + (f" ({event.what})" if event.what else "")
        case _:
            return f"{event.who} {event.what}"


def _table(events: Sequence[Event]) -> str:
    rows: list[tuple[float | str | None, ...]] = []
    for event in _in_order(events):
        match event:
            case Message():
                rows.append((event.sent, event.arrived, event.who, event.whom, event.what))
            case State():
                rows.append((event.start, event.end, event.who, None, f"{event.kind} {event.what}".strip()))
            case _:
                rows.append((event.at, event.at, event.who, None, event.what))
    return as_csv(("start", "end", "who", "whom", "what"), rows)
