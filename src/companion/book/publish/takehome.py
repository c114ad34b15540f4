"""A chapter to take home: one zip with its notebook, the package, its data and records, and the exact versions.

In the folder that it unpacks to, the chapter runs as it is, on any system, without the book.
"""

from __future__ import annotations

import re
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name

from companion.book.execution.fingerprint import chapter_files
from companion.book.execution.lock import LOCK, needed, read_lock
from companion.book.execution.ran_with import KEY as RAN_WITH
from companion.book.project import Chapter, Project
from companion.book.publish.wheel import build_wheel
from companion.import_graph import PACKAGE, digest
from companion.notebooks import BookError, cell_source, notebook_text, read_notebook

FOLDER = "take-home"
"""Where the zips lie among the pages."""

_DATE = (2020, 1, 1, 0, 0, 0)

README = """\
1. Install, in this folder, with Python {python}: `python3 -m venv env`, then `env/bin/python -m pip install -r requirements.txt {wheel}` (on Windows `py -m venv env`, then `env\\Scripts\\python` in place of `env/bin/python`).
2. Open: `env/bin/python -m jupyterlab {notebook}` (on Windows `env\\Scripts\\python -m jupyterlab {notebook}`); it needs no network.
3. What it is: "{title}", a chapter of {book}, with the package that it runs on and the measurements and data that it reads; text CC BY 4.0, code MIT, records CC0.
"""  # noqa: E501


def take_home(project: Project, chapter: Chapter, folder: Path, *, wheel: Path | None = None) -> Path:
    """Write the zip of one chapter; the same book gives the same bytes.

    Parameters
    ----------
    project, chapter : Project and Chapter
        What to pack.
    folder : Path
        Where to write ``NN-name.zip``.
    wheel : Path, optional
        The package's wheel, when it has been built already.

    Returns
    -------
    Path
        The zip.

    Raises
    ------
    BookError
        If the notebook cannot be read, or the lock does not pin what the chapter needs.
    """
    with tempfile.TemporaryDirectory() as scratch:
        wheel = wheel or build_wheel(Path(scratch))
        data = project.root.resolve() / "data"
        files = {file.relative_to(data.parent).as_posix(): file.read_bytes()
                 for file in chapter_files(project, chapter) if file.is_relative_to(data)}  # fmt: skip
        files[chapter.source.name] = _at_home(chapter)
        files[wheel.name] = wheel.read_bytes()
        files["requirements.txt"] = "".join(f"{pin}\n" for pin in requirements(project, chapter)).encode()
        files["README.md"] = _readme(project, chapter, wheel).encode()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{chapter.name}.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3  # Unix, wherever it is packed
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return target


def take_home_all(project: Project, folder: Path) -> dict[str, Path]:
    """Write the zips of all chapters and give them by chapter; a book without a lock has none."""
    if not (project.root / LOCK).is_file():
        return {}
    with tempfile.TemporaryDirectory() as scratch:
        wheel = build_wheel(Path(scratch))
        return {chapter.name: take_home(project, chapter, folder, wheel=wheel) for chapter in project.chapters()}


def take_home_key(project: Project) -> str:
    """Hash what the zips hold beside what the executed chapters depend on; no zip is made."""
    if not (project.root / LOCK).is_file():
        return ""
    root = PACKAGE.parents[1]
    files = [file for file in sorted(PACKAGE.rglob("*")) if file.is_file() and "__pycache__" not in file.parts]
    files += [file for name in ("pyproject.toml", "README.md", "LICENSE") if (file := root / name).is_file()]
    files += [project.root / LOCK, *(chapter.source for chapter in project.chapters())]
    return digest(*(file.relative_to(file.parents[1]).as_posix() for file in files), *files)


def requirements(project: Project, chapter: Chapter) -> list[str]:
    """List the pins that a chapter needs to run and to be opened, with all that those need, by name.

    Returns
    -------
    list of str
        Lines of the book's lock with their environment markers: the base of the package, the extra of the chapter's
        part and `notebook`, and what the chapter last ran with.

    Raises
    ------
    BookError
        If the lock lacks one of them.
    """
    lock = read_lock(project.root / LOCK)
    asked = needed(chapter.number) | {str(canonicalize_name(name)) for name in _ran_with(chapter)}
    return [line for name in sorted(lock.closure(asked)) for line in lock.pins[name]]


def _ran_with(chapter: Chapter) -> list[str]:
    """List the libraries that the executed copy says it used; none when there is no copy."""
    try:
        return list(read_notebook(chapter.executed)["metadata"][RAN_WITH]["libraries"])
    except (BookError, KeyError, TypeError):
        return []


def _at_home(chapter: Chapter) -> bytes:
    """Give the source notebook with its outputs; data lies beside it there, and not one folder up."""
    notebook: dict[str, Any] = read_notebook(chapter.source)
    moved = False
    for cell in notebook["cells"]:
        source = cell_source(cell)
        here = re.sub(r"""(["'])\.\./data/""", r"\1data/", source)
        if cell.get("cell_type") == "code" and here != source:
            cell["source"], moved = here, True
    if not moved:
        return chapter.source.read_bytes()
    return notebook_text(notebook).encode()


def _readme(project: Project, chapter: Chapter, wheel: Path) -> str:
    declared = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    book = yaml.safe_load(project.config.read_text("utf-8")).get("title", "the book")
    first = next((cell_source(cell) for cell in read_notebook(chapter.source)["cells"]), "")
    python = re.sub(r"^>=\s*([\d.]+)$", r"\1 or newer", declared["requires-python"])
    title = first.strip().partition("\n")[0].lstrip("# ") or chapter.name
    return README.format(python=python, wheel=wheel.name, notebook=chapter.source.name, title=title, book=book)
