"""Values on their way between check and answer: plain data as tagged JSON, and a few things beside it.

What is decoded are exact built-in types that the reader has made itself: nothing is pickled or evaluated. Exceptions
travel by name, frozen dataclasses of the package by their fields, generators of random numbers by their state.
"""

from __future__ import annotations

import builtins
import dataclasses
import random
import sys
from collections.abc import Callable
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


def encode(value: Any, other: Callable[[Any], dict[str, Any]]) -> Any:
    """Turn a value into JSON; what is no plain data becomes what `other` gives for it.

    A subclass of a plain type is sent as that type, by the type's own methods: what it overrides is left behind.

    Raises
    ------
    DialogueError
        If the value is nested too deeply or holds too much.
    """
    return _Encoder(other).encode(value, 0)


class _Encoder:
    def __init__(self, other: Callable[[Any], dict[str, Any]]) -> None:
        self.other = other
        self.nodes = 0

    def encode(self, value: Any, depth: int) -> Any:
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
        return self._compound(value, depth + 1)

    def _compound(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if issubclass(kind, bytes | bytearray):
            content = bytes(memoryview(value))
            if len(content) > MAX_FRAME:
                raise DialogueError(f"more than {MAX_FRAME:,} bytes")
            return {"t": "bytes" if issubclass(kind, bytes) else "bytearray", "v": content.hex()}
        if issubclass(kind, complex):
            return {"t": "complex", "v": [complex.__complex__(value).real, complex.__complex__(value).imag]}
        if issubclass(kind, dict):
            items = [[self.encode(k, depth), self.encode(v, depth)] for k, v in dict.items(value)]
            return {"t": "dict", "v": items}
        kinds: tuple[Any, ...] = (list, tuple, set, frozenset)
        for plain in kinds:
            if issubclass(kind, plain):
                items = [self.encode(item, depth) for item in plain.__iter__(value)]
                return items if plain is list else {"t": plain.__name__, "v": items}
        return self.other(value)


def decode(data: Any, other: Callable[[dict[str, Any]], Any], depth: int = 0) -> Any:
    """Make the value that was sent; what is no plain data is given to `other`.

    Raises
    ------
    DialogueError
        If it is no value.
    """
    if depth > 2 * MAX_DEPTH:
        raise DialogueError("a value that is nested too deeply")
    if data is None or isinstance(data, bool | int | float | str):
        return data
    if isinstance(data, list):
        return [decode(item, other, depth + 1) for item in data]
    kind, content = data.get("t"), data.get("v")
    try:
        if kind == "dict":
            return {decode(key, other, depth + 1): decode(value, other, depth + 1) for key, value in content}
        if kind in _SEQUENCES:
            return _SEQUENCES[kind](decode(item, other, depth + 1) for item in content)
        if kind == "int":
            return int(content, 16) if len(content) < MAX_BITS else None
        if kind == "bytes":
            return bytes.fromhex(content)
        if kind == "bytearray":
            return bytearray.fromhex(content)
        if kind == "complex":
            real, imaginary = content
            return complex(float(real), float(imaginary))
    except (TypeError, ValueError) as error:
        raise DialogueError(f"a {kind} that is none: {error}") from error
    return other(data)


_SEQUENCES: dict[Any, Callable[[Any], Any]] = {"tuple": tuple, "set": set, "frozenset": frozenset}


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
    described : dict
        What `describe_error` gave.
    base : type, optional
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
