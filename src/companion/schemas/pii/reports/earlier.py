"""An earlier report, read back: what it said of each field.

Whatever is wrong with the file is one line (`ValueError`) that names the file, and the entry.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from companion.schemas.pii.reports.places import place, places
from companion.schemas.pii.reports.plain import clean, clipped
from companion.schemas.pii.verdict import Level, Verdict

Key = tuple[str, str, str]
_FIELD = ("file", "message", "field", "sensitivity", "pii_type", "reason")
MAX_BYTES = 200_000_000  # some 500,000 fields; no pipeline should die of a file given by mistake


@dataclass(frozen=True)
class Entry:
    """A field, what was said of it, and why that was accepted (of a report: why it was said).

    `file` is its path from where the command runs, whatever the report calls it.
    """

    file: str
    message: str
    field: str
    level: Level
    type: str | None
    reason: str
    annotated: bool = False
    ignored: bool = False

    @property
    def key(self) -> Key:
        """What the field is known by; a renamed folder makes a new field."""
        return self.file, self.message, self.field

    def __str__(self) -> str:
        return f"{self.file}: {self.message}.{self.field} ({self.level}, {self.type or 'no type'})"


@dataclass(frozen=True)
class Earlier:
    """An earlier report."""

    path: str
    entries: tuple[Entry, ...]
    rules_version: str


def key_of(verdict: Verdict) -> Key:
    """Give what reports know the verdict's field by."""
    return place(verdict.path), verdict.message, verdict.field.name


def wrong(path: Path, said: str) -> ValueError:
    """Make the error of a file: one line, whatever the file's texts hold."""
    return ValueError(clean(f"{path}: {said}"))


def placed(entries: Iterable[Entry], path: Path, scanned: Sequence[Path] = ()) -> tuple[Entry, ...]:
    """Give the entries of a file with their paths as this run calls them."""
    read = list(entries)
    where = places({entry.file for entry in read}, path, scanned)
    return tuple(replace(entry, file=where[entry.file]) for entry in read)


def read_earlier(path: Path, scanned: Sequence[Path] = ()) -> Earlier:
    """Read a report of `companion pii scan --json`; `scanned` are the folders that its files may be relative to.

    Raises
    ------
    ValueError
        When it is none; one line that says what is wrong.
    """
    data = read_object(path)
    if "fields" not in data:
        raise wrong(path, "not a report of `companion pii scan --json`: it has no `fields`")
    return earlier_from(data, path, scanned)


def earlier_from(data: dict[str, Any], path: Path, scanned: Sequence[Path] = ()) -> Earlier:
    """Take a report from data that was read already."""
    summary = data.get("summary")
    if not isinstance(summary, dict) or not isinstance(summary.get("rules_version"), str):
        raise wrong(path, "not a report of `companion pii scan --json`: it has no `summary` with a `rules_version`")
    ignored = {_ignored(one) for one in _list(summary.get("ignored", []), "summary.ignored", path)}
    fields = _list(data["fields"], "fields", path)
    entries = [read_entry(entry, f"fields[{number}]", path, ignored) for number, entry in enumerate(fields)]
    return Earlier(str(path), placed(entries, path, scanned), summary["rules_version"])


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object from a file."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise wrong(path, f"larger than {MAX_BYTES // 1_000_000} MB, so no report")
        data = json.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise wrong(path, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise wrong(path, f"not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise wrong(path, f"not JSON: {error.msg} in line {error.lineno}") from error
    except RecursionError as error:
        raise wrong(path, "not a report: nested too deeply") from error
    if not isinstance(data, dict):
        raise wrong(path, f"a JSON object was expected, not {_shown(data)}")
    return data


def read_entry(data: Any, place: str, path: Path, ignored: Container[Key | None] = ()) -> Entry:
    """Read one field's entry."""
    if not isinstance(data, dict):
        raise wrong(path, f"{place} is {_shown(data)}, not an object")
    for name in _FIELD:
        if name not in data:
            raise wrong(path, f"{place} has no `{name}`")
        if name != "pii_type" and not isinstance(data[name], str):
            raise wrong(path, f"{place}.{name} is {_shown(data[name])}, not a text")
    if data["sensitivity"] not in list(Level):
        raise wrong(path, f"{place}.sensitivity is {_shown(data['sensitivity'])}, not one of {', '.join(Level)}")
    level, kind = Level(data["sensitivity"]), data["pii_type"]
    if not (kind is None if level is Level.PUBLIC else isinstance(kind, str) and kind):
        raise wrong(path, f"{place}.pii_type is {_shown(kind)}, which does not go with {level}")
    key = data["file"], data["message"], data["field"]
    return Entry(*key, level, kind, data["reason"], data.get("annotated") is True, key in ignored)


def _ignored(data: Any) -> Key | None:
    if not isinstance(data, dict):
        return None
    file, message, field = (str(data.get(name)) for name in ("file", "message", "field"))
    return file, message, field


def _list(data: Any, place: str, path: Path) -> list[Any]:
    if not isinstance(data, list):
        raise wrong(path, f"`{place}` is {_shown(data)}, not a list")
    return data


def _shown(data: Any) -> str:
    return clipped(json.dumps(data), 40)
