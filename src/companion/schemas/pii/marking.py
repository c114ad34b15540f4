"""Marking the schemas of a scan: which of them change, how, and then for real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from companion.schemas.pii.annotate import annotate
from companion.schemas.pii.interface import method_levels
from companion.schemas.pii.layout import Refused
from companion.schemas.pii.model import Level, Scan, Schema
from companion.schemas.pii.reports.plain import counted
from companion.schemas.pii.rewrite import diff, import_roots, place_definitions, write
from companion.schemas.pii.sources import DEFINITIONS


class Marking:
    """The schemas that marks change, each with its new source; `refused` says why others were left alone."""

    def __init__(self, found: Scan, protections: Mapping[Level, tuple[str, ...]]) -> None:
        self.schemas = found.schemas
        self.changed: list[tuple[Schema, bytes]] = []
        self.refused: list[str] = []
        methods = method_levels(found.schemas, found.verdicts)
        for schema in found.schemas:
            if schema.judged:
                try:
                    new = annotate(schema, found.verdicts, protections, methods, found.schemas)
                except Refused as error:
                    self.refused.append(str(error))
                    continue
                if new != schema.source:
                    self.changed.append((schema, new))

    def diff(self) -> str:
        """All changes as one unified diff."""
        return "".join(diff(schema, new) for schema, new in self.changed)

    def plan(self, paths: Sequence[Path]) -> Iterator[str]:
        """Say what `write` would do."""
        for schema, _ in self.changed:
            yield f"would mark {schema.path}"
        for folder, schemas in self._by_path(paths):
            for root in import_roots(schemas, folder, self.schemas):
                if not (root / DEFINITIONS).exists():
                    yield f"would write {root / DEFINITIONS}"
        yield from self._nothing()

    def write(self, paths: Sequence[Path]) -> Iterator[str]:
        """Write each changed schema, and the definitions that they import; say what was written."""
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
        for folder, schemas in self._by_path(paths):
            try:
                placed = place_definitions(
                    [schema for schema in schemas if schema.path in written], folder, self.schemas
                )
            except Refused as error:
                self.refused.append(str(error))
                yield str(error)
                continue
            yield from (f"wrote {path}" for path in placed)
        yield from self._nothing()

    def _by_path(self, paths: Sequence[Path]) -> Iterator[tuple[Path, list[Schema]]]:
        """The changed schemas below each path that the user named."""
        for path in paths:
            below = [schema for schema, _ in self.changed if Path(schema.path).is_relative_to(path)]
            if below:
                yield path, below

    def _nothing(self) -> Iterator[str]:
        if not self.changed and not self.refused:
            judged = counted(sum(schema.judged for schema in self.schemas), "schema")
            yield f"nothing to mark in {judged}"
