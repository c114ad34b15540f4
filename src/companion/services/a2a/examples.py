"""A few documents for the agent to read, of a server that was just started and in the chapter. We invented them all."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from companion.services.documents import add_documents

DOCUMENTS = [
    (
        "Northwind annual report",
        "Northwind makes bicycles and cargo bicycles for cities. The revenue of Northwind was 84 million in 2025."
        " The profit margin was 7 percent, and the cash flow paid for a second plant in Ghent.",
    ),
    (
        "Northwind market note",
        "In cargo bicycles Northwind competes with Velora and Hafen Rad. Its products are sold by 600 dealers.",
    ),
    (
        "Velora profile",
        "Velora makes light electric bicycles. The revenue of Velora was 120 million in 2025."
        " Its market share in the Netherlands was 11 percent.",
    ),
    (
        "Hafen Rad profile",
        "Hafen Rad makes cargo bicycles by hand in Hamburg. The revenue of Hafen Rad was 9 million in 2025.",
    ),
    (
        "Recall of the Northwind Atlas",
        "Northwind recalled 1,200 cargo bicycles of the type Atlas in May 2025, because a weld of the fork may break."
        " Owners get a new fork without charge.",
    ),
    (
        "Leave policy",
        "An employee has 28 days of leave a year. Leave that is not taken by March is lost.",
    ),
]


def add_examples(connection: Connection[Any]) -> None:
    """Write the documents, on a connection inside `as_tenant`."""
    add_documents(connection, DOCUMENTS)
