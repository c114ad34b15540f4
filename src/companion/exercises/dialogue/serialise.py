"""Values on their way between check and answer: plain data as tagged JSON, and a few things beside it.

What is decoded are exact built-in types that the reader has made itself: nothing is pickled or evaluated. Exceptions
travel by name, frozen dataclasses of the package by their fields, generators of random numbers by their state.
"""

from __future__ import annotations

import builtins
import dataclasses
import operator
import random
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from companion.exercises.dialogue.protocol import MAX_FRAME, DialogueError

MAX_DEPTH = 60
MAX_NODES = 200_000
MAX_BITS = 100_000
_SMALL = 1 << 60

# Those with a plain constructor; the others travel by name only.
BUILTIN_ERRORS: dict[str, type[Exception]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not issubclass(kind, UnicodeError | SyntaxError | StopIteration | StopAsyncIteration | ExceptionGroup)
}
PACKAGE = "companion."


# Plain data


class Shared:
    """The lists, dicts, sets and bytearrays among the arguments of one call, numbered in the order both ends meet them.

    Arguments are copied into the answer's process. What the answer changes in its copies is told by their numbers, so
    that the check's own containers change as well, as they would if both ran in one notebook.
    """

    def __init__(self) -> None:
        self.things: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._before: list[Any] = []

    def add(self, thing: Any) -> None:
        """Give a container the next number."""
        self._numbers[id(thing)] = len(self.things)
        self.things.append(thing)
        self._before.append(_content(thing))

    def number(self, thing: Any) -> int | None:
        """Give a container's number; None if it is not among them."""
        return self._numbers.get(id(thing))

    def changed(self) -> list[int]:
        """List those whose content is another than it was when they were added."""
        return [n for n, thing in enumerate(self.things) if not _same(_content(thing), self._before[n])]


def _content(thing: Any) -> Any:
    kind = type(thing)
    if issubclass(kind, bytearray):
        return bytes(memoryview(thing))
    if issubclass(kind, dict):
        return [part for item in dict.items(thing) for part in item]
    return list(list.__iter__(thing) if issubclass(kind, list) else set.__iter__(thing))


def _same(one: Any, other: Any) -> bool:
    """Whether two contents are the same objects; asked of no object, since those may lie."""
    if isinstance(one, bytes):
        return bool(one == other)
    return len(one) == len(other) and all(map(operator.is_, one, other))


def replace_content(thing: Any, content: Any) -> None:
    """Let a container hold what another of its kind holds.

    Raises
    ------
    DialogueError
        If the other is of another kind.
    """
    kind = next((kind for kind in MUTABLE if isinstance(thing, kind)), None)
    if kind is None or not isinstance(content, kind):
        raise DialogueError("a container that has become another kind of thing")
    thing.clear()
    if kind is list or kind is bytearray:
        thing.extend(content)
    else:
        thing.update(content)


MUTABLE: tuple[type, ...] = (list, dict, set, bytearray)


def encode(
    value: Any, other: Callable[[Any], dict[str, Any]], shared: Shared | None = None, *, whole: bool = False
) -> Any:
    """Turn a value into JSON; what is no plain data becomes what `other` gives for it.

    A subclass of a plain type is sent as that type, by the type's own methods: what it overrides is left behind.

    Parameters
    ----------
    value
        The value.
    other
        Gives a JSON object for what is no plain data.
    shared
        Containers that the other side has too: they are sent by their numbers.
    whole
        Whether the value itself is sent whole although it is among them.

    Raises
    ------
    DialogueError
        If the value is nested too deeply or holds too much.
    """
    return _Encoder(other, shared, adding=False).encode(value, 0, whole=whole)


def encode_arguments(
    args: list[Any], kwargs: dict[str, Any], other: Callable[[Any], dict[str, Any]], shared: Shared
) -> dict[str, Any]:
    """Turn the arguments of a call into JSON, and number the containers among them.

    Raises
    ------
    DialogueError
        If they are nested too deeply or hold too much.
    """
    encoder = _Encoder(other, shared, adding=True)
    return {"args": encoder.encode(args, 0), "kwargs": encoder.encode(kwargs, 0)}


