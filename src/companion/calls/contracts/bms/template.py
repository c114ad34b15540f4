"""A screen as a text that looks like it, to a `Screen` and back.

    <blank>                        Up to 24 rows of up to 80 characters. Column 1 stays blank: each label and field has
        Customer number  ________  an attribute byte before it. A run of underscores is a field, of that length.
        Name             _____     Everything else is a label; two blanks end it.

    map CUSTMAP                    What begins in column 1 is the legend: the map's name,
    CUSTID    numeric              then the fields in the order of reading, each with its kind: input, numeric,
    CUSTNAME  protected            password (not shown), or protected (the program writes it).

A label may follow a field after one blank, or a field a label: the blank is the attribute byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from companion.calls.contracts.bms.screens import COLUMNS, ROWS, BmsError, Field, Screen

LARGEST = 100_000
"""Characters of a template or a map, beyond which none is read."""
KINDS = {
    "input": ("UNPROT",),
    "numeric": ("UNPROT", "NUM"),
    "password": ("UNPROT", "DRK"),
    "protected": ("PROT",),
}
_PIECES = re.compile(r"_+|[^ _]+(?: [^ _]+)*")
_NAME = re.compile(r"[A-Z$#@][A-Z0-9$#@]*")


def wrong(file: str, line: int, column: int, what: str) -> BmsError:
    """Make the one error of this room: where, what, and what would be right."""
    return BmsError(f"{file}:{line}:{column}: {what}")


def lines_of(text: str, file: str) -> Iterator[tuple[int, str]]:
    """Give the numbered lines without blanks at their ends; refuse what no terminal of this kind shows."""
    if len(text) > LARGEST:
        raise wrong(file, 1, 1, f"{len(text):,} characters are no screen: {LARGEST:,} are read at most")
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r").rstrip(" ")
        for column, character in enumerate(line, 1):
            if not character.isprintable() or not _in_ebcdic(character):
                raise wrong(file, number, column, f"EBCDIC has no printable {character!a} (code page 037): replace it")
        yield number, line


def _in_ebcdic(character: str) -> bool:
    return character == "?" or character.encode("cp037", "replace") != "?".encode("cp037")


def read(text: str, file: str = "template") -> Screen:
    """Read a template.

    Raises
    ------
    BmsError
        If it is none: one line with file, line, column, and what would be right.
    """
    name, found, row, number = "", [], 0, 1
    legend: list[tuple[int, str, str]] = []
    for number, line in lines_of(text, file):
        if line and line[0] != " ":
            if name:
                legend.append((number, *_legend(line, file, number)))
            else:
                name = _map_name(line, file, number)
        elif line and name:
            raise wrong(file, number, 1, "a row of the screen stands below the legend: move it above the line `map`")
        elif not name:
            row += 1
            found += [(number, field) for field in _fields(line, row, file, number)]
    if not name:
        raise wrong(file, number, 1, "the legend is missing: end with a line such as `map CUSTMAP`")
    return Screen(name, tuple(_named(found, legend, file, number)))


def _map_name(line: str, file: str, number: int) -> str:
    words = line.split()
    if words[0] != "map":
        raise wrong(file, number, 1, "column 1 is for attribute bytes: indent the row, or begin the legend with `map`")
    if len(words) != 2 or not _NAME.fullmatch(words[1]) or len(words[1]) > 7:
        raise wrong(file, number, 5, "a map's name is 1 to 7 capital letters and digits, such as `map CUSTMAP`")
    return words[1]


def _legend(line: str, file: str, number: int) -> tuple[str, str]:
    words = line.split()
    if not _NAME.fullmatch(words[0]) or len(words[0]) > 29:
        raise wrong(file, number, 1, "a field's name is 1 to 29 capital letters and digits, a letter first")
    if len(words) != 2 or words[1] not in KINDS:
        raise wrong(file, number, len(words[0]) + 2, f"after the name stands its kind: {', '.join(KINDS)}")
    return words[0], words[1]


def _fields(line: str, row: int, file: str, number: int) -> Iterator[Field]:
    if line and row > ROWS:
        raise wrong(file, number, 1, f"the screen has {ROWS} rows: take {row - ROWS} out above this one")
    if len(line) > COLUMNS:
        raise wrong(file, number, COLUMNS + 1, f"a row has {COLUMNS} columns: shorten it by {len(line) - COLUMNS}")
    for piece in _PIECES.finditer(line):
        if line[piece.start() - 1] != " ":
            raise wrong(file, number, piece.start() + 1, "field and label need a blank between, for the attribute byte")
        label = "" if piece[0][0] == "_" else piece[0]
        yield Field(row, piece.start(), len(piece[0]), initial=label)


def _named(found: list[tuple[int, Field]], legend: list[tuple[int, str, str]], file: str, last: int) -> Iterator[Field]:
    waiting, seen = iter(legend), set()
    for number, field in found:
        if field.initial:
            yield field
            continue
        entry = next(waiting, None)
        if entry is None:
            raise wrong(file, number, field.column + 1, "this field has no line in the legend: add its name and kind")
        line, name, kind = entry
        if name in seen:
            raise wrong(file, line, 1, f"{name} stands twice in the legend: names are unique")
        seen.add(name)
        yield Field(field.row, field.column, field.length, KINDS[kind], name)
    if extra := next(waiting, None):
        raise wrong(
            file, extra[0], 1, f"the screen has no field for {extra[1]}: draw its underscores, or drop the line"
        )


def write(screen: Screen, file: str = "map") -> str:
    """Draw a template of a screen; its stoppers are left out, since the template's reader places them.

    Raises
    ------
    BmsError
        If the screen holds what a template has no sign for.
    """
    rows = [[" "] * COLUMNS for _ in range(ROWS)]
    legend = []
    for field in screen.fields:
        where = f"{file}: the field {field.name or '(no name)'} at ({field.row},{field.column})"
        kind = next((kind for kind, attributes in KINDS.items() if attributes == field.attributes), "")
        text = field.initial
        if field.name:
            if not kind or field.initial.strip("_"):
                raise BmsError(f"{where}: a template has no sign for {field.attributes} with INITIAL={field.initial!r}")
            text = "_" * field.length
            legend.append(f"{field.name:<8}  {kind}")
        elif field.typed or "_" in text:
            raise BmsError(f"{where}: underscores are fields, and a field has a name")
        if field.column + len(text) > COLUMNS:
            raise BmsError(f"{where}: it runs over the end of its row, which a template cannot draw")
        for column, character in enumerate(text, field.column):
            if rows[field.row - 1][column] != " ":
                raise BmsError(f"{where}: it lies over another field at column {column + 1}")
            rows[field.row - 1][column] = character
    drawn = "\n".join("".join(row).rstrip() for row in rows).rstrip("\n")
    text = "\n".join([drawn, "", f"map {screen.name}", *legend, ""])
    try:
        read(text, "row")
    except BmsError as error:  # a map of others may put fields side by side
        raise BmsError(f"{file}: a template cannot draw this map: {error}") from None
    return text


__all__ = ["KINDS", "LARGEST", "lines_of", "read", "write", "wrong"]
