"""Where the book lies on disk, and which chapters it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from companion.notebooks import BookError, find_book, pick_chapters


@dataclass(frozen=True)
class Chapter:
    """One chapter: its number and name, the notebook that is its source, and the executed copy that is rendered."""

    name: str
    source: Path
    executed: Path

    @property
    def number(self) -> str:
        """The two digits before the hyphen."""
        return self.name.partition("-")[0]


@dataclass(frozen=True)
class Project:
    """The folders of one book."""

    root: Path

    @property
    def book(self) -> Path:
        """Prose pages, table of contents and assets."""
        return self.root / "book"

    @property
    def built(self) -> Path:
        """Where the executed chapters go."""
        return self.book / "chapters"

    @property
    def runs(self) -> Path:
        """Where chapters go that were executed with other parameters: no page is made from these."""
        return self.root / "_build" / "runs"

    @property
    def html(self) -> Path:
        """Where the pages go."""
        return self.root / "_build" / "html"

    @property
    def config(self) -> Path:
        """The settings of jupyter-book."""
        return self.root / "_config.yml"

    def chapters(self) -> list[Chapter]:
        """List the chapters in the order of the table of contents.

        Raises
        ------
        BookError
            If the table cannot be read or names a chapter without a notebook.
        """
        toc = self.book / "_toc.yml"
        try:
            entries = list(_files(yaml.safe_load(toc.read_text("utf-8"))))
        except (OSError, yaml.YAMLError) as error:
            raise BookError(f"{toc}: cannot be read: {str(error).splitlines()[0]}") from error
        names = [entry.removeprefix("chapters/") for entry in entries if entry.startswith("chapters/")]
        found = [
            Chapter(name, self.root / "chapters" / f"{name}.ipynb", self.built / f"{name}.ipynb") for name in names
        ]
        missing = [chapter.source for chapter in found if not chapter.source.is_file()]
        if missing:
            raise BookError(f"{toc}: names a chapter that has no notebook: {missing[0]}")
        return found

    def select(self, only: list[str]) -> list[Chapter]:
        """Pick chapters by number ("18"), name ("18-metastable") or the name's last part ("metastable")."""
        chapters = {chapter.source: chapter for chapter in self.chapters()}
        return [chapters[path] for path in pick_chapters(list(chapters), only)]


def find_project(start: Path | None = None) -> Project:
    """Find the book that a folder belongs to, going up from it."""
    return Project(find_book(start))


def _files(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("file"), str):
            yield node["file"]
        for value in node.values():
            yield from _files(value)
    elif isinstance(node, list):
        for value in node:
            yield from _files(value)