class _Encoder:
    def __init__(self, other: Callable[[Any], dict[str, Any]], shared: Shared | None, *, adding: bool) -> None:
        self.other = other
        self.shared = shared
        self.adding = adding
        self.nodes = 0

    def encode(self, value: Any, depth: int, *, whole: bool = False) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise DialogueError(f"nested more than {MAX_DEPTH} levels deep")
        if self.nodes > MAX_NODES:
            raise DialogueError(f"more than {MAX_NODES:,} values in one")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if issubclass(kind, int):  # not isinstance, which believes what an object says of its class
            number = int.__int__(value)
            if -_SMALL < number < _SMALL:
                return number
            if int.bit_length(number) > MAX_BITS:
                raise DialogueError(f"a whole number of more than {MAX_BITS:,} bits")
            return {"t": "int", "v": int.__format__(number, "x")}
        if issubclass(kind, float):
            return float.__float__(value)
        if issubclass(kind, str):
            if str.__len__(value) > MAX_FRAME:
                raise DialogueError(f"a text of more than {MAX_FRAME:,} characters")
            return str.__str__(value)
        number_there = None if self.shared is None or whole else self.shared.number(value)
        if number_there is not None:
            return {"t": "shared", "v": number_there}
        data = self._compound(value, depth + 1)
        if self.adding and self.shared is not None and issubclass(kind, MUTABLE):
            self.shared.add(value)
        return data

    def _compound(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if issubclass(kind, bytes | bytearray):
            content = bytes(memoryview(value))
            if len(content) > MAX_FRAME:
                raise DialogueError(f"more than {MAX_FRAME:,} bytes")
            return {"t": "bytes" if issubclass(kind, bytes) else "bytearray", "v": content.hex()}
        if issubclass(kind, complex):
            return {"t": "complex", "v": [complex.__complex__(value).real, complex.__complex__(value).imag]}
        if kind in _EXACT:
            return {"t": kind.__name__, "v": [self.encode(part, depth) for part in _EXACT[kind](value)]}
        if issubclass(kind, dict):
            items = [[self.encode(k, depth), self.encode(v, depth)] for k, v in dict.items(value)]
            return {"t": "dict", "v": items}
        kinds: tuple[Any, ...] = (list, tuple, set, frozenset)
        for plain in kinds:
            if issubclass(kind, plain):
                items = [self.encode(item, depth) for item in plain.__iter__(value)]
                return items if plain is list else {"t": plain.__name__, "v": items}
        return self.other(value)


# Other values of Python's own that an answer may well give, by what makes them.
_EXACT: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    Fraction: lambda value: (value.numerator, value.denominator),
    Decimal: lambda value: (str(value),),
    range: lambda value: (value.start, value.stop, value.step),
    date: lambda value: (value.year, value.month, value.day),
}
_SEQUENCES: dict[Any, Callable[[Any], Any]] = {"tuple": tuple, "set": set, "frozenset": frozenset}
_MADE: dict[Any, Callable[..., Any]] = {kind.__name__: kind for kind in _EXACT}


def decode(data: Any, other: Callable[[dict[str, Any]], Any], shared: Shared | None = None) -> Any:
    """Make the value that was sent; what is no plain data is given to `other`.

    Raises
    ------
    DialogueError
        If it is no value.
    """
    return _Decoder(other, shared, adding=False).decode(data, 0)


def decode_arguments(
    message: dict[str, Any], other: Callable[[dict[str, Any]], Any], shared: Shared
) -> tuple[list[Any], dict[str, Any]]:
    """Make the arguments of a call, and number the containers among them.

    Raises
    ------
    DialogueError
        If they are none.
    """
    decoder = _Decoder(other, shared, adding=True)
    args, kwargs = decoder.decode(message.get("args"), 0), decoder.decode(message.get("kwargs"), 0)
    if not isinstance(args, list) or not isinstance(kwargs, dict):
        raise DialogueError("a call without arguments")
    return args, kwargs


