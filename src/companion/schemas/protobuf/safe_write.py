"""Changed schemas on their way to the disk: shown first, then written so that no file is ever half done."""

from __future__ import annotations

import difflib
import os
import stat
from pathlib import Path

from companion.errors import CompanionError
from companion.files import replace_file
from companion.schemas.protobuf.model import Schema

NEW_FILE = 0o644


class Refused(CompanionError):
    """A file that is left as it is; the message names it and says why."""


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
