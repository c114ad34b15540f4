"""What exercises of chapter 10 are checked against: policies, keys, a feed that breaks off."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

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


def in_words(policies: Sequence[Policy]) -> str:
    """Say what policies there are."""
    told = [
        f"{'permissive' if one.permissive else 'restrictive'} for {one.command}: {one.column} = {one.value}"
        for one in policies
    ]
    return "; ".join(told) or "no policy"


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


Changes = dict[str, Any]

SAME: list[tuple[str, Changes]] = [
    ("the same scopes in another order", {"scopes": ["search", "read", "read"]}),
    ("capitals and blanks", {"question": "  open INVOICES "}),
    ("another moment, another token", {"at": 1, "request_id": "r-2", "token": "x"}),
]
"""Changes of a request that have the same answer."""

OTHER: list[tuple[str, Changes, Changes]] = [
    ("another tenant", {}, {"tenant": "0b"}),
    ("another user", {}, {"user": "bob"}),
    ("Ada, and ada", {"user": "Ada"}, {"user": "ada"}),
    ("a user with a blank at the end", {}, {"user": "ada "}),
    ("other scopes", {}, {"scopes": ["read"]}),
    ("another version", {}, {"version": 8}),
    ("another question", {}, {"question": "all"}),
    ("two blanks within the question", {}, {"question": "Open  invoices"}),
    ("one scope with a comma, and two", {"scopes": ["a,b"]}, {"scopes": ["a", "b"]}),
    ("version 1 of user a1, and 11 of user a", {"user": "a1", "version": 1}, {"user": "a", "version": 11}),
]
"""Changes of a request, two and two, that have not."""


def spliced(key_of: Callable[[Changes], str]) -> list[tuple[str, Changes, Changes]]:
    """Make two requests that a key confuses which puts texts beside each other without quotes.

    Parameters
    ----------
    key_of : callable
        From the changes of a request to its key.
    """
    told = key_of({"user": "zzu", "question": "zzq"})
    found = [" ", ":", "|"]
    if "zzu" in told and "zzq" in told[told.index("zzu") :]:
        found.append(told[told.index("zzu") + 3 : told.rindex("zzq")])  # whatever stands between the two
    return [
        (f"a{mark}b asks for c, and a for b{mark}c", {"user": f"a{mark}b", "question": "c"},
         {"user": "a", "question": f"b{mark}c"})
        for mark in found
    ]  # fmt: skip


def some_requests(rng: random.Random, count: int) -> list[tuple[Changes, object]]:
    """Draw changes of a request, each with what its answer depends on."""
    drawn: list[tuple[Changes, object]] = []
    for _ in range(count):
        user, question = ("".join(rng.choices('ab:|",', k=rng.randrange(4))) for _ in "uq")
        scopes, version = rng.sample(["a", "b", "a,b", "ab"], rng.randrange(3)), rng.randrange(3)
        changes = {"user": user, "question": question, "scopes": scopes, "version": version}
        drawn.append((changes, (user, question, frozenset(scopes), version)))
    return drawn


@dataclass
class Feed:
    """A list of revoked tokens elsewhere, as a program sees it that has to connect to it again.

    While the program does one thing, others revoke. A connection that breaks off takes what it has heard with it.

    Attributes
    ----------
    heard : list of (str, int)
        What has come in since `listen`: numbers of tokens, and until when each is to be refused.
    calls : int
        How often it was called.
    """

    rng: random.Random
    breaks: int = 0
    heard: list[tuple[str, int]] = field(default_factory=list)
    calls: int = 0
    listening: bool = False
    _all: dict[str, int] = field(default_factory=dict)  # what is revoked, which the program does not see

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
        snapshot = dict(self._all)
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
            self._all[number] = until
            if self.listening:
                self.heard.append((number, until))
