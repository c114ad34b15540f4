"""Which files of a folder are post mortems."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

ENDINGS = (".md", ".markdown", ".qmd", ".md.erb")
"""How the name of a file of Markdown ends; ``.html.md`` is among them."""

NO_POSTMORTEM = ("readme", "contributing", "changelog", "license", "code_of_conduct")
"""Names that a folder's own papers have; a file with "template" in its name is left out, too."""

FOREIGN_FOLDERS = {"node_modules", "__pycache__", "_build", "venv"}


class Found(NamedTuple):
    """What a search gave: files to read, files that are no post mortem, and what could not be looked into, and why."""

    read: list[Path]
    left_out: list[Path]
    closed: list[tuple[Path, str]]


def find(paths: Iterable[Path]) -> Found:
    """List the files to read, and those that a folder has and that are left out as no post mortem.

    A file that is named is read whatever it is called. A folder is searched for Markdown, with what is below it; hidden
    files and folders are passed over, and links to folders are not followed.
    """
    chosen: dict[Path, None] = {}
    left_out: dict[Path, None] = {}
    closed: list[tuple[Path, str]] = []
    for path in paths:
        if not path.is_dir():
            if path.exists() and not path.is_file():  # a pipe that nobody may ever write to
                closed.append((path, "not a regular file"))
            else:
                chosen[path] = None
            continue
        errors: list[OSError] = []
        found = sorted(_markdown(path, errors))
        read = [file for file in found if not _is_paper(file.name)]
        closed += [(Path(each.filename), f"cannot be read: {str(each.strerror).lower()}") for each in errors]
        if not read and not errors:
            closed.append((path, "no Markdown in this folder to read"))
        chosen |= dict.fromkeys(read)
        left_out |= dict.fromkeys(file for file in found if _is_paper(file.name))
    return Found(list(chosen), [file for file in left_out if file not in chosen], closed)


def _markdown(folder: Path, errors: list[OSError]) -> Iterable[Path]:
    for here, folders, names in os.walk(folder, onerror=errors.append):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in FOREIGN_FOLDERS]
        yield from (Path(here, name) for name in names if name.lower().endswith(ENDINGS) and not name.startswith("."))


def _is_paper(name: str) -> bool:
    stem = name.lower().partition(".")[0].replace("-", "_")
    return stem in NO_POSTMORTEM or "template" in stem


def said_of(left_out: Sequence[Path]) -> str:
    """Say which files were passed over, the first few by name."""
    names = ", ".join(str(path) for path in left_out[:3])
    more = f" and {len(left_out) - 3} more" if len(left_out) > 3 else ""
    return f"left out as no post mortem: {names}{more}"
