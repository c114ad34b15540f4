"""The figures of chapter 8."""

from __future__ import annotations

from companion.figures import Figure
from companion.figures.sequence import Message, Moment, sequence


def figure_rounds() -> Figure:
    """Draw how a question reaches a person and comes back, when no server remembers it."""
    client, one, two = "client", "replica 1", "replica 2"
    return sequence(
        "No server remembers the question: the client carries it",
        "time",
        [
            Message(client, one, "delete Draft", 0, 1),
            Message(one, client, "sure? + sealed state", 1, 2),
            Message(client, client, "asks its person", 3, 3),
            Message(client, two, "again, with yes + sealed state", 4, 5),
            Moment(two, "opens the seal", 5, marked=True),
            Message(two, client, "deleted", 6, 7),
        ],
        participants=(client, one, two),
        ticks=False,
    )
