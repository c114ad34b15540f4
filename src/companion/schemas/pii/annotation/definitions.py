"""Where the definitions of the marks go: the folders that the imports of marked schemas are relative to."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath, PurePosixPath

from companion.schemas.protobuf.model import Schema
from companion.schemas.protobuf.safe_write import Refused, write
from companion.schemas.protobuf.sources import bundled_roots

DEFINITIONS = "companion/pii/v1/pii.proto"
"""The name by which schemas import the marks."""

_GO_PACKAGE = re.compile(rb'^option go_package = "([^"\n]*)";$', re.MULTILINE)
_GO_PACKAGE_OF_OTHERS = re.compile(rb"^\s*option\s+go_package\s*=\s*[\"']([\w.~/-]+)(?:;\w+)?[\"']\s*;", re.MULTILINE)


def place_definitions(schemas: Sequence[Schema], root: Path, others: Sequence[Schema] = ()) -> list[Path]:
    """Put the definitions of the marks where the annotated files will look for them.

    Parameters
    ----------
    schemas
        The files that were annotated.
    root
        The folder that the user named; the place when the files do not tell theirs.
    others
        All schemas of the scan, whose imports tell where the root is.

    Returns
    -------
    list of Path
        The files written: one for each import root that had none, or had those of an earlier version of the book, of
        which ours has every line. Any other file is left alone. The Go package is beside those of the annotated files.
    """
    shipped = (bundled_roots()[0] / DEFINITIONS).read_bytes()
    everyone = [*schemas, *others]
    written = []
    for folder in import_roots(schemas, root, others):
        target = folder / DEFINITIONS
        there = target.read_bytes() if target.is_file() else None
        content = _in_go_package(shipped, there, folder, everyone)
        if target.exists() and (there is None or not _older(there, content)):
            continue
        _make_folders(target, folder)
        write(target, there, content)
        written.append(target)
    return written


def _in_go_package(shipped: bytes, there: bytes | None, folder: Path, schemas: Sequence[Schema]) -> bytes:
    """Give the definitions the Go package that they have, or one that the module of the annotated files can import."""
    kept = _GO_PACKAGE.search(there or b"")
    if kept:
        return _GO_PACKAGE.sub(lambda _: kept[0], shipped)
    here, prefixes = _absolute(folder), Counter[bytes]()
    for schema in schemas:
        said = _GO_PACKAGE_OF_OTHERS.search(schema.source)
        path = _absolute(schema.path)
        if said and path.is_relative_to(here):
            below = os.fsencode(path.parent.relative_to(here).as_posix())
            package = b"/" + said[1]
            if below == b".":
                prefixes[said[1] + b"/"] += 1
            elif package.endswith(b"/" + below):
                prefixes[package[1 : len(package) - len(below)]] += 1
    if not prefixes:
        return shipped
    prefix, _ = prefixes.most_common(1)[0]
    return _GO_PACKAGE.sub(lambda match: b'option go_package = "' + prefix + match[1] + b'";', shipped)


def _older(there: bytes, ours: bytes) -> bool:
    """Whether a file is ours but for lines that it lacks."""
    return b"package companion.pii.v1;" in there and set(there.splitlines()) < set(ours.splitlines())


def _make_folders(target: Path, root: Path) -> None:
    for folder in reversed([parent for parent in target.parents if parent.is_relative_to(root) and parent != root]):
        if folder.is_symlink():
            raise Refused(f"{folder}: a symbolic link; put {DEFINITIONS} there yourself")
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise Refused(f"{folder}: cannot be made: {(error.strerror or str(error)).lower()}") from None


def import_roots(schemas: Sequence[Schema], root: Path, others: Sequence[Schema] = ()) -> list[Path]:
    """The folders that the imports of `schemas` are relative to, each once."""
    everyone = list({schema.path: schema for schema in (*schemas, *others)}.values())
    told = {schema.path: _root_of(schema, everyone) for schema in everyone}
    known = sorted({folder for folder in told.values() if folder is not None}, key=lambda folder: len(folder.parts))
    folder = root.parent if root.is_file() else root
    found: dict[Path, None] = {}
    for schema in schemas:
        above = [other for other in known if _absolute(schema.path).is_relative_to(other)]
        found[told[schema.path] or (above[-1] if above else _absolute(folder))] = None
    return list(found)


def _root_of(schema: Schema, everyone: Sequence[Schema]) -> Path | None:
    """What imports say, its own or those of others, else what its package says, else None."""
    here = _absolute(schema.path)
    said: Counter[Path] = Counter()
    for importer in everyone:
        for name in importer.imports:
            for meant in [schema] if importer is not schema else everyone:
                above = _without(_absolute(meant.path), PurePosixPath(name))
                if above is not None and here.is_relative_to(above) and _absolute(importer.path).is_relative_to(above):
                    said[above] += 1
    if said:
        return max(said, key=lambda folder: (said[folder], -len(folder.parts)))
    return _without(here.parent, PurePosixPath(*schema.package.split("."))) if schema.package else None


def _without(path: Path, ending: PurePath) -> Path | None:
    """The part of `path` before `ending`, or None when it ends otherwise."""
    count = len(ending.parts)
    return Path(*path.parts[:-count]) if 0 < count < len(path.parts) and path.parts[-count:] == ending.parts else None


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
