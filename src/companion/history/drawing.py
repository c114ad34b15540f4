"""A space-time drawing of a few operations in text: a lane for each process, time to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from companion.history.events import Operation


def text_drawing(operations: Sequence[Operation]) -> str:
    """Draw operations from ``|`` (invoked) to ``|`` (returned); what never returned runs off as ``...``.

    The places of events are kept in order, not to scale: each label gets the room that it needs.

    Parameters
    ----------
    operations : sequence of Operation
        Few enough to be read.
    """
    ordered = sorted(operations, key=lambda one: one.invoked)
    column = columns(ordered)
    width = max([*column.values(), *(column[one.invoked] + len(one.told) + 4 for one in ordered)], default=0) + 1
    name_width = max((len(_name(one)) for one in ordered), default=0)
    lanes: dict[tuple[str, int], list[str]] = {}
    ends: dict[tuple[str, int], int] = {}
    for one in ordered:
        number = 0  # a process whose operations overlap, since clocks are not exact, has several lanes
        while ends.get((one.process, number), -1) > one.invoked:
            number += 1
        ends[one.process, number] = one.invoked if one.returned is None else one.returned
        lane, start = lanes.setdefault((one.process, number), [" "] * width), column[one.invoked]
        end = width if one.returned is None else column[one.returned]
        room = end - start - 1
        bar = "|" + f" {one.told} ".center(room, "-" if one.returned is not None else ".")
        if one.returned is not None:
            bar += "|"
        lane[start : start + len(bar)] = bar[: width - start]
    names = {one.process: _name(one) for one in ordered}
    return "\n".join(f"{names[process]:{name_width}}  {''.join(lane).rstrip()}" for (process, _), lane in lanes.items())


def _name(one: Operation) -> str:
    return f"process {one.process}"


def columns(ordered: Sequence[Operation]) -> Mapping[int, int]:
    """Give each event a column of the drawing: in the order of events, each operation as wide as its label."""
    begun = {one.invoked: one for one in ordered}
    ended = {one.returned: one for one in ordered if one.returned is not None}
    column: dict[int, int] = {}
    free: dict[str, int] = {}  # of each process, the first column after what stands there already
    last = -2
    for place in sorted([*begun, *ended]):
        if place in ended:
            one = ended[place]
            last = max(last + 2, column[one.invoked] + len(one.told) + 3)
        else:
            last = max(last + 2, free.get(begun[place].process, 0))
            free[begun[place].process] = last + len(begun[place].told) + 5
        column[place] = last
    return column
