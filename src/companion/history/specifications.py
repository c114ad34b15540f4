"""What an object does, one operation at a time: the specification that a history is held against."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

State = Any
WRONG = object()
"""What `Model.step` gives when the operation cannot have had this result in this state."""

UNKNOWN = "unknown"
"""What was dequeued, when nobody heard the answer; no text of `canonical` is this."""


@dataclass(frozen=True)
class InPlace:
    """The same object as a value that changes: what is big is then not copied for each operation.

    Attributes
    ----------
    thaw, freeze : callable
        From a state of `Model.step` to such a value, and back.
    apply : callable
        ``apply(value, f, argument)`` changes the value; False when the operation cannot have had this result.
    """

    thaw: Callable[[State], Any]
    freeze: Callable[[Any], State]
    apply: Callable[[Any, str, Any], bool]


@dataclass(frozen=True)
class Model:
    """A sequential object.

    Attributes
    ----------
    name : str
        By which the command knows it.
    functions : tuple of str
        What can be asked of it.
    initial : hashable
        Its state before anything happened.
    step : callable
        ``step(state, f, value)`` gives the state afterwards, or `WRONG`.
    value_of : callable
        ``value_of(f, value)`` turns a value of a file into one that can be compared; a `ValueError` says what it takes.
    initial_of : callable
        The same for the value of the option ``--initial``.
    answers : frozenset of str
        The functions whose value is the object's answer; that of the others is what was asked for.
    elements : bool
        Whether a read returns all that was ever added, which lets the search know what must have come before it.
    grows : bool
        Whether no update is ever undone by another: what changes nothing now may then be taken at once.
    overwritten : bool
        Whether an update leaves nothing of what was there: one that never returned matters only to who reads it next.
    in_place : InPlace, optional
        For objects that hold much.
    """

    name: str
    functions: tuple[str, ...]
    initial: Hashable
    step: Callable[[State, str, Any], State]
    value_of: Callable[[str, Any], Hashable]
    initial_of: Callable[[Any], Hashable]
    answers: frozenset[str] = frozenset({"read"})
    elements: bool = False
    grows: bool = False
    overwritten: bool = False
    in_place: InPlace | None = None

    def starting_with(self, value: Any) -> Model:
        """Give the same object with another initial value.

        Raises
        ------
        ValueError
            If it cannot be one; says what it takes.
        """
        return replace(self, initial=self.initial_of(value))


def canonical(value: Any) -> str:
    """Write a JSON value in one way, so that equal values are equal texts (1 and 1.0 are, 1 and true are not)."""
    if type(value) is int:
        return int.__repr__(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


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


def _text_value(f: str, value: Any) -> Hashable:
    if value is None and f == "read":
        return ""
    if not isinstance(value, str):
        raise ValueError("give a text")
    return value


def _text(state: State, f: str, value: Any) -> State:
    if f == "write":
        return value
    if f == "append":
        return state + value
    return state if state == value else WRONG


def _list_of(value: Any, what: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ValueError(f"give a list of what {what}")
    return tuple(map(canonical, value))


def _elements_value(f: str, value: Any) -> Hashable:
    if f == "read":
        return _list_of(value, "was read")
    if value is None:
        raise ValueError(f"give what to {f}")
    return canonical(value)


def _set_value(f: str, value: Any) -> Hashable:
    found = _elements_value(f, value)
    return frozenset(found) if isinstance(found, tuple) else found


def _append(state: State, f: str, value: Any) -> State:
    if f == "append":
        return (*state, value)
    return state if state == value else WRONG


def _append_in_place(state: list[Any], f: str, value: Any) -> bool:
    if f == "append":
        state.append(value)
        return True
    return len(state) == len(value) and tuple(state) == value


def _set(state: State, f: str, value: Any) -> State:
    if f == "add":
        return state | {value}
    if f == "remove":
        return state - {value}
    return state if state == value else WRONG


def _set_in_place(state: set[Any], f: str, value: Any) -> bool:
    if f == "add":
        state.add(value)
    elif f == "remove":
        state.discard(value)
    else:
        return bool(state == value)
    return True


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


def _mutex_value(f: str, value: Any) -> Hashable:
    """Whoever acquires or releases may say anything with it; the object does not know it."""
    return None


def _mutex_initial(value: Any) -> Hashable:
    if not isinstance(value, bool):
        raise ValueError("give true (it is held) or false")
    return value


def _mutex(state: State, f: str, value: Any) -> State:
    return WRONG if state == (f == "acquire") else not state


def _queue_value(f: str, value: Any) -> Hashable:
    if value is None and f == "enqueue":
        raise ValueError("give what to enqueue; null is what an empty queue gives")
    return None if value is None else canonical(value)


def _queue(state: State, f: str, value: Any) -> State:
    if f == "enqueue":
        return (*state, value)
    if value is None:
        return WRONG if state else state
    if value == UNKNOWN:
        return state[1:]
    return state[1:] if state and state[0] == value else WRONG


def _queue_in_place(state: deque[Any], f: str, value: Any) -> bool:
    if f == "enqueue":
        state.append(value)
        return True
    if value is None or not state or state[0] != value:
        return value is None and not state
    state.popleft()
    return True


def _as_read(value_of: Callable[[str, Any], Hashable]) -> Callable[[Any], Hashable]:
    return lambda value: value_of("read", value)


MODELS: Mapping[str, Model] = MappingProxyType(
    {
        model.name: model
        for model in (
            Model(
                "register", ("read", "write"), None, _register, _register_value, _as_read(_register_value),
                overwritten=True,
            ),
            Model(
                "cas-register", ("read", "write", "cas"), None, _register, _register_value, _as_read(_register_value),
                overwritten=True,
            ),
            Model("kv", ("read", "write", "append"), "", _text, _text_value, _as_read(_text_value)),
            Model(
                "kv-append", ("read", "append"), (), _append, _elements_value, _as_read(_elements_value),
                elements=True, grows=True, in_place=InPlace(list, tuple, _append_in_place),
            ),
            Model(
                "set", ("read", "add", "remove"), frozenset(), _set, _set_value, _as_read(_set_value),
                elements=True, grows=True, in_place=InPlace(set, frozenset, _set_in_place),
            ),
            Model("counter", ("read", "add"), 0, _counter, _counter_value, _as_read(_counter_value), grows=True),
            Model("mutex", ("acquire", "release"), False, _mutex, _mutex_value, _mutex_initial, frozenset()),
            Model(
                "queue", ("enqueue", "dequeue"), (), _queue, _queue_value, lambda value: _list_of(value, "waits in it"),
                frozenset({"dequeue"}), in_place=InPlace(deque, tuple, _queue_in_place),
            ),
        )
    }
)  # fmt: skip
"""By the name that the command takes; counter adds are whole numbers of either sign."""

SYNONYMS: Mapping[str, str] = MappingProxyType({"get": "read", "put": "write"})
"""Other names of what can be asked, where a model does not know the name itself."""
