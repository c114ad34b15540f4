"""JSON to messages and back, in which nothing is lost: neither a zero nor the last digits of a large number."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any, TypeVar

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message

from companion.calls.network_tax.gateway.statuses import one_line
from companion.errors import CompanionError

Made = TypeVar("Made", bound=Message)


class BadBody(CompanionError):
    """A body that is no message of the wanted kind; one line says why."""


def parse(body: bytes, message: Made) -> Made:
    """Fill a message with what a body says.

    Raises
    ------
    BadBody
        When it is no JSON object, has a name twice, or does not fit the message.
    """
    try:
        value = json.loads(body.decode(), parse_float=_exact, parse_constant=_refuse, object_pairs_hook=_once)
        if not isinstance(value, dict):
            raise BadBody("the body is no JSON object")
        return ParseDict(value, message)
    except RecursionError as error:
        raise BadBody("the body is nested too deeply") from error
    except (ParseError, ValueError, TypeError) as error:
        raise BadBody(f"the body does not fit: {one_line(str(error))}") from error


def to_dict(message: Message) -> dict[str, Any]:
    """Give a message as ProtoJSON: zeros are written, 64-bit integers are strings, what is absent stays absent."""
    return MessageToDict(message, always_print_fields_with_no_presence=True)


def _exact(text: str) -> int | float:
    """Read 9007199254740993.0 as the whole number that it is; a float would make it ...992."""
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number beyond the range of a float")
    if number.is_integer() and 1 <= abs(number) <= 2**64:
        exact = Decimal(text)
        return int(exact) if exact == int(exact) else _no_whole(text)
    return number


def _no_whole(text: str) -> float:
    raise ValueError(f"{one_line(text)} is none of the numbers that a float can hold")


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands there twice")
    return found
