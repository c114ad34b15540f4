"""An inventory: which level and type of personal data lives where, across many services, and what changed since.

A place is a package; a schema without one is a place of its own. A method returns a type when its answer holds such a
field at any depth, whichever package defines it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from companion.schemas.pii.reports.earlier import Earlier, Entry, key_of
from companion.schemas.pii.reports.plain import judged
from companion.schemas.pii.reports.regimes import Cover, Regime, Regimes, read_regimes
from companion.schemas.pii.verdict import Level, Scan, Verdict
from companion.schemas.protobuf.model import Kind


@dataclass(frozen=True)
class Row:
    """One level and type in one place."""

    level: Level
    type: str
    place: str
    fields: int
    messages: int
    methods: tuple[str, ...]  # full names of those that return it, of any package


@dataclass(frozen=True)
class Change:
    """One field that is not what it was; `before` is None for one that was added, `after` for one that is gone."""

    what: str  # added, gone, raised, lowered or another type
    file: str
    message: str
    field: str
    before: tuple[Level, str | None] | None
    after: tuple[Level, str | None] | None


@dataclass(frozen=True)
class Inventory:
    """All of it; `changes` is None when there is no earlier report to compare with."""

    rows: tuple[Row, ...]
    judged: int
    rules_version: str
    regimes: Regimes
    changes: tuple[Change, ...] | None = None
    earlier: Earlier | None = None

    @property
    def types(self) -> list[str]:
        """Give the types that were found."""
        return sorted({row.type for row in self.rows})

    @property
    def uncovered(self) -> list[str]:
        """Give the types that were found and that no regime covers."""
        return self.regimes.uncovered(self.types)

    def by_regime(self) -> Iterator[tuple[Regime, Cover, list[Row]]]:
        """Give the places of each law that speak of something found, and the rows that it speaks of."""
        for regime in self.regimes.regimes:
            for cover in regime.covers:
                rows = [row for row in self.rows if row.type in cover.types]
                if rows:
                    yield regime, cover, rows


def take_inventory(scan: Scan, earlier: Earlier | None = None, regimes: Regimes | None = None) -> Inventory:
    """Take the inventory of a scan, and compare it with an earlier report."""
    return Inventory(
        rows=tuple(_rows(scan)),
        judged=len(judged(scan)),
        rules_version=scan.rules_version,
        regimes=regimes or read_regimes(),
        changes=None if earlier is None else tuple(changes(scan, earlier)),
        earlier=earlier,
    )


def changes(scan: Scan, earlier: Earlier) -> list[Change]:
    """Compare a scan with an earlier report, field by field; fields that were and are PUBLIC are no news."""
    before: dict[tuple[str, str, str], Entry] = {entry.key: entry for entry in earlier.entries}
    found = []
    for verdict in judged(scan):
        now = (verdict.level, verdict.pii_type)
        entry = before.pop(key_of(verdict), None)
        was = (entry.level, entry.type) if entry else None
        what = _what(was, now)
        if what:
            found.append(Change(what, *key_of(verdict), was, now))
    gone = [entry for entry in before.values() if entry.level is not Level.PUBLIC]
    return found + [Change("gone", *entry.key, (entry.level, entry.type), None) for entry in gone]


def _what(was: tuple[Level, str | None] | None, now: tuple[Level, str | None]) -> str | None:
    if was is None:
        return None if now[0] is Level.PUBLIC else "added"
    if now[0] is not was[0]:
        return "raised" if now[0].rank > was[0].rank else "lowered"
    return "another type" if now[1] != was[1] else None


def _rows(scan: Scan) -> list[Row]:
    places = {schema.path: schema.package or schema.path for schema in scan.schemas}
    groups: dict[tuple[Level, str, str], list[Verdict]] = defaultdict(list)
    for verdict in judged(scan):
        if verdict.level is not Level.PUBLIC:
            place = places.get(verdict.path, verdict.path)
            groups[verdict.level, verdict.pii_type or "UNTYPED", place].append(verdict)
    returned = _returned(scan)
    rows = []
    for (level, kind, place), verdicts in groups.items():
        messages = {(verdict.path, verdict.message) for verdict in verdicts}
        methods = {method for message in messages for method in returned.get(message, ())}
        rows.append(Row(level, kind, place, len(verdicts), len(messages), tuple(sorted(methods))))
    return sorted(rows, key=lambda row: (-row.level.rank, row.type, row.place))


def _returned(scan: Scan) -> dict[tuple[str, str], set[str]]:
    """Give the methods that return each message (path and name), itself or within another."""
    inside: dict[str, set[str]] = {}
    homes: dict[str, tuple[str, str]] = {}
    for schema in scan.schemas:
        for message in schema.messages:
            if message.declared:
                inside[message.full_name] = {field.type for field in message.fields if field.kind is Kind.MESSAGE}
                homes[message.full_name] = schema.path, message.name
    reach: dict[str, set[str]] = {}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for schema in scan.schemas:
        for method in schema.methods:
            name = ".".join(part for part in (schema.package, method.service, method.name) if part)
            if method.response not in reach:
                reach[method.response] = _reachable(method.response, inside)
            for message_name in reach[method.response]:
                found[homes[message_name]].add(name)
    return found


def _reachable(start: str, inside: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    pending = [start]
    while pending:
        name = pending.pop()
        if name in inside and name not in seen:
            seen.add(name)
            pending += inside[name]
    return seen


def inventory_json(inventory: Inventory) -> str:
    """Give the inventory as JSON (`inventory.schema.json`)."""
    return json.dumps(inventory_data(inventory), indent=1) + "\n"


def inventory_data(inventory: Inventory) -> dict[str, Any]:
    """Give the inventory as plain data."""
    return {
        "rows": [_row_data(row) for row in inventory.rows],
        "changes": None if inventory.changes is None else [_change_data(change) for change in inventory.changes],
        "regimes": [
            {"regime": regime.id, "name": regime.name, "source": cover.source, "title": cover.title,
             "when": [text for text in (regime.when, cover.when) if text],
             "types": sorted({row.type for row in rows}), "fields": sum(row.fields for row in rows),
             "places": sorted({row.place for row in rows})}
            for regime, cover, rows in inventory.by_regime()
        ],
        "uncovered": inventory.uncovered,
        "summary": {
            "judged": inventory.judged, "rules_version": inventory.rules_version,
            "regimes_version": inventory.regimes.version,
            "earlier_rules_version": inventory.earlier.rules_version if inventory.earlier else None,
        },
    }  # fmt: skip


def _row_data(row: Row) -> dict[str, Any]:
    return {"sensitivity": row.level.value, "pii_type": row.type, "place": row.place, "fields": row.fields,
            "messages": row.messages, "methods": list(row.methods)}  # fmt: skip


def _change_data(change: Change) -> dict[str, Any]:
    before, after = (
        None if side is None else {"sensitivity": side[0].value, "pii_type": side[1]}
        for side in (change.before, change.after)
    )
    return {"change": change.what, "file": change.file, "message": change.message, "field": change.field,
            "before": before, "after": after}  # fmt: skip
