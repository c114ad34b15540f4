"""The figures of chapter 8."""

from __future__ import annotations

from companion.figures import Figure
from companion.figures.sequence import Message, Moment, State, sequence


def figure_rounds() -> Figure:
    """Draw how a question reaches a person and comes back, when no server remembers it."""
    client, one, two = "client", "replica 1", "replica 2"
    return sequence(
        "No server remembers the question: the client carries it",
        "time",
        [
            Message(client, one, "delete Draft", 0, 1),
            Message(one, client, "input required: sure? + sealed state", 1, 2),
            State(client, "waits", 2, 4, "for its person"),
            Message(client, two, "delete Draft + yes + sealed state", 4, 5),
            Moment(two, "opens the seal", 5, marked=True),
            Message(two, client, "deleted", 6, 7),
        ],
        participants=(client, one, two),
        ticks=False,
    )
