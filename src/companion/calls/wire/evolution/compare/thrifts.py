"""Thrift: thriftpy2 parses, and speaks the binary protocol."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from companion.calls.wire.evolution.compare.shapes import (
    MAX_DEPTH,
    MAX_NODES,
    Message,
    SchemaError,
    Shape,
    Symbol,
    Unreadable,
    read_text,
    word,
)

_numbers = itertools.count()
BOOL, BYTE, DOUBLE, I16, I32, I64, STRING, STRUCT, MAP, SET, LIST, BINARY = 2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15, 18
_NAMES = {BOOL: "bool", BYTE: "byte", DOUBLE: "double", I16: "i16", I32: "i32", I64: "i64", STRING: "string",
          BINARY: "binary"}  # fmt: skip
_BITS = {BYTE: 7, I16: 15, I32: 31, I64: 63}


def _binary() -> Any:
    from thriftpy2.protocol import TBinaryProtocolFactory

    return TBinaryProtocolFactory()  # type: ignore[no-untyped-call]


class Thrifts:
    """The structs, unions, exceptions and calls of one .thrift file."""

    format = "Thrift"

    def __init__(self, path: Path) -> None:
        if not read_text(path).strip():
            raise SchemaError(f"{path}: it is empty")
        from thriftpy2.parser import load
        from thriftpy2.parser.exc import ThriftParserError

        try:
            module = load(str(path), f"evolve_{next(_numbers)}_thrift", include_dirs=[str(path.parent)])
            self._structs = _structs_of(module)
        except (ThriftParserError, ValueError, TypeError, AttributeError, KeyError, AssertionError) as error:
            raise SchemaError(f"{path}: {' '.join(str(error).split()) or type(error).__name__}") from None
        except RecursionError:
            raise SchemaError(f"{path}: nested too deeply") from None
        self.messages: Mapping[str, Message] = {
            name: {
                spec[1]: _shape(tag, spec, dict(struct.default_spec))
                for tag, spec in sorted(struct.thrift_spec.items())
            }
            for name, struct in self._structs.items()
        }
        self._unions = {one.__name__ for one in module.__thrift_meta__["unions"]}

    def sample(self, message: str, random_: random.Random) -> dict[str, Any]:
        """Draw a struct with all fields set; a union has one."""
        return _draw(self._structs[message], random_, MAX_DEPTH, [MAX_NODES], self._unions)

    def encode(self, message: str, value: Mapping[str, Any]) -> bytes:
        """Write the binary protocol."""
        from thriftpy2.utils import serialize

        return bytes(serialize(_made(self._structs[message], value), _binary()))

    def decode(self, message: str, data: bytes) -> dict[str, Any]:
        """Read the binary protocol; what is required and missing is refused, as Apache's generated readers do."""
        from thriftpy2.thrift import TException
        from thriftpy2.utils import deserialize

        struct = self._structs[message]
        try:
            got = deserialize(struct(), data, _binary())
        except (TException, ValueError, TypeError, EOFError) as error:
            raise Unreadable(str(error) or type(error).__name__) from None
        found = _plain(got)
        specs = struct.thrift_spec.values()
        if missing := [name for _, name, *_, required in specs if required and found[name] is None]:
            raise Unreadable("required, and missing", dict.fromkeys(missing, "required, and missing"), found)
        return found


def _structs_of(module: Any) -> dict[str, Any]:
    meta = module.__thrift_meta__
    found = {one.__name__: one for kind in ("structs", "unions", "exceptions") for one in meta[kind]}
    for service in meta["services"]:
        for call in service.thrift_services:
            for suffix in ("args", "result"):
                found[f"{service.__name__}.{call}_{suffix}"] = getattr(service, f"{call}_{suffix}")
    return {name: one for name, one in found.items() if hasattr(one, "thrift_spec")}