class _Decoder:
    def __init__(self, other: Callable[[dict[str, Any]], Any], shared: Shared | None, *, adding: bool) -> None:
        self.other = other
        self.shared = shared
        self.adding = adding

    def decode(self, data: Any, depth: int) -> Any:
        if depth > 2 * MAX_DEPTH:
            raise DialogueError("a value that is nested too deeply")
        if data is None or isinstance(data, bool | int | float | str):
            return data
        if isinstance(data, dict) and data.get("t") == "shared" and self.shared is not None:
            return self.shared.things[index(data.get("v"), self.shared.things)]
        value = self._compound(data, depth + 1)
        if self.adding and self.shared is not None and type(value) in MUTABLE:
            self.shared.add(value)
        return value

    def _compound(self, data: Any, depth: int) -> Any:
        if isinstance(data, list):
            return [self.decode(item, depth) for item in data]
        kind, content = data.get("t"), data.get("v")
        try:
            if kind == "dict":
                return {self.decode(key, depth): self.decode(value, depth) for key, value in content}
            if kind in _SEQUENCES:
                return _SEQUENCES[kind]([self.decode(item, depth) for item in content])
            if kind in _MADE:
                return _MADE[kind](*(self.decode(part, depth) for part in content))
            if kind == "int":
                return int(content, 16) if len(content) < MAX_BITS else None
            if kind == "bytes":
                return bytes.fromhex(content)
            if kind == "bytearray":
                return bytearray.fromhex(content)
            if kind == "complex":
                real, imaginary = content
                return complex(float(real), float(imaginary))
        except (TypeError, ValueError, ArithmeticError) as error:
            raise DialogueError(f"a {kind} that is none: {error}") from error
        return self.other(data)


def index(number: Any, things: list[Any]) -> int:
    """Check that the other side named one of the things that there are.

    Raises
    ------
    DialogueError
        If it did not.
    """
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < len(things):
        raise DialogueError("a thing that nobody gave")
    return number


# What both ends carry beside it


def describe_error(error: BaseException) -> dict[str, Any]:
    """Give an exception's name, its text, and the built-in classes that it is one of."""
    kind = type(error)
    try:
        text = str(error)
    except BaseException as second:  # noqa: BLE001 - the class may be a student's
        text = f"(its text cannot be had: {type(second).__name__})"
    known = [base.__name__ for base in kind.__mro__ if BUILTIN_ERRORS.get(base.__name__) is base]
    return {"type": str(kind.__name__)[:100], "text": text[:2000], "builtin": known[:8]}


def error_class(described: dict[str, Any], base: type[Exception] | None = None) -> type[Exception]:
    """Make a class for an exception from the other side: of its name, and of its nearest built-in class.

    Parameters
    ----------
    described
        What `describe_error` gave.
    base
        A class that it shall be one of, too.
    """
    known = described.get("builtin")
    names = [name for name in known if isinstance(name, str)] if isinstance(known, list) else []
    nearest = next((BUILTIN_ERRORS[name] for name in names if name in BUILTIN_ERRORS), Exception)
    name = str(described.get("type", "Exception"))[:100]
    if base is None and name == nearest.__name__:
        return nearest
    bases = tuple(kind for kind in (base, nearest) if kind is not None and kind is not Exception)
    return type(name, bases or (Exception,), {})


def pack(value: Any, encode: Callable[[Any], Any]) -> dict[str, Any] | None:
    """Describe a frozen dataclass of the package, or a generator of random numbers; None if it is neither."""
    kind = type(value)
    if kind is random.Random:
        return {"t": "random", "v": encode(value.getstate())}
    if _is_ours(kind):
        fields = [[field.name, encode(getattr(value, field.name))] for field in dataclasses.fields(kind) if field.init]
        return {"t": "record", "class": f"{kind.__module__}:{kind.__qualname__}", "v": fields}
    return None


def unpack(data: dict[str, Any], decode: Callable[[Any], Any]) -> Any:
    """Make again what `pack` described.

    Only classes that this side has imported itself are used, so nothing is loaded because the other side names it.

    Raises
    ------
    DialogueError
        If it cannot be made.
    """
    try:
        if data["t"] == "random":
            generator = random.Random()
            generator.setstate(decode(data["v"]))
            return generator
        module, _, name = str(data["class"]).partition(":")
        kind = getattr(sys.modules.get(module), name, None)
        if not isinstance(kind, type) or not _is_ours(kind):
            raise DialogueError(f"{module}:{name} is no record that is known here")
        return kind(**{str(field): decode(value) for field, value in data["v"]})
    except DialogueError:
        raise
    except Exception as error:
        raise DialogueError(f"a {data.get('t')} that is none: {error}") from error


def _is_ours(kind: type) -> bool:
    parameters = getattr(kind, "__dataclass_params__", None)
    return kind.__module__.startswith(PACKAGE) and parameters is not None and bool(parameters.frozen)
