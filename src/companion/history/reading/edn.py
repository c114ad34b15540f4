"""EDN, the notation of Clojure, in which Jepsen writes its histories: a reader of one value after the other.

What JSON has no name for becomes what JSON has: nil is None, a keyword the text ``":name"``, a list and a vector a
list, a set a list in order, a ratio and a symbol their text, and a tagged value (``#inst "..."``, a record) the value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import isinf
from typing import Any

from companion.history.specifications import canonical

DEEPEST = 64
"""Brackets within each other that are read."""

_TOKEN = re.compile(
    r"""(?: [\s,]++ | ;[^\n]*+\n )*+  # possessive: blanks are never read twice
    (?: (?P<open> \#\{ | [(\[{] )
      | (?P<close> [)\]}] )
      | (?P<text> "[^"\\]*(?:\\.[^"\\]*)*" )
      | (?P<char> \\(?: [a-zA-Z][a-zA-Z0-9]* | . ) )
      | (?P<skip> \#_ )
      | (?P<hint> \^ )
      | (?P<regex> \#(?=") )
      | (?P<tag> \#[^\s,;()\[\]{}"\\#]+ )
      | (?P<atom> (?: \#\# )? [^\s,;()\[\]{}"\\#^][^\s,;()\[\]{}"\\]* )
      | (?P<end> (?: ;[^\n]* )? \Z )
    )""",
    re.VERBOSE | re.DOTALL,
)
_ENDS = {"(": ")", "[": "]", "{": "}", "#{": "}"}
_NAMED = {"newline": "\n", "space": " ", "tab": "\t", "return": "\r", "backspace": "\b", "formfeed": "\f"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WHOLE = re.compile(r"[+-]?\d+N?\Z", re.ASCII)
_BROKEN = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?M?\Z", re.ASCII)


class Unfinished(ValueError):
    """The text ends within a value."""


class Closed:
    """A bracket that closes, in the place of a value."""

    def __init__(self, bracket: str) -> None:
        self.bracket = bracket


NOTHING = object()
"""What is read at the end of the text."""


def read(text: str, at: int, *, ended: bool, depth: int = 0) -> tuple[Any, int]:
    """Read a value.

    Parameters
    ----------
    text : str
        Of one value or more.
    at : int
        Where to begin.
    ended : bool
        Whether no text follows: else a name that the text ends with may go on.
    depth : int
        Brackets around it.

    Returns
    -------
    tuple
        The value, a `Closed`, or `NOTHING`; and where it ends.

    Raises
    ------
    Unfinished
        If there is more to come.
    ValueError
        If this is no EDN.
    """
    if depth > DEEPEST:
        raise ValueError(f"more than {DEEPEST} brackets within each other")
    while True:
        token = _TOKEN.match(text, at)
        if token is None:
            raise Unfinished(f"{text[at : at + 20].strip()[:12]!r} is not ended")
        kind, found, at = str(token.lastgroup), token[str(token.lastgroup)], token.end()
        if at == len(text) and not ended and kind in ("atom", "char", "tag", "skip", "hint", "end"):
            raise Unfinished("the text ends")
        if kind == "atom":
            return _short_atom(found) if len(found) <= 64 else _atom(found), at
        if kind == "text":
            return _unescaped(found[1:-1]), at
        if kind == "open":
            return _collection(found, text, at, ended, depth)
        if kind == "close":
            return Closed(found), at
        if kind == "char":
            return _character(found[1:]), at
        if kind == "end":
            return NOTHING, at
        if kind in ("skip", "hint"):  # the next value is a comment, or says something of the one after it
            _, at = _value(text, at, ended, depth)
            continue
        return _value(text, at, ended, depth)  # of a tag, the value


def _value(text: str, at: int, ended: bool, depth: int) -> tuple[Any, int]:
    value, at = read(text, at, ended=ended, depth=depth + 1)
    if value is NOTHING:
        raise Unfinished("the text ends where a value should stand")
    if isinstance(value, Closed):
        raise ValueError(f"{value.bracket} where a value should stand")
    return value, at


def _collection(bracket: str, text: str, at: int, ended: bool, depth: int) -> tuple[Any, int]:
    items: list[Any] = []
    while True:
        value, at = read(text, at, ended=ended, depth=depth + 1)
        if value is NOTHING:
            raise Unfinished(f"{bracket} is not closed")
        if isinstance(value, Closed):
            if value.bracket != _ENDS[bracket]:
                raise ValueError(f"{bracket} is closed by {value.bracket}")
            break
        items.append(value)
    if bracket == "{":
        if len(items) % 2:
            raise ValueError("a map has a key without a value")
        keys = [one if isinstance(one, str) else canonical(one) for one in items[::2]]
        return dict(zip(keys, items[1::2], strict=True)), at
    return (sorted(items, key=canonical) if bracket == "#{" else items), at


def _atom(found: str) -> Any:
    if found == "nil":
        return None
    if found in ("true", "false"):
        return found == "true"
    if _WHOLE.match(found):
        return int(found.removesuffix("N"))
    if _BROKEN.match(found):
        number = float(found.removesuffix("M"))
        if isinf(number):
            raise ValueError(f"{found[:20]} is too large a number")
        return number
    return found


_short_atom = lru_cache(maxsize=4096)(_atom)


def _character(name: str) -> str:
    if len(name) == 5 and name[0] == "u":
        return chr(int(name[1:], 16))
    return _NAMED.get(name, name)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _escape(found[1]), text) if "\\" in text else text


def _escape(name: str) -> str:
    if name[0] == "u" and len(name) == 5:
        return chr(int(name[1:], 16))
    return chr(int(name, 8)) if name[0] in "01234567" else _ESCAPED.get(name, name)
