"""Values get through as what they are, or not at all."""

from __future__ import annotations

import enum
import json
import math
import socket
from collections import OrderedDict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.exercises.dialogue import serialise
from companion.exercises.dialogue.protocol import DialogueError, Line
from companion.exercises.dialogue.proxies import AnswerError
from companion.exercises.dialogue.serialise import decode, encode
from companion.exercises.dialogue.session import Session, TalkError


def nothing(value: Any) -> Any:
    raise DialogueError(f"a {type(value).__name__}")


def there_and_back(value: Any) -> Any:
    return decode(json.loads(json.dumps(encode(value, nothing))), nothing)


keys = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.tuples(st.integers(), st.text())


values = st.recursive(
    keys | st.floats(allow_nan=False) | st.complex_numbers(allow_nan=False),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(keys, inner) | st.sets(keys),
    max_leaves=20,
)


@settings(deadline=None)
@given(values)
def test_plain_data_arrives_as_it_was(value: Any) -> None:
    back = there_and_back(value)
    assert back == value and type(back) is type(value)


def test_what_json_does_not_know_arrives_too() -> None:
    assert math.isnan(there_and_back(math.nan)) and there_and_back(-math.inf) == -math.inf
    assert there_and_back(1 << 5000) == 1 << 5000 and there_and_back(-(10**30)) == -(10**30)
    assert there_and_back("\ud800") == "\ud800" and there_and_back({(1, 2): {3}}) == {(1, 2): {3}}
    assert str(there_and_back(-0.0)) == "-0.0"
    for value in (Fraction(3, 7), Decimal("0.10"), Decimal("NaN"), range(2, 9, 3), date(2026, 2, 28)):
        assert repr(there_and_back(value)) == repr(value)


class Liar(float):
    __eq__ = __lt__ = __gt__ = lambda *a: True  # type: ignore[assignment]
    __hash__ = float.__hash__

    def __float__(self) -> float:
        return 42.0


class Point(NamedTuple):
    x: int
    y: int


class Colour(enum.IntEnum):
    RED = 3


@pytest.mark.parametrize(
    ("value", "plain"),
    [(Liar(1), 1.0), (Colour.RED, 3), (OrderedDict(a=1), {"a": 1}), (Point(1, 2), (1, 2)),
     (type("S", (str,), {"__str__": lambda self: "lie", "__len__": lambda self: 0})("truth"), "truth"),
     (type("L", (list,), {"__iter__": lambda self: iter([9])})([1, 2]), [1, 2])],
)  # fmt: skip
def test_a_subclass_arrives_as_the_plain_type(value: Any, plain: Any) -> None:
    back = there_and_back(value)
    assert type(back) is type(plain) and back == plain


class Pretender:
    __class__ = float  # type: ignore[assignment]


def test_what_only_says_that_it_is_a_float_is_none() -> None:
    with pytest.raises(DialogueError):
        there_and_back(Pretender())


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", [nested(1000), list(range(300_000)), "x" * 5_000_000, bytes(5_000_000), 1 << 200_000], ids=lambda _: "",
)  # fmt: skip
def test_too_much_is_not_sent(value: Any) -> None:
    with pytest.raises(DialogueError):
        encode(value, nothing)


BAD = [
    {"t": "dict", "v": [[[], 1]]}, {"t": "dict", "v": 3}, {"t": "dict", "v": [[1]]}, {"t": "int", "v": "zz"},
    {"t": "bytes", "v": 3}, {"t": "set", "v": [[]]}, {"t": "complex", "v": [1]}, {"t": "evil"}, {}, {"t": []},
    {"t": "int"},
]  # fmt: skip


@pytest.mark.parametrize("data", BAD, ids=str)
def test_what_is_no_value_is_refused(data: Any) -> None:
    session = Session(Line(socket.socketpair()[0]))
    with pytest.raises(TalkError):
        session._decode(data)


@pytest.mark.parametrize(
    "name", ["os:system", "companion.exercises.dialogue.protocol:Line", "companion.nowhere:X", "", "builtins:int"]
)
def test_a_record_of_another_kind_is_not_made(name: str) -> None:
    with pytest.raises(DialogueError):
        serialise.unpack({"t": "record", "class": name, "v": []}, lambda data: data)


def test_a_damaged_generator_is_not_made() -> None:
    for state in (1, [3, [1], None], None):
        with pytest.raises(DialogueError):
            serialise.unpack({"t": "random", "v": state}, lambda data: data)


def test_an_error_cannot_be_a_system_exit_or_a_lie_about_its_class() -> None:
    for name in ("SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException", "Proxy"):
        kind = serialise.error_class({"type": name, "text": "", "builtin": [name]}, AnswerError)
        assert issubclass(kind, AnswerError) and issubclass(kind, Exception)
    assert serialise.error_class({"type": [], "builtin": [[]]}, AnswerError)
