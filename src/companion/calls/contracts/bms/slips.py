"""Ten slips in one field of a map, each made in the macros and then judged: who notices?"""

from __future__ import annotations

from companion.calls.contracts.bms import macros, template
from companion.calls.contracts.bms.screens import BmsError, Terminal, example, stopped

REFUSED, TAKEN, SAME, OTHER = "refused", "taken", "the same", "different"
_FIRST = "CUSTID   DFHMDF POS=(04,21),"
_STOPPER = ("         DFHMDF POS=(04,30),", "               LENGTH=00,", "               ATTRB=ASKIP")
SLIPS = {
    "the mark in column 71": (f"{_FIRST:<71}X", f"{_FIRST:<70}X"),
    "continued in column 17": ("               LENGTH=08,", "                LENGTH=08,"),
    "a comma forgotten": ("LENGTH=08,", "LENGTH=08 "),
    "one ' in a text": ("Smith''s", "Smith's"),
    "one & in a text": ("&&", "&"),
    "POS of the text": ("POS=(04,21)", "POS=(04,22)"),
    "LENGTH one too small": ("LENGTH=08", "LENGTH=07"),
    "ATTRB forgotten": ("LENGTH=08,".ljust(56) + "X\n               ATTRB=(UNPROT,NUM)\n", "LENGTH=08\n"),
    "the stopper forgotten": (f"{_STOPPER[0]:<71}X\n{_STOPPER[1]:<71}X\n{_STOPPER[2]}\n", ""),
    "the stopper one column early": ("POS=(04,30)", "POS=(04,29)"),
}
"""By its name, what stands in the right map, and what a slip puts in its place."""


def map_with(slip: str = "") -> str:
    """Give the customers' map, right or with one slip."""
    text = macros.write(stopped(template.read(example("customer.txt"))))
    if not slip:
        return text
    right, wrong = SLIPS[slip]
    if right not in text:
        raise BmsError(f"the map has no {right!r} to slip at")
    return text.replace(right, wrong, 1)


def seen(text: str) -> tuple[str, str, str]:
    """Read a map, type a number of nine digits; give the error, or the screen and what the program gets."""
    try:
        terminal = Terminal(macros.read(text).fields)
    except BmsError as error:
        return str(error), "", ""
    shown = "\n".join(terminal.render())
    terminal.type("CUSTID", "123456789")
    return "", shown, terminal.received().get("CUSTID", "")


def judged() -> dict[tuple[str, str], str]:
    """For each slip: whether the reader refuses it; if not, whether places to type and data are the right map's."""
    _, screen, data = seen(map_with())
    cells = {}
    for slip in SLIPS:
        error, shown, got = seen(map_with(slip))
        cells[slip, "the reader"] = REFUSED if error else TAKEN
        if not error:
            cells[slip, "where one types"] = SAME if shown == screen else OTHER
            cells[slip, "the program's data"] = SAME if got == data else OTHER
    return cells


__all__ = ["OTHER", "REFUSED", "SAME", "SLIPS", "TAKEN", "judged", "map_with", "seen"]
