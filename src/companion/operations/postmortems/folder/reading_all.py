"""Which files of a folder are post mortems, and what of them may be shown beside others."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from companion.operations.postmortems.document import Document, PostmortemError
from companion.operations.postmortems.reading.read import read

ENDINGS = (".md", ".markdown", ".qmd", ".md.erb", ".html.md")
"""How the files' names end."""

_OTHERS = re.compile(r"^(?:readme|index|contributing|changelog|code_of_conduct|license|.*template.*)\.", re.I)


@dataclass(frozen=True)
class Problem:
    """A file that could not be read; `why` names it."""

    file: str
    why: str


def files_in(folder: Path) -> list[Path]:
    """List a folder's post mortems, sorted: no hidden files, no links, no README, index or template.

    Raises
    ------
    PostmortemError
        If it is no folder.
    """
    if not folder.is_dir():
        raise PostmortemError(f"{folder}: not a folder" if folder.exists() else f"{folder}: no such folder")
    return sorted(
        path
        for path in folder.rglob("*")
        if path.name.lower().endswith(ENDINGS)
        and not _OTHERS.match(path.name)
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not path.is_symlink()
        and path.is_file()
    )


def read_all(
    paths: Sequence[Path], on_step: Callable[[int, int], None] = lambda done, of: None
) -> tuple[list[Document], list[Problem]]:
    """Read files, and tell of those that cannot be read; `on_step` is told how many are done, and of how many."""
    documents, problems = [], []
    for number, path in enumerate(paths, 1):
        try:
            documents.append(read(path))
        except PostmortemError as error:
            problems.append(Problem(str(path), str(error)))
        except OSError as error:
            problems.append(Problem(str(path), f"{path}: cannot be read: {(error.strerror or str(error)).lower()}"))
        on_step(number, len(paths))
    return documents, problems


def is_restricted(document: Document, line: int) -> bool:
    """Tell whether a line must not leave its file."""
    return any(first <= line <= last for first, last in document.restricted)
