"""A screen of 24 x 80 characters with fields, as a 3270 terminal holds it.

The terminal has one buffer of 1,920 places. A place holds a character or an *attribute byte*, which is shown as a blank
and says what may be done in the places after it. A field has no length here: it runs from its attribute byte to the
next one, around the ends of lines and of the screen. The LENGTH of a map is known to the program's side alone: so many
characters of what was typed are handed to the program.

What is left out: the numeric lock of some keyboards, colours, and every key but characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

from companion.errors import CompanionError

ROWS, COLUMNS = 24, 80
SIZE = ROWS * COLUMNS
NULL = "\0"
"""What a place holds that nobody has written to: shown as a blank, and never sent."""


class BmsError(CompanionError):
    """A template or a map cannot be read; the message gives file, line, column, and what would be right."""


@dataclass(frozen=True)
class Field:
    """A field as a map defines it.

    Attributes
    ----------
    row, column : int
        Of the attribute byte, from 1; the text begins one column later.
    length : int
        Characters that the program gets, or that a label has; 0 for a stopper.
    attributes : tuple of str
        ``UNPROT`` lets people type, ``PROT`` and ``ASKIP`` do not; ``NUM`` and ``DRK`` may follow.
    name : str
        By which the program knows it; labels and stoppers have none.
    initial : str
        What is shown first.
    """

    row: int
    column: int
    length: int
    attributes: tuple[str, ...] = ("ASKIP",)
    name: str = ""
    initial: str = ""

    @property
    def address(self) -> int:
        """The attribute byte's place in the buffer, from 0."""
        return (self.row - 1) * COLUMNS + self.column - 1

    @property
    def typed(self) -> bool:
        """Whether people can type into it."""
        return "UNPROT" in self.attributes


@dataclass(frozen=True)
class Screen:
    """A map: its name, and its fields in the order of their places."""

    name: str
    fields: tuple[Field, ...]


def stoppers(fields: Iterable[Field], attributes: tuple[str, ...] = ("ASKIP",)) -> list[Field]:
    """Give the fields of no length that end what people type into, where nothing else does."""
    fields = list(fields)
    taken = {field.address for field in fields}
    ends = {(field.address + 1 + field.length) % SIZE for field in fields if field.typed}
    return [Field(end // COLUMNS + 1, end % COLUMNS + 1, 0, attributes) for end in sorted(ends - taken)]


def stopped(screen: Screen, attributes: tuple[str, ...] = ("ASKIP",)) -> Screen:
    """Give the screen with its stoppers, in the order of places."""
    fields = [*screen.fields, *stoppers(screen.fields, attributes)]
    return Screen(screen.name, tuple(sorted(fields, key=lambda field: field.address)))


class Terminal:
    """The buffer of a terminal that was sent a screen, and its keyboard."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._attributes: dict[int, Field] = {}
        self._buffer = [NULL] * SIZE
        self._modified: set[int] = set()
        for field in fields:
            self._attributes[field.address] = field
            self._buffer[field.address] = NULL
            for place, character in enumerate(field.initial, field.address + 1):
                self._attributes.pop(place % SIZE, None)  # a character takes the place of an attribute byte
                self._buffer[place % SIZE] = character

    def places(self, name: str) -> list[int]:
        """Give the places that a field really has: up to the next attribute byte."""
        start = self._named(name)
        found = []
        for step in range(1, SIZE):
            if (place := (start + step) % SIZE) in self._attributes:
                break
            found.append(place)
        return found

    def type(self, name: str, text: str) -> int:
        """Type a text from a field's beginning, and say how many keys were taken before the keyboard locked.

        At an attribute byte the cursor goes on as the 3270's does: over that of a field that one may type into, from
        an ASKIP to the next such field on the screen, and not over a PROT, where the keyboard locks.
        """
        attribute = self._named(name)
        if not self._attributes[attribute].typed:
            return 0
        place = (attribute + 1) % SIZE
        for number, character in enumerate(text):
            for _ in range(SIZE):  # fields without any place follow each other
                if place not in self._attributes:
                    break
                field = self._attributes[place]
                if "PROT" in field.attributes:
                    return number
                attribute = place if field.typed else self._next_typed(place)
                place = (attribute + 1) % SIZE
            else:
                return number
            self._buffer[place] = character
            self._modified.add(attribute)
            place = (place + 1) % SIZE
        return len(text)

    def received(self) -> dict[str, str]:
        """What the program gets after Enter: of each modified field, without nulls, LENGTH characters at most."""
        got = {}
        for address in sorted(self._modified):
            field = self._attributes[address]
            text = "".join(self._buffer[place] for place in self.places(field.name)).replace(NULL, "")
            got[field.name] = text[: field.length]
        return got

    def render(self) -> list[str]:
        """Draw the screen; an empty place that one can type into is drawn as ``_``, and rows end with their text."""
        drawn = [" " if character == NULL else character for character in self._buffer]
        for field in self._attributes.values():
            if field.typed:
                for place in self.places(field.name):
                    drawn[place] = "_" if self._buffer[place] == NULL else drawn[place]
        return ["".join(drawn[start : start + COLUMNS]).rstrip() for start in range(0, SIZE, COLUMNS)]

    def _named(self, name: str) -> int:
        for address, field in self._attributes.items():
            if field.name == name and field.name:
                return address
        raise BmsError(f"the screen has no field {name!r}: name one of {', '.join(self.names()) or 'none'}")

    def names(self) -> list[str]:
        """Name the fields that have one, in the order of the map."""
        return [field.name for field in self._attributes.values() if field.name]

    def _next_typed(self, place: int) -> int:
        around = ((place + step) % SIZE for step in range(1, SIZE + 1))
        return next(one for one in around if one in self._attributes and self._attributes[one].typed)


def example(name: str) -> str:
    """Read one of the room's files: ``customer.txt``, a template, or ``article.bms``, the article's map."""
    return resources.files(__package__).joinpath(name).read_text("utf-8")


__all__ = [
    "COLUMNS", "NULL", "ROWS", "SIZE", "BmsError", "Field", "Screen", "Terminal", "example", "stopped", "stoppers",
]  # fmt: skip
