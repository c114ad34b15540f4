"""The inventory for people: tables for a terminal, and a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from companion.schemas.pii.reports import columns
from companion.schemas.pii.reports.inventory import Change, Inventory, Row
from companion.schemas.pii.reports.markdown import code, escape
from companion.schemas.pii.reports.plain import clean, counted
from companion.schemas.pii.reports.regimes import Cover, Regime
from companion.schemas.pii.verdict import Level

FEW = 3  # methods or places named before the rest is counted
_Line = tuple[str, ...]


def inventory_table(inventory: Inventory, *, width: int = 80, colour: bool = False) -> str:
    """Give the inventory as tables."""
    parts = [
        columns.table(titles, [list(map(clean, line)) for line in lines], width=width, colour=colour)
        for titles, lines in _sections(inventory)
    ]
    parts.append("".join(f"{part}\n" for line in _remarks(inventory) for part in columns.folded(line, width)))
    return "\n".join(parts)


def inventory_markdown(inventory: Inventory) -> str:
    """Give the inventory as a page of Markdown."""
    parts = ["# Personal data: the inventory"]
    for titles, lines in _sections(inventory):
        parts += ["", f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}"]
        for line in lines:
            cells = [*map(code, line[:3]), *map(escape, line[3:])]
            parts.append(f"| {' | '.join(cells)} |")
    parts += [line for remark in _remarks(inventory) for line in ("", escape(remark))]
    return "\n".join(parts) + "\n"


def _sections(inventory: Inventory) -> Iterable[tuple[_Line, list[_Line]]]:
    """Give what there is to tell, each with the titles of its columns: rows, changes, regimes."""
    if inventory.rows:
        yield ("level", "type", "place", "fields", "messages", "returned by"), list(map(_row, inventory.rows))
    if inventory.changes:
        yield ("change", "field", "file", "from", "to"), list(map(_change, inventory.changes))
    covered = [_cover(*found) for found in inventory.by_regime()]
    if covered:
        yield ("regime", "source", "found", "what it speaks of"), covered


def _row(row: Row) -> _Line:
    methods = [method.removeprefix(f"{row.place}.") for method in row.methods]
    return row.level, row.type, row.place, f"{row.fields:,}", f"{row.messages:,}", _few(methods)


def _cover(regime: Regime, cover: Cover, rows: Sequence[Row]) -> _Line:
    types = ", ".join(sorted({row.type for row in rows}))
    places = _few(sorted({row.place for row in rows}))
    found = f"{types}: {counted(sum(row.fields for row in rows), 'field')} in {places}"
    return regime.id, cover.source, found, f"{cover.title}; only when {cover.when}" if cover.when else cover.title


def _change(change: Change) -> _Line:
    name = f"{change.message}.{change.field}".removeprefix(".")
    return change.what, name, change.file, _side(change.before), _side(change.after)


def _side(side: tuple[Level, str | None] | None) -> str:
    return "" if side is None else f"{side[0]} {side[1] or ''}".strip()


def _few(names: Iterable[str]) -> str:
    names = list(names)
    rest = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {rest:,} more" if rest > 0 else "")


def _remarks(inventory: Inventory) -> list[str]:
    if not inventory.judged:
        return ["judged nothing: no fields"]
    fields = counted(sum(row.fields for row in inventory.rows), "field")
    places = counted(len({row.place for row in inventory.rows}), "place")
    judged = f"of {inventory.judged:,} judged by rules {clean(inventory.rules_version)}"
    remarks = [f"{fields} of personal data in {places}, {judged}"]
    if inventory.earlier is not None:
        remarks.append(_since(inventory, len(inventory.changes or ())))
    remarks += [f"{regime.id}: {regime.when}" for regime in inventory.regimes.regimes if regime.when]
    if inventory.uncovered:
        names = ", ".join(map(clean, inventory.uncovered))
        remarks.append(f"no regime in our list covers {names}, which is no permission")
    return [*remarks, "what a law covers depends on who holds the data and why; this list is no legal advice"]


def _since(inventory: Inventory, number: int) -> str:
    earlier = inventory.earlier
    assert earlier is not None
    said = f"{counted(number, 'change')} since {clean(earlier.path)}"
    if earlier.rules_version != inventory.rules_version:
        said += f", whose rules were {clean(earlier.rules_version)}: a verdict may differ where no schema did"
    return said
