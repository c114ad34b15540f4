"""The verdict on a history: each key by itself, taking turns, so that a hard key does not hide a bad one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from companion.history.events import Operation
from companion.history.quiet import Settled, pieces
from companion.history.search import MEMORY, Memory, Search
from companion.history.specifications import MODELS, Model

FIRST_TURN = 2_000
"""Steps of a key's first turn; each later one is twice as long."""

SLICE = 2_000
"""Steps between two looks at the clock."""


@dataclass(frozen=True)
class KeyVerdict:
    """What is known of one key: `linearizable` is None when the limit came first; `steps` is what it cost."""

    key: str
    linearizable: bool | None
    operations: int
    steps: int


@dataclass(frozen=True)
class Verdict:
    """What is known of a history.

    Attributes
    ----------
    linearizable : bool or None
        False when one key is not; None when time or memory came first.
    keys : tuple of KeyVerdict
        Each key, ordered by its first operation.
    """

    linearizable: bool | None
    keys: tuple[KeyVerdict, ...]


def by_key(operations: Sequence[Operation]) -> dict[str, list[Operation]]:
    """Group operations by the object that they asked; a history is linearizable when each object's is (locality)."""
    found: dict[str, list[Operation]] = {}
    for operation in operations:
        found.setdefault(operation.key, []).append(operation)
    return found


def check(
    operations: Sequence[Operation],
    model: str | Model = "register",
    timeout: float | None = None,
    steps: int | None = None,
    memory: int = MEMORY,
) -> Verdict:
    """Decide whether a history is linearizable.

    Parameters
    ----------
    operations : sequence of Operation
        Of any number of keys.
    model : str or Model
        One of `companion.history.specifications.MODELS`, or such a model with another initial value.
    timeout : float, optional
        Seconds after which what is not known is left open.
    steps : int, optional
        The same in steps of a key's search: a limit that does not depend on the machine.
    memory : int
        Bytes that the searches may take together.

    Raises
    ------
    KeyError
        If there is no such model.
    """
    found = MODELS[model] if isinstance(model, str) else model
    deadline = None if timeout is None else time.monotonic() + timeout
    settled: dict[str, Settled] = {}
    for key, group in by_key(operations).items():
        settled[key] = Settled(found)
        for piece in pieces(group):
            settled[key].add(piece)
    return decide(settled, deadline, steps, memory)


def decide(
    settled: Mapping[str, Settled], deadline: float | None = None, steps: int | None = None, memory: int = MEMORY
) -> Verdict:
    """Search what was not settled, key by key in turns, until a clock's moment, or as `check` says."""
    room = Memory(memory)
    searches = {key: one.search(room) for key, one in settled.items() if one.verdict is None and one.rest}
    wrong = any(one.verdict is False for one in settled.values())
    turn, open_keys, late = FIRST_TURN, list(searches), False
    while open_keys and not late and not wrong:
        for key in open_keys:
            late = late or not _go_on(searches[key], turn if steps is None else min(turn, steps), deadline)
        open_keys = [
            key
            for key in open_keys
            if searches[key].verdict is None
            and not searches[key].exhausted
            and (steps is None or searches[key].steps < steps)
        ]
        wrong = any(search.verdict is False for search in searches.values())
        turn *= 2
    keys = tuple(_of_key(key, one, searches.get(key)) for key, one in settled.items())
    known = {one.linearizable for one in keys}
    return Verdict(False if False in known else None if None in known else True, keys)


def _of_key(key: str, settled: Settled, search: Search | None) -> KeyVerdict:
    if search is None:
        return KeyVerdict(key, settled.verdict is not False, settled.operations, settled.steps)
    return KeyVerdict(key, search.verdict, settled.operations, settled.steps + search.steps)


def _go_on(search: Search, steps: int, deadline: float | None) -> bool:
    """Give a search its turn; False when the time is over."""
    while steps > 0 and search.verdict is None and not search.exhausted:
        if deadline is not None and time.monotonic() > deadline:
            return False
        search.run(min(SLICE, steps))
        steps -= SLICE
    return True
