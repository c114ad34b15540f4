"""What exercises of chapter 10 are checked against: a feed that breaks off, and policies as PostgreSQL reads them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
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


def as_words(policies: Sequence[Policy]) -> str:
    """Say policies as a person would."""
    kinds = {True: "permissive", False: "restrictive"}
    said = [f"{kinds[one.permissive]} for {one.command}: {one.column} = {one.value}" for one in policies]
    return "; ".join(said) or "no policy"


def two_meanings(key_of: Callable[..., str]) -> Iterator[str]:
    """Say which two requests have one key, because what stands between their parts can stand in a part."""
    told = key_of(user="zzu", question="zzq")
    marks = [":", "|", ",", "\n", "/", " ", '", "', "', '", "\x00"]
    if "zzu" in told and "zzq" in told[told.index("zzu") :]:
        marks.append(told[told.index("zzu") + 3 : told.rindex("zzq")])
    for mark in marks:
        one, two = {"user": f"a{mark}b", "question": "c"}, {"user": "a", "question": f"b{mark}c"}
        if key_of(**one) == key_of(**two):
            yield f"{one} and {two}: the answers are not the same"
    if key_of(user="a1", version=1) == key_of(user="a", version=11):
        yield "version 1 of user 'a1', and version 11 of user 'a': the answers are not the same"


def some_keys(key_of: Callable[..., str], rng: random.Random, times: int = 3000) -> Iterator[str]:
    """Draw requests, and say which two that are not the same have one key, or whether one has two."""
    seen: dict[str, object] = {}
    for _ in range(times):
        user, question = ("".join(rng.choices('ab:|",', k=rng.randrange(4))) for _ in "uq")
        scopes = rng.sample(["a", "b", "a,b", "ab"], rng.randrange(3))
        version = rng.randrange(3)
        means = user, question, frozenset(scopes), version
        told = key_of(user=user, question=question, scopes=scopes, version=version)
        if seen.setdefault(told, means) != means:
            yield f"{means} and {seen[told]}: one key"
    if len(seen) != len(set(seen.values())):
        yield "one answer has two keys"


def wrong_rows(visible: Callable[[list[Policy], Rows], Rows], policies: Sequence[Policy]) -> Iterator[str]:
    """Say what an answer makes of policies that PostgreSQL does not."""
    want = [row for row in ALL_ROWS if shown(policies, row)]
    told = visible(list(policies), [dict(row) for row in ALL_ROWS])
    if not isinstance(told, list):
        yield f"{told!r} is no list of rows"
        return
    for row in ALL_ROWS:
        if (row in told) != (row in want):
            yield f"[{as_words(policies)}] {row} is {'shown' if row in want else 'not shown'} by PostgreSQL"
    if told != want:
        yield "keep the rows in their order, each once"
