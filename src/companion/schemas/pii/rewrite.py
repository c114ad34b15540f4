"""Changed schemas on their way to the disk: shown first, then written so that no file is ever half done."""

from __future__ import annotations

import difflib
import os
import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath, PurePosixPath

from companion.files import replace_file
from companion.schemas.pii.layout import Refused
from companion.schemas.pii.model import Schema
from companion.schemas.pii.sources import DEFINITIONS, bundled_roots

NEW_FILE = 0o644


def diff(schema: Schema, new: bytes) -> str:
    """The change as a unified diff that `git apply` and `patch -p1` accept; empty when there is none."""
    if new == schema.source:
        return ""
    path = schema.path.lstrip("/")
    lines = difflib.unified_diff(_lines(schema.source), _lines(new), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(content: bytes) -> list[str]:
    """The lines of a file, cut at nothing but `\\n`; a file that is not UTF-8 is Latin-1 to us."""
    try:
        decoded = content.decode("utf-8")
    except UnicodeDecodeError:
        decoded = content.decode("latin-1")
    return [f"{line}\n" for line in decoded.split("\n")[:-1]] + [line for line in decoded.split("\n")[-1:] if line]


def write(path: Path, old: bytes | None, new: bytes) -> None:
    """Put `new` in the place of `old`, whole or not at all.

    Parameters
    ----------
    path
        The file; it keeps its permissions.
    old
        What was read from it; None for a file that is not to exist yet.
    new
        What it shall hold.

    Raises
    ------
    Refused
        When the file is not what it was when it was read, is read-only or a link, or its folder takes no files.
    """
    try:
        mode = _mode(path, old)
        # as late as can be: a person's editor may have saved in the meantime
        replace_file(path, new, mode=mode, last_look=lambda: _unchanged(path, old))
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from None


def _mode(path: Path, old: bytes | None) -> int:
    if path.is_symlink():
        raise Refused(f"{path}: a symbolic link; annotate what it leads to, {path.readlink()}")
    if old is None:
        return NEW_FILE
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(path, os.W_OK):
        raise Refused(f"{path}: read-only; it was left as it is")
    return mode


def _unchanged(path: Path, old: bytes | None) -> None:
    now = path.read_bytes() if path.exists() else None
    if now != old:
        raise Refused(f"{path}: changed since it was read; run the command again")


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
        The files written: one for each import root that had none. A file that is there already is left alone.
    """
    content = (bundled_roots()[0] / DEFINITIONS).read_bytes()
    written = []
    for folder in import_roots(schemas, root, others):
        target = folder / DEFINITIONS
        if target.exists():
            continue
        _make_folders(target, folder)
        write(target, None, content)
        written.append(target)
    return written


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
