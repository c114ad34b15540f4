"""The figures of the leases: who believes what, drawn from what was played."""

from collections.abc import Mapping

from companion.calls.coordination.leases.booking import LAST, READ, play
from companion.figures import Figure, Message, Moment, State, bars, matrix, sequence

KINDS = {"sold once": "1", "sold twice": "2"}


def figure_paused(design: str) -> Figure:
    """Draw Ada's pause after her read, Bob's booking meanwhile, and what becomes of hers; played, not recited."""
    airline = play(design, READ, LAST)
    fenced = "Ada" in airline.refused
    title = (
        f"The store has seen token {airline.newest} and refuses the older 1: sold to {' and '.join(airline.bookings)}"
        if fenced
        else f"Ada wakes and writes what she decided before: sold to {' and '.join(sorted(airline.bookings))}"
    )
    token = {who: f", token {number}" if airline.newest else "" for number, who in enumerate(("Ada", "Bob"), 1)}
    events: list[Message | State | Moment] = [
        Message("Ada", "lock", "acquire", 0, 1),
        Message("lock", "Ada", "lease 1", 1, 2),
        Message("Ada", "seat", f"free?{token['Ada']}", 2, 3),
        Message("seat", "Ada", "yes", 3, 4),
        State("Ada", "down", 4, 11, "stopped"),
        Moment("lock", "lease 1 is over", 5),
        Message("Bob", "lock", "acquire", 5, 6),
        Message("lock", "Bob", "lease 2", 6, 7),
        Message("Bob", "seat", f"free?{token['Bob']}", 7, 8),
        Message("seat", "Bob", "yes", 8, 9),
        Message("Bob", "seat", f"book{token['Bob']}", 9, 10),
        Message("Ada", "seat", f"book{token['Ada']}", 11, 12, marked=True),
        Moment("seat", "refused" if fenced else "sold twice", 12, marked=True),
    ]
    return sequence(title, "time", events, ticks=False)


def figure_outcomes(outcomes: Mapping[tuple[str, str, str], int]) -> Figure:
    """Draw in which pauses each design sells the seat twice."""
    cells = {
        (design, f"after {point}, {wakes}"): "sold twice" if bookings > 1 else "sold once"
        for (design, point, wakes), bookings in outcomes.items()
    }
    designs = list(dict.fromkeys(design for design, _ in cells))
    safe = [
        design for design in designs if all(kind == "sold once" for (name, _), kind in cells.items() if name == design)
    ]
    title = f"Of {len(designs)} designs {len(safe)} sell the seat once wherever a pause falls"
    columns = sorted({column for _, column in cells}, key=lambda column: (column.split()[1], column.split()[-1]))
    ordered = {(design, column): cells[design, column] for design in designs for column in columns
               if (design, column) in cells}  # fmt: skip
    return matrix(title, "design", "Ada is paused, and", ordered, KINDS)


def figure_schedules(found: Mapping[str, tuple[int, int]]) -> Figure:
    """Draw how many orders of all steps sell the seat twice, design by design."""
    (total,) = {total for _, total in found.values()}
    safe = [design for design, (doubles, _) in found.items() if doubles == 0]
    title = f"Of {total:,} orders none breaks {' or '.join(safe)}"
    return bars(title, "orders that sell the seat twice", {d: {"orders": float(n)} for d, (n, _) in found.items()})
