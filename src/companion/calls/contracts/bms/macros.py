"""A `Screen` as the BMS macros DFHMSD, DFHMDI and DFHMDF, and back.

The macros are statements of the assembler, and keep the columns of a punched card: a label in column 1, the operation
in column 10, operands in column 17. A statement that goes on has a mark in column 72, and its next line starts in
column 16. Columns 73 to 80 were for numbering the cards, and are not read. In a
quoted text ``'`` and ``&`` are doubled.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from companion.calls.contracts.bms.screens import COLUMNS, ROWS, Field, Screen
from companion.calls.contracts.bms.template import lines_of, wrong

MARK, CONTINUED = 72, 16
"""Columns, from 1."""

LISTING = frozenset({"TITLE", "PRINT", "EJECT", "SPACE"})
"""What only the assembler's printed listing shows."""

LOOKS = frozenset(
    {"CASE", "COLOR", "EXTATT", "HILIGHT", "JUSTIFY", "OUTLINE", "PICIN", "PICOUT", "PS", "SOSI", "TRANSP", "VALIDN"}
)
"""Operands of a field that leave it where it is: they say how it looks, or what becomes of its value on the way."""

ATTRIBUTES = frozenset({"ASKIP", "PROT", "UNPROT", "NUM", "NORM", "BRT", "DRK", "IC", "FSET", "DET"})


def write(screen: Screen) -> str:
    """Write the macros of a screen, as it is: `stopped` adds the stoppers."""
    lines = _statement(screen.name, "DFHMSD", ["TYPE=&SYSPARM", "MODE=INOUT", "LANG=COBOL", "CTRL=FREEKB"])
    lines += _statement(screen.name, "DFHMDI", [f"SIZE=({ROWS},{COLUMNS})"])
    for field in screen.fields:
        attributes = ",".join(field.attributes)
        operands = [
            f"POS=({field.row:02},{field.column:02})",
            f"LENGTH={field.length:02}",
            f"ATTRB={attributes if len(field.attributes) == 1 else f'({attributes})'}",
        ]
        if field.initial:
            text = field.initial.replace("'", "''").replace("&", "&&")
            operands.append(f"INITIAL='{text}'")
        lines += _statement(field.name, "DFHMDF", operands)
    lines += [*_statement("", "DFHMSD", ["TYPE=FINAL"]), "         END"]
    return "\n".join([*lines, ""])


def _statement(label: str, operation: str, operands: list[str]) -> list[str]:
    """One operand to a line; what is longer than a line is cut at the mark."""
    lines, line = [], f"{label:<8} {operation:<6} "
    for number, operand in enumerate(operands, 1):
        rest = operand + ("," if number < len(operands) else "")
        while len(line) + len(rest) > MARK - 1:
            room = MARK - 1 - len(line)
            lines.append(line + rest[:room] + "X")
            line, rest = " " * (CONTINUED - 1), rest[room:]
        line += rest
        if number < len(operands):
            lines.append(line.ljust(MARK - 1) + "X")
            line = " " * (CONTINUED - 1)
    return [*lines, line]


@dataclass(frozen=True)
class _Statement:
    line: int
    label: str
    operation: str
    operands: str


def read(text: str, file: str = "map", left_out: Counter[str] | None = None) -> Screen:
    """Read the macros of one map.

    Parameters
    ----------
    text : str
        The statements.
    file : str
        What messages call it.
    left_out : Counter, optional
        Is told what a `Screen` does not hold, and how often it was said.

    Raises
    ------
    BmsError
        If they are none: one line with file, line, column, and what would be right.
    """
    name, maps, last, fields = "", 0, 1, list[Field]()
    for statement in _statements(text, file):
        last = statement.line
        if statement.operation in LISTING:
            continue
        operands = dict(_operands(statement, file))
        if statement.operation == "DFHMSD":
            name = name or statement.label
        elif statement.operation == "DFHMDI":
            maps += 1
            name = statement.label or name
            if maps > 1:
                raise wrong(file, last, 10, "a second map begins: give each map a file")
            if operands.get("SIZE", "").replace(" ", "") != f"({ROWS},{COLUMNS})":
                raise wrong(file, last, 17, f"the map has another size: only SIZE=({ROWS},{COLUMNS}) is read")
        elif statement.operation == "DFHMDF":
            if not maps:
                raise wrong(file, last, 10, "a field stands before its map: put DFHMDI first")
            fields.append(_field(statement, operands, file, Counter() if left_out is None else left_out))
        elif statement.operation != "END":
            what = f"no macro of BMS: {statement.operation[:20]}; columns 10 to 15 take DFHMSD, DFHMDI, DFHMDF or END"
            raise wrong(file, last, 10, what)
    if not maps or not re.fullmatch(r"[A-Z$#@][A-Z0-9$#@]{0,6}", name):
        raise wrong(file, last, 1, "there is no map: DFHMSD in column 10, with its name in column 1, then DFHMDI")
    for one in sorted({field.address for field in fields}):
        if sum(field.address == one for field in fields) > 1:
            where = f"({one // COLUMNS + 1},{one % COLUMNS + 1})"
            raise wrong(file, last, 17, f"two fields have the attribute byte {where}: move one of them")
    named = [field.name for field in fields if field.name]
    for twice in (name for name in named if named.count(name) > 1):
        raise wrong(file, last, 1, f"two fields are called {twice}: names are unique")
    return Screen(name, tuple(sorted(fields, key=lambda field: field.address)))


