"""Marking the schemas of a scan: which of them change, how, and then for real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from companion.schemas.pii.annotation.definitions import DEFINITIONS, import_roots, place_definitions
from companion.schemas.pii.annotation.source import with_marks
from companion.schemas.pii.evidence.api_exposure import method_levels
from companion.schemas.pii.reports.plain import counted
from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.scanning import Place, as_paths, scan
from companion.schemas.pii.verdict import MarkedSchema, Scan
from companion.schemas.protobuf.safe_write import Refused, diff, write


def annotate(
    paths: Place | Iterable[Place],
    *,
    rules: Rules | None = None,
    include: Iterable[Place] = (),
    learn: bool = False,
) -> Marking:
    """Judge schemas, and put the verdicts into them as options; nothing is written before `write` is called.

        marking = annotate("protos")
        print(marking.diff())
        marking.write()

    A mark that is there stays as it is, and so does every comment and blank line; a second run changes nothing.

    Parameters
    ----------
    paths, rules, include, learn
        As for `scan`.
    """
    places = as_paths(paths)
    used = rules or load_rules()
    return Marking(scan(places, rules=used, include=include, learn=learn), used, places)


class Marking:
    """The schemas of a scan that marks would change.

    Attributes
    ----------
    scan
        What was found.
    changed
        Each schema that changes, with its new source.
    refused
        Why others are left alone, one line each.
    """

    def __init__(self, found: Scan, rules: Rules, paths: Sequence[Path]) -> None:
        self.scan = found
        self.paths = paths
        self.changed: list[tuple[MarkedSchema, bytes]] = []
        self.refused: list[str] = []
        methods = method_levels(found.schemas, found.verdicts)
        for schema in found.schemas:
            if schema.judged:
                try:
                    new = with_marks(schema, found.verdicts, rules, methods, found.schemas)
                except Refused as error:
                    self.refused.append(str(error))
                    continue
                if new != schema.source:
                    self.changed.append((schema, new))

    def diff(self) -> str:
        """All changes as one unified diff."""
        return "".join(diff(schema, new) for schema, new in self.changed)

    def plan(self) -> list[str]:
        """Say what `write` would do, a line each."""
        return [*self._planned(), *self._nothing()]

    def write(self) -> list[str]:
        """Write each changed schema, and the definitions that they import; say what was written, a line each."""
        return [*self._written(), *self._nothing()]

    def _planned(self) -> Iterator[str]:
        for schema, _ in self.changed:
            yield f"would mark {schema.path}"
        for folder, schemas in self._by_path():
            for root in import_roots(schemas, folder, self.scan.schemas):
                if not (root / DEFINITIONS).exists():
                    yield f"would write {root / DEFINITIONS}"

    def _written(self) -> Iterator[str]:
        written = set()
        for schema, new in self.changed:
            try:
                write(Path(schema.path), schema.source, new)
            except Refused as error:
                self.refused.append(str(error))
                yield str(error)
                continue
            written.add(schema.path)
            yield f"marked {schema.path}"
        for folder, schemas in self._by_path():
            try:
                placed = place_definitions(
                    [schema for schema in schemas if schema.path in written], folder, self.scan.schemas
                )
            except Refused as error:
                self.refused.append(str(error))
                yield str(error)
                continue
            yield from (f"wrote {path}" for path in placed)

    def _by_path(self) -> Iterator[tuple[Path, list[MarkedSchema]]]:
        """The changed schemas below each path that the user named."""
        for path in self.paths:
            below = [schema for schema, _ in self.changed if Path(schema.path).is_relative_to(path)]
            if below:
                yield path, below

    def _nothing(self) -> Iterator[str]:
        if not self.changed and not self.refused:
            judged = counted(sum(schema.judged for schema in self.scan.schemas), "schema")
            yield f"nothing to mark in {judged}"
