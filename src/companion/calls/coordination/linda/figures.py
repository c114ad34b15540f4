"""The figures of the tuple space: what a sum becomes, and who holds what."""

from collections.abc import Mapping

from companion.calls.coordination.linda.designs import HOLDING, LEASE, PAUSED, POINTS, play, steps_to
from companion.figures import Figure, Message, Moment, State, matrix, sequence

KINDS = {"right": "=", "too small": "-", "too large": "+"}


def figure_sums(outcomes: Mapping[tuple[str, str, str], int], right: int) -> Figure:
    """Draw whether the sum is right, for each design, point and fate of a worker."""
    cells = {
        (design, f"{fate} {point}"): "right" if found == right else "too small" if found < right else "too large"
        for (design, point, fate), found in sorted(outcomes.items(), key=lambda one: POINTS.index(one[0][1]))
    }
    designs = list(dict.fromkeys(design for design, _, _ in outcomes))
    safe = [design for design in designs if all(kind == "right" for (name, _), kind in cells.items() if name == design)]
    title = f"Only {' and '.join(safe)} gives {right:,} wherever a worker fails"
    return matrix(title, "design", "the first worker, at its first task, is", cells, KINDS)


def figure_late_worker() -> Figure:
    """Draw the worker that is paused beyond its lease and puts its result in before it asks; played, not recited."""
    design = "out, then done"
    steps = steps_to(design, HOLDING)
    assert steps is not None
    found, right = play(design, [(steps, PAUSED)]), play(design, [])
    return sequence(
        f"Both have done task 0, and the sum is {found:,} instead of {right:,}",
        "time",
        [
            Message("Ada", "space", f"in task, {LEASE:.0f} s", 0, 1),
            Message("space", "Ada", "task 0, lease 1", 1, 2),
            State("Ada", "down", 2, 10, "stopped"),
            Moment("space", "lease 1 is over", 3),
            Message("Bob", "space", f"in task, {LEASE:.0f} s", 4, 5),
            Message("space", "Bob", "task 0, lease 2", 5, 6),
            State("Bob", "works", 6, 7),
            Message("Bob", "space", "out sum of 0", 7, 8),
            Message("Bob", "space", "done, lease 2", 8, 9),
            Message("Ada", "space", "out sum of 0", 10, 11, marked=True),
            Message("Ada", "space", "done, lease 1", 11, 12),
            Message("space", "Ada", "it is over", 12, 13),
        ],
        ticks=False,
    )
