"""The figures of the log: what is overtaken, and what becomes of a message that nobody can handle."""

from collections.abc import Mapping, Sequence

from companion.calls.messaging.log.workers import Work
from companion.figures import Figure, Message, Moment, State, bars, sequence


def figure_work(works: Mapping[str, Work]) -> Figure:
    """Draw for each way of working how much is done at once, and what is overtaken."""
    groups = {
        name: {
            "worked on at once": float(work.at_once),
            "overtaken by the next of the same customer": float(work.swapped_of_a_customer),
        }
        for name, work in works.items()
    }
    best = [name for name, work in works.items() if work.at_once > 1 and work.swapped_of_a_customer == 0]
    title = f"Of those that do several at once only {' and '.join(best)} keeps each customer's order"
    if len(best) != 1:
        title = f"{len(best)} of {len(works)} ways do several at once and keep each customer's order"
    return bars(title, "messages", groups)


def figure_poison(deliveries: Sequence[int], poison: int, before: int, after: int) -> Figure:
    """Draw the tries of a message that nobody can handle, as they were seen, and when its notice came.

    Parameters
    ----------
    deliveries : sequence of int
        The sequences as they were delivered.
    poison : int
        Which of them is the one.
    before, after : int
        How many notices were kept before and after somebody fetched again.
    """
    tries = deliveries.count(poison)
    events: list[Message | State | Moment] = []
    at = 0.0
    for number in range(1, tries + 1):
        events.append(Message("log", "worker", f"message {poison}, try {number}", at, at + 1))
        events.append(State("worker", "down", at + 1, at + 2, "no answer"))
        at += 2
    events.append(Moment("notices", f"{before} kept", at))
    events.append(Message("worker", "log", "fetch", at + 1, at + 2, marked=True))
    events.append(Message("log", "notices", f"{poison} given up", at + 2, at + 3, marked=True))
    events.append(Moment("notices", f"{after} kept", at + 4))
    title = f"Tried {tries} times, and told of when somebody fetches again"
    return sequence(title, "time", events, participants=("worker", "log", "notices"), ticks=False)
