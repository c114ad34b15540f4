"""Chapter 6: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

import pytest

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below
from tests.chapters.exercise_checks import told

ID = '{"type": "integer", "minimum": -2147483648, "maximum": 2147483647}'
NAME = '{"type": "string"}'
BALANCE = '{"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}'
CLOSED = ', "additionalProperties": False'


def schema(id_: str = ID, name: str = NAME, balance: str = BALANCE, more: str = CLOSED, type_: str = "object") -> str:
    members = f'{{"id": {id_}, "name": {name}, "balance": {balance}}}'
    return f'customer_schema = {{"type": "{type_}", "properties": {members}{more}}}'


def order(*names: str) -> str:
    return f"filters = {list(names)}"


STOPPERS = """
def stoppers(fields):
    begins = {(r - 1) * 80 + c - 1 for r, c, _, _ in fields}
    found = []
    for r, c, n, typed in fields:
        end = ((r - 1) * 80 + c + n SHIFT) ROUND
        if WHEN:
            found.append((end // 80 + 1, end % 80 + 1))
    return found
"""


def stoppers(shift: str = "", round_: str = "% 1920", when: str = "typed and end not in begins") -> str:
    return STOPPERS.replace("SHIFT", shift).replace("ROUND", round_).replace("WHEN", when)


WRONG: dict[str, list[tuple[str, str]]] = {
    "translate": [
        (schema(more=CLOSED + ', "required": ["id", "name", "balance"]'), "a zero are not written"),
        (schema(more=""), "there is no such member"),
        (schema(balance='{"type": "number"}'), "a double may be no number"),
        (schema(balance='{"anyOf": [{"type": "number"}, {"const": "NaN"}]}'), "a double may be infinite"),
        (schema(balance='{"type": ["number", "string"]}'), "a finite double is written as a number"),
        (schema(id_='{"type": "integer"}'), "more than an int32 holds"),
        (schema(id_='{"type": "integer", "maximum": 2147483647}'), "less than an int32 holds"),
        (schema(id_='{"type": "integer", "minimum": 1, "maximum": 2147483647}'), "no limits but int32's"),
        (schema(id_='{"type": "number", "minimum": -2147483648, "maximum": 2147483647}'), "an int32 is whole"),
        (schema(name='{"type": "string", "maxLength": 30}'), "no limits but int32's"),
        (schema(name='{"type": ["string", "null"]}'), "null is never written"),
        (schema(type_="dict"), "no JSON Schema"),
        (f"customer_schema = {schema().partition(' = ')[2]!r}", "a dict, not"),
    ],
    "filters": [
        (order("log", "seal", "limit", "auth", "unpack", "cache"), "clean log"),
        (order("seal", "log", "auth", "limit", "unpack", "cache"), "few guesses"),
        (order("seal", "limit", "log", "auth", "unpack", "cache"), "all told"),
        (order("seal", "log", "limit", "unpack", "auth", "cache"), "no bomb"),
        (order("seal", "log", "limit", "cache", "auth", "unpack"), "own answers"),
        (order("cache", "unpack", "auth", "limit", "log", "seal"), "own answers"),
        (order("seal", "log", "limit", "auth", "cache"), "missing: unpack"),
        (order("seal", "log", "limit", "auth", "unpack", "cache", "auth"), "twice"),
        (order("seal", "log", "limit", "auth", "unpack", "cache", "gzip"), "unknown: gzip"),
        ('filters = "seal, log, limit, auth, unpack, cache"', "a list of names"),
    ],
    "stoppers": [
        (stoppers(shift="- 1"), "the stopper is in 29"),
        (stoppers(shift="+ 1"), "the stopper is in 29"),
        (stoppers(round_=""), "(25, 1) is not on the screen"),
        (stoppers(when="typed"), "the label's attribute byte ends it"),
        (stoppers(when="end not in begins"), "nobody types here"),
        (stoppers().replace("in fields}", "in fields if not _}"), "one has its end"),
        (stoppers().replace("return found", "return set(found)"), "a list of (row, column) is wanted"),
    ],
}  # fmt: skip

BY_REFERENCE = """
number = {"type": "number"}
text = {"type": "string", "pattern": "^(NaN|-?Infinity)$"}
whole = {"allOf": [{"type": "integer"}, {"minimum": -(2**31)}, {"exclusiveMaximum": 2**31}]}
customer_schema = {
    "$defs": {"double": {"oneOf": [number, text]}, "int32": whole},
    "type": "object",
    "properties": {"id": {"$ref": "#/$defs/int32"}, "balance": {"$ref": "#/$defs/double"}},
    "patternProperties": {"^name$": {"type": "string"}},
    "unevaluatedProperties": False,
}
"""
BY_THE_SCREEN = """
def stoppers(fields):
    screen = [""] * 24 * 80
    for row, column, _, _ in fields:
        screen[80 * row + column - 81] = "attribute"
    ends = [(80 * row + column + length - 80) % len(screen) for row, column, length, typed in fields if typed]
    return [[1 + end // 80, 1 + end % 80] for end in reversed(ends) if not screen[end]]
"""
STRICT = schema(id_=ID.replace("}", ', "not": {"const": 0}}'), name='{"type": "string", "minLength": 1}')


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("translate", BY_REFERENCE),
        ("translate", STRICT),
        ("filters", 'filters = ("seal", "log", "limit", "auth", "cache", "unpack")'),
        ("stoppers", BY_THE_SCREEN),
    ],
)
def test_a_right_answer_by_another_way_passes(name: str, answer: str) -> None:
    assert told("06", name, answer) == ""
