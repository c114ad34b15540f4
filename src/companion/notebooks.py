"""Notebooks as files: read with suspicion, as JSON, without the libraries that run them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from companion.errors import CompanionError


class BookError(CompanionError):
    """Something is wrong with the book's files; the message says which one and what."""


def read_notebook(path: Path) -> Any:
    """Read a notebook as JSON, with an error that names the file and the place.

    Raises
    ------
    BookError
        If the file is missing, is no JSON, or is no notebook of format 4.
    """
    try:
        notebook = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BookError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BookError(f"{path}: not valid JSON: {error}") from error
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4 or not isinstance(notebook.get("cells"), list):
        raise BookError(f"{path}: not a notebook of format 4")
    for number, cell in enumerate(notebook["cells"], start=1):
        if not isinstance(cell, dict) or not isinstance(cell.get("metadata", {}), dict) or not _is_text(cell):
            raise BookError(f"{path}: not a notebook of format 4: cell {number} is no cell")
    return notebook


def find_book(start: Path | None = None) -> Path:
    """Find the folder of the book that a folder (or else the current one) belongs to, going up from it.

    Raises
    ------
    BookError
        If there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "_config.yml").is_file() and (folder / "chapters").is_dir():
            return folder
    raise BookError(f"{here}: no book here or above (a folder with _config.yml and chapters/)")


def pick_chapters(paths: list[Path], only: list[str]) -> list[Path]:
    """Pick notebooks by number ("18"), name ("18-metastable") or the name's last part; all, if `only` is empty.

    Raises
    ------
    BookError
        If one of those wanted is not among them.
    """
    picked = []
    for wanted in only:
        matching = [path for path in paths if wanted in (path.stem, *path.stem.partition("-")[::2])]
        if not matching:
            raise BookError(f"--only {wanted}: no such chapter; there are {', '.join(path.stem for path in paths)}")
        picked += matching
    return list(dict.fromkeys(picked)) or paths


def notebook_text(notebook: dict[str, Any]) -> str:
    """Write a notebook as JupyterLab saves it, so that a reader who opens and saves it changes nothing.

    Keys are sorted, and a number without a fraction is written without one, as JavaScript does.
    """
    return json.dumps(_as_javascript(notebook), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _as_javascript(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    if isinstance(value, dict):
        return {key: _as_javascript(inner) for key, inner in value.items()}
    return [_as_javascript(inner) for inner in value] if isinstance(value, list) else value


def cell_source(cell: dict[str, Any]) -> str:
    """Give a cell's text, which a notebook may store as one string or as lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _is_text(cell: dict[str, Any]) -> bool:
    source = cell.get("source", "")
    return isinstance(source, str) or (isinstance(source, list) and all(isinstance(line, str) for line in source))
