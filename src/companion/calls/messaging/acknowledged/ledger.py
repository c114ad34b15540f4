"""A ledger that takes each order once, however often it comes: the key and the effect are one transaction."""

from __future__ import annotations

import sqlite3


class Ledger:
    """A sum of amounts in SQLite, kept twice: once by whoever believes that an order comes once, and once rightly."""

    def __init__(self) -> None:
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute("create table taken (key text primary key, amount integer)")
        self.deliveries = 0
        self.credulous = 0

    def handle(self, key: str, amount: int) -> bool:
        """Take an order's amount, unless its key has been taken; True if it was new."""
        self.deliveries += 1
        self.credulous += amount
        with self._database:  # key and effect are one row, and so one step
            added = self._database.execute("insert or ignore into taken values (?, ?)", [key, amount])
        return added.rowcount == 1

    @property
    def taken(self) -> dict[str, int]:
        """The amount of each key."""
        return dict(self._database.execute("select key, amount from taken"))

    def close(self) -> None:
        """Close the database, whose content is gone then."""
        self._database.close()


__all__ = ["Ledger"]
