"""Templates as JSON has them: ``{"any": true}`` for any field, ``{"type": "int"}`` for a field of a type."""

from __future__ import annotations

from typing import Any

from companion.calls.coordination.linda.space import TYPES, Pattern, SpaceError, Template, checked_fields

NAMES = {kind.__name__: kind for kind in TYPES}


def write_template(template: Template) -> list[Any]:
    """Write a template as JSON has it."""
    return [_write(wanted) for wanted in template]


def _write(wanted: Pattern) -> Any:
    if wanted is None:
        return {"any": True}
    if isinstance(wanted, type):
        if wanted not in TYPES:
            raise SpaceError(f"{wanted.__name__} is no type of a field; there are {', '.join(NAMES)}")
        return {"type": wanted.__name__}
    return wanted


def read_template(words: object) -> list[Pattern]:
    """Read a template, or raise `SpaceError` for what is none."""
    if not isinstance(words, list):
        raise SpaceError("a template is a list")
    return [_read(word) for word in words]


def _read(word: object) -> Pattern:
    if isinstance(word, dict) and word.keys() == {"any"} and word["any"] is True:
        return None
    if isinstance(word, dict):
        name = word.get("type")
        if len(word) != 1 or not isinstance(name, str) or name not in NAMES:
            raise SpaceError(f"{word} describes no field")
        return NAMES[name]
    return checked_fields([word])[0]
