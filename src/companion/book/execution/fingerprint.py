"""What a chapter depends on, as one key: when the key has not changed, the chapter need not be executed again.

The key takes in the notebook's cells, the parameters given, every module of the package that the code reaches, the data
files and measurements that it names, and those pins of the environment's lock that it uses.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.book.execution.lock import LOCK, pins_used, read_lock
from companion.book.project import Chapter, Project
from companion.import_graph import PACKAGE, digest, imported, modules_reached, named_in, parse_cells, strings_in
from companion.notebooks import cell_source, read_notebook

KEY = "companion_key"
"""Where an executed notebook keeps its key, in its own metadata: one file, one atomic write."""

_FILE_NAME = re.compile(r"[\w./-]+", re.ASCII)


@dataclass(frozen=True)
class Reached:
    """What a chapter reaches, beside its notebook.

    Attributes
    ----------
    modules : dict of str to Path
        Modules of the package, by dotted name.
    data : tuple of Path
        Data files, measurements, and assets that lie beside the modules.
    imports : frozenset of str
        All dotted names that the chapter and those modules import, of other libraries too.
    """

    modules: dict[str, Path]
    data: tuple[Path, ...]
    imports: frozenset[str]


def chapter_files(project: Project, chapter: Chapter) -> list[Path]:
    """List the modules, data files and measurements that a chapter reaches, beside its notebook."""
    found = reached(project, read_notebook(chapter.source))
    return [*found.modules.values(), *found.data]


def reached(project: Project, notebook: dict[str, Any]) -> Reached:
    """Find what the code of a notebook reaches."""
    cells = [cell_source(cell) for cell in notebook["cells"] if cell.get("cell_type") == "code"]
    trees = list(parse_cells(cells))
    names = {name for tree in trees for name in imported(tree)}
    modules = modules_reached(names)
    imports, strings = named_in(modules)
    data = project.root.resolve() / "data"
    named = {name.removeprefix("../") for name in strings | strings_in(trees) if _FILE_NAME.fullmatch(name)}
    places = [data / "measurements" / f"{name}.json" for name in named if "." in name and "/" not in name]
    inside = [project.root / name for name in named if name.startswith("data/")]
    folders = [place for place in inside if place.is_dir() and data in place.resolve().parents]
    places += [*inside, *(file for folder in folders for file in folder.rglob("*"))]
    # Assets of the package that are no modules (a .proto, an IDL) lie beside the modules that read them.
    beside = [file.parent / name for file in modules.values() for name in named if "." in name and "/" not in name]
    found = {place.resolve() for place in [*places, *beside] if place.is_file() and place.suffix != ".py"}
    return Reached(modules, tuple(sorted(found)), frozenset(names | imports))


def chapter_key(project: Project, chapter: Chapter, parameters: Mapping[str, Any]) -> str:
    """Hash everything that decides what the executed chapter looks like."""
    notebook = read_notebook(chapter.source)
    cells = [
        [c.get("cell_type"), cell_source(c), c.get("metadata", {}), c.get("attachments", {})] for c in notebook["cells"]
    ]
    # The rest of what it says of its language, an editor fills in as the reader's kernel tells it.
    about = notebook.get("metadata", {})
    cells.append([about.get(which, {}).get("name") for which in ("kernelspec", "language_info")])
    found = reached(project, notebook)
    lock = project.root / LOCK
    return digest(
        json.dumps(cells, sort_keys=True),
        json.dumps(dict(parameters), sort_keys=True),
        platform.python_version(),
        "\n".join(pins_used(read_lock(lock), chapter.number, found.imports) if lock.is_file() else []),
        *found.modules,
        *(file.relative_to(PACKAGE).as_posix() for file in found.data if file.is_relative_to(PACKAGE)),
        *found.modules.values(),
        *found.data,
    )


def without_seconds(notebook: str) -> str:
    """Give the text of an executed notebook as any other execution would write it: its cells took no time."""
    return re.sub(r'("companion_seconds": )[\d.e-]+', r"\g<1>0", notebook)


def executed_key(chapter: Chapter) -> str | None:
    """Read the key under which the executed copy was made; None when there is no whole copy."""
    try:
        notebook = json.loads(chapter.executed.read_text("utf-8"))
        key = notebook["metadata"][KEY]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return key if isinstance(key, str) else None
