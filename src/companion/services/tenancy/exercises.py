"""What exercises of chapter 10 are checked against: a feed that breaks off, and policies as PostgreSQL reads them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

Rows = list[dict[str, object]]


@dataclass(frozen=True)
class Policy:
    """A policy on a table: for a row (a dict) `column` has to be `value`.

    Attributes
    ----------
    permissive : bool
        As CREATE POLICY makes it unless it says RESTRICTIVE.
    command : str
        ``select``, ``insert``, ``update``, ``delete`` or ``all``.
    column, value
        What it asks of a row.
    """

    permissive: bool
    command: str
    column: str
    value: object


def shown(policies: Sequence[Policy], row: dict[str, object]) -> bool:
    """Say whether a SELECT shows a row: a permissive policy lets it through, and no restrictive one objects."""
    asked = [one for one in policies if one.command in ("select", "all")]
    lets = [row[one.column] == one.value for one in asked if one.permissive]
    objects = [row[one.column] != one.value for one in asked if not one.permissive]
    return any(lets) and not any(objects)


def some_policies(rng: random.Random) -> list[Policy]:
    """Draw policies over the columns `tenant` and `state`."""
    commands = ["select", "all", "insert", "update", "delete"]
    choices = [("tenant", "A"), ("tenant", "B"), ("state", "open"), ("state", "shut")]
    return [Policy(rng.random() < 0.6, rng.choice(commands), *rng.choice(choices)) for _ in range(rng.randrange(0, 5))]


ALL_ROWS: Rows = [{"tenant": tenant, "state": state} for tenant in "AB" for state in ("open", "shut")]


@dataclass
class Feed:
    """A list of revoked tokens elsewhere, as a program sees it that has to connect to it again.

    While the program does one thing, others revoke. A connection that breaks off takes what it has heard with it.

    Attributes
    ----------
    heard : list of (str, int)
        What has come in since `listen`: numbers of tokens, and until when each is to be refused.
    revoked : dict of str to int
        All that is revoked, which the program does not see.
    calls : int
        How often it was called.
    """

    rng: random.Random
    breaks: int = 0
    heard: list[tuple[str, int]] = field(default_factory=list)
    revoked: dict[str, int] = field(default_factory=dict)
    calls: int = 0
    listening: bool = False

    def listen(self) -> None:
        """Hear of every token that is revoked from now on.

        Raises
        ------
        ConnectionError
            If the connection breaks off.
        """
        self._others_revoke()
        self._may_break()
        self.listening = True
        self._others_revoke()

    def load(self) -> dict[str, int]:
        """Give all tokens that are revoked at the moment of the question; the answer takes its time.

        Raises
        ------
        ConnectionError
            If the connection breaks off.
        """
        self._others_revoke()
        snapshot = dict(self.revoked)
        self._others_revoke()
        self._may_break()
        return snapshot

    def _may_break(self) -> None:
        self.calls += 1
        if self.breaks and self.rng.random() < 0.5:
            self.breaks -= 1
            self.listening, self.heard = False, []
            self._others_revoke()
            raise ConnectionError("the connection broke off")

    def _others_revoke(self) -> None:
        for _ in range(self.rng.randrange(3)):
            number, until = f"t{self.rng.randrange(10**6)}", self.rng.randrange(1, 200)
            self.revoked[number] = until
            if self.listening:
                self.heard.append((number, until))
