"""What an object does, one operation at a time: the specification that a history is held against."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

State = Any
WRONG = object()
"""What `Model.step` gives when the operation cannot have had this result in this state."""


@dataclass(frozen=True)
class Model:
    """A sequential object.

    Attributes
    ----------
    functions : tuple of str
        What can be asked of it.
    initial : hashable
        Its state before anything happened.
    step : callable
        ``step(state, f, value)`` gives the state afterwards, or `WRONG`.
    value_of : callable
        ``value_of(f, value)`` turns a value of a file into one that can be compared; a `ValueError` says what it takes.
    elements : bool
        Whether a read returns all that was ever added, which lets the search know what must have come before it.
    """

    functions: tuple[str, ...]
    initial: Hashable
    step: Callable[[State, str, Any], State]
    value_of: Callable[[str, Any], Hashable]
    elements: bool = False


def canonical(value: Any) -> str:
    """Write a JSON value in one way, so that equal values are equal texts (1 and 1.0 are, 1 and true are not)."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _register_value(f: str, value: Any) -> Hashable:
    if f == "cas":
        if not isinstance(value, list) or len(value) != 2:
            raise ValueError("give [old, new]")
        return tuple(None if part is None else canonical(part) for part in value)
    if value is None and f == "write":
        raise ValueError("give what is written; null is the register before any write")
    return None if value is None else canonical(value)


def _register(state: State, f: str, value: Any) -> State:
    if f == "write":
        return value
    if f == "cas":
        return value[1] if state == value[0] else WRONG
    return state if state == value else WRONG


def _elements_value(f: str, value: Any) -> Hashable:
    if f != "read":
        if value is None:
            raise ValueError(f"give what to {f}")
        return canonical(value)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ValueError("give a list of what was read")
    return tuple(map(canonical, value))


def _set_value(f: str, value: Any) -> Hashable:
    found = _elements_value(f, value)
    return frozenset(found) if isinstance(found, tuple) else found


def _append(state: State, f: str, value: Any) -> State:
    if f == "append":
        return (*state, value)
    return state if state == value else WRONG


def _set(state: State, f: str, value: Any) -> State:
    if f == "add":
        return state | {value}
    return state if state == value else WRONG


def _counter_value(f: str, value: Any) -> Hashable:
    if value is None and f == "read":
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("give a whole number")
    return value


def _counter(state: State, f: str, value: Any) -> State:
    if f == "add":
        return state + value
    return state if state == value else WRONG


MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "register": Model(("read", "write"), None, _register, _register_value),
        "cas-register": Model(("read", "write", "cas"), None, _register, _register_value),
        "kv-append": Model(("read", "append"), (), _append, _elements_value, elements=True),
        "set": Model(("read", "add"), frozenset(), _set, _set_value, elements=True),
        "counter": Model(("read", "add"), 0, _counter, _counter_value),
    }
)
"""By the name that the command takes; counter adds are whole numbers of either sign."""