def _type(kind: int, of: Any) -> str:
    if kind in (LIST, SET):
        return f"{'list' if kind == LIST else 'set'}<{_type(*_pair(of))}>"
    if kind == MAP:
        return f"map<{_type(*_pair(of[0]))}, {_type(*_pair(of[1]))}>"
    return of.__name__ if of is not None else _NAMES.get(kind, str(kind))


def _pair(of: Any) -> tuple[int, Any]:
    return of if isinstance(of, tuple) else (of, None)


def _shape(tag: int, spec: tuple[Any, ...], defaults: Mapping[str, Any]) -> Shape:
    kind, name, *of, required = spec
    inner = of[0].__name__ if kind == STRUCT else ""
    return Shape(name, tag, _type(kind, of[0] if of else None), defaults.get(name), bool(required), inner)


def _draw(struct: Any, random_: random.Random, depth: int, left: list[int], unions: set[str]) -> dict[str, Any]:
    specs = list(struct.thrift_spec.values())
    if struct.__name__ in unions and specs:
        specs = [random_.choice(specs)]
    drawn: dict[str, Any] = {}
    for kind, name, *of, required in specs:
        left[0] -= 1
        if required or (left[0] >= 0 and (kind != STRUCT or depth > 0)):
            drawn[name] = _one(kind, of[0] if of else None, random_, depth, left, unions)
    return drawn


def _one(kind: int, of: Any, random_: random.Random, depth: int, left: list[int], unions: set[str]) -> Any:
    def inner(pair: Any) -> Any:
        return _one(*_pair(pair), random_, depth - 1, left, unions)

    if kind == STRUCT:
        return _draw(of, random_, depth - 1, left, unions) if depth > -MAX_DEPTH else {}
    if kind in (LIST, SET):
        return [inner(of)] if depth > -MAX_DEPTH else []
    if kind == MAP:
        return {key: inner(of[1])} if isinstance(key := inner(of[0]), str | int | float | Symbol) else {}
    if of is not None:  # an enumeration
        number = random_.choice([n for n in of._VALUES_TO_NAMES if n] or [*of._VALUES_TO_NAMES, 0][:1])
        return Symbol(of._VALUES_TO_NAMES.get(number, ""), number)
    if kind in _BITS:
        return random_.randint(1, 2 ** random_.randint(1, _BITS[kind]) - 1)
    if kind == DOUBLE:
        return random_.randint(-8_000_000, 8_000_000) / 8 + 0.125
    if kind == BOOL:
        return True
    return word(random_) if kind == STRING else random_.randbytes(random_.randint(3, 12))


def _made(struct: Any, value: Mapping[str, Any]) -> Any:
    specs = {spec[1]: spec for spec in struct.thrift_spec.values()}
    made = struct()
    for name, one in value.items():
        kind, _, *of, _ = specs[name]
        setattr(made, name, _raw(kind, of[0] if of else None, one))
    return made


def _raw(kind: int, of: Any, value: Any) -> Any:
    if kind == STRUCT:
        return _made(of, value)
    if kind in (LIST, SET):
        return [_raw(*_pair(of), item) for item in value]
    if kind == MAP:
        return {_raw(*_pair(of[0]), key): _raw(*_pair(of[1]), item) for key, item in value.items()}
    return value.number if isinstance(value, Symbol) else value


def _plain(got: Any) -> dict[str, Any]:
    return {name: _value(kind, of[0] if of else None, getattr(got, name))
            for kind, name, *of, _ in type(got).thrift_spec.values()}  # fmt: skip


def _value(kind: int, of: Any, value: Any) -> Any:
    if value is None:
        return None
    if kind == STRUCT:
        return {name: one for name, one in _plain(value).items() if one is not None}
    if kind in (LIST, SET):
        return [_value(*_pair(of), item) for item in value]
    if kind == MAP:
        return {_value(*_pair(of[0]), key): _value(*_pair(of[1]), item) for key, item in value.items()}
    if of is not None:
        return Symbol(of._VALUES_TO_NAMES.get(value, ""), value)
    return value
