"""Folders that a command writes: never over somebody else's files."""

from __future__ import annotations

import json
from pathlib import Path

from companion.files import replace_file
from companion.notebooks import BookError


def write_folder(out: Path, marker: str, files: dict[str, str]) -> None:
    """Write files into a folder, in place of those that the same command wrote there before.

    Parameters
    ----------
    out
        The folder.
    marker
        The name of the file that says which command made it, and what.
    files
        Texts by their names within the folder.

    Raises
    ------
    BookError
        If the folder holds something else, or cannot be written.
    """
    check_folder(out, marker)
    try:
        for name in _written(out / marker):
            (out / name).unlink(missing_ok=True)
        out.mkdir(parents=True, exist_ok=True)
        replace_file(out / marker, json.dumps({"files": sorted(files)}, indent=1) + "\n")
        for name, text in files.items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            replace_file(out / name, text)
    except OSError as error:
        raise BookError(f"{error.filename or out}: cannot be written: {error.strerror}") from error


def check_folder(out: Path, marker: str) -> None:
    """Refuse a folder that holds something which this command did not make.

    Raises
    ------
    BookError
        If it does.
    """
    if out.exists() and not out.is_dir():
        raise BookError(f"{out}: is a file; give a folder")
    try:
        foreign = out.is_dir() and any(out.iterdir()) and not (out / marker).is_file()
    except OSError as error:
        raise BookError(f"{out}: cannot be read: {error.strerror}") from error
    if foreign:
        raise BookError(f"{out}: holds files that this command did not make; give a new folder, or remove it first")


def _written(marker: Path) -> list[str]:
    """List what was written before; only plain names within the folder."""
    try:
        names = json.loads(marker.read_text("utf-8"))["files"]
        return [name for name in names if not Path(name).is_absolute() and ".." not in Path(name).parts]
    except (OSError, ValueError, KeyError, TypeError):
        return []