def _statements(text: str, file: str) -> Iterator[_Statement]:
    """Join continued lines; a blank outside quotes ends the operands of a line."""
    start: tuple[int, str, str] | None = None
    operands, quoted = "", False
    for number, line in lines_of(text, file):
        if len(line) > 80:
            raise wrong(file, number, 81, "a card has 80 columns: break the line at a comma, and mark column 72")
        card = line.ljust(80)[: MARK - 1]
        if start is None:
            if not line or line[0] == "*":
                continue
            found = re.match(r"(\S*) +(\S+) *", card)
            if found is None:
                raise wrong(file, number, 1, "no operation: a label in column 1, the macro in 10, operands in 17")
            start, operands, at = (number, found[1], found[2]), "", found.end()
        else:
            at = CONTINUED - 1
            if card[:at].strip(" ") or (card[at] == " " and not quoted):
                begins = len(card) - len(card.lstrip(" ")) + 1
                where = f"column {begins}" if card.strip(" ") else "no column at all"
                raise wrong(file, number, min(begins, 71), f"a continued line starts in column 16, this one in {where}")
        while at < len(card) and (quoted or card[at] != " "):
            quoted ^= card[at] == "'"
            operands += card[at]
            at += 1
        marked = line.ljust(80)[MARK - 1] != " "
        if quoted and not marked:
            raise wrong(file, number, MARK, "the text has no end on this line: close it with ', or mark column 72")
        if operands.endswith(",") and not quoted and not marked:
            raise wrong(file, number, MARK, "the operands end in a comma, and column 72 has no mark: put an X there")
        if marked and not quoted and not operands.endswith(",") and at < len(card):
            raise wrong(file, number, at + 1, "column 72 is marked, and no comma ends the operands: add it, or unmark")
        if not marked:
            yield _Statement(*start, operands)
            start = None
    if start is not None:
        raise wrong(file, start[0], MARK, "the last line is marked in column 72, and nothing follows: unmark it")


def _operands(statement: _Statement, file: str) -> Iterator[tuple[str, str]]:
    """Cut operands at the commas that stand outside quotes and brackets."""
    seen = set()
    for operand in re.findall(r"(?:'[^']*'|\([^()']*\)|[^,'()]|['()])+", statement.operands):
        key, equals, value = operand.partition("=")
        if not equals or not value:
            raise wrong(file, statement.line, 17, f"an operand is KEY=VALUE, and this is {operand[:30]!a}")
        if key in seen:
            raise wrong(file, statement.line, 17, f"{key[:20]!a} stands twice: take one out")
        seen.add(key)
        yield key, value


def _field(statement: _Statement, operands: dict[str, str], file: str, left_out: Counter[str]) -> Field:
    line = statement.line
    left_out.update(sorted(operands.keys() & LOOKS))
    for unknown in sorted(operands.keys() - {"POS", "LENGTH", "ATTRB", "INITIAL"} - LOOKS):
        raise wrong(file, line, 17, f"{unknown[:20]!a} is not read: only POS, LENGTH, ATTRB and INITIAL are")
    place = re.fullmatch(r"\(([0-9]{1,3}),([0-9]{1,3})\)", operands.get("POS", ""))
    if place is None or not (1 <= int(place[1]) <= ROWS and 1 <= int(place[2]) <= COLUMNS):
        raise wrong(file, line, 17, f"POS=(row,column) is the attribute byte's place, (1,1) to ({ROWS},{COLUMNS})")
    length = operands.get("LENGTH", "")
    if not re.fullmatch(r"[0-9]{1,4}", length) or int(length) > 256 or (statement.label and not int(length)):
        raise wrong(file, line, 17, "LENGTH is 1 to 256, or 0 in a field without a name")
    name = statement.label
    if name and not re.fullmatch(r"[A-Z$#@][A-Z0-9$#@]{0,28}", name):
        raise wrong(file, line, 1, "a field's name is 1 to 29 capital letters and digits, a letter first")
    words = operands.get("ATTRB", "ASKIP").strip("()").split(",")
    attributes = _attributes(words)
    if attributes is None:
        raise wrong(file, line, 17, "ATTRB is ASKIP, PROT, UNPROT, (UNPROT,NUM) or (UNPROT,DRK)")
    left_out.update(f"ATTRB {word}" for word in words if word not in (*attributes, "NORM"))
    if "UNPROT" in attributes and not name:
        raise wrong(file, line, 1, "a field to type into has a name: put it in column 1, or take UNPROT out")
    initial = _unquoted(operands["INITIAL"], file, line) if "INITIAL" in operands else ""
    if len(initial) > int(length):
        raise wrong(file, line, 17, f"INITIAL has {len(initial)} characters, and LENGTH is {int(length)}: raise it")
    return Field(int(place[1]), int(place[2]), int(length), attributes, name, initial)


def _attributes(words: list[str]) -> tuple[str, ...] | None:
    """Give what a `Field` knows of these, in whatever order they stand; None if they contradict each other."""
    said = set(words)
    if said - ATTRIBUTES or len(said) < len(words) or len(said & {"NORM", "BRT", "DRK"}) > 1:
        return None
    if "UNPROT" in said and said & {"ASKIP", "PROT"}:
        return None
    for kind in ("ASKIP", "PROT"):  # both are written, too: the cursor passes over the field
        if kind in said:
            return (kind,)
    more = [word for word in ("DRK", "NUM") if word in said]  # a Field is dark or numeric
    return ("UNPROT", *more[:1])


def _unquoted(value: str, file: str, line: int) -> str:
    if not re.fullmatch(r"'(?:[^'&]|''|&&)*'", value):
        raise wrong(file, line, 17, "INITIAL is a text in quotes, with each ' and & inside it doubled")
    return value[1:-1].replace("''", "'").replace("&&", "&")


__all__ = ["CONTINUED", "MARK", "read", "write"]
