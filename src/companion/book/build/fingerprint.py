"""What a chapter depends on, as one key: when the key has not changed, the chapter need not be executed again.

The key takes in the notebook's cells, the parameters given, every module of the package that the code reaches, the data
files and measurements that it names, and the lock of the environment.
"""

from __future__ import annotations

import ast
import json
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from companion.book.project import Chapter, Project
from companion.import_graph import PACKAGE, digest, imported, modules_reached, parse_cells, parse_module, strings_in
from companion.notebooks import cell_source, read_notebook

KEY = "companion_key"
"""Where an executed notebook keeps its key, in its own metadata: one file, one atomic write."""

_FILE_NAME = re.compile(r"[\w./-]+", re.ASCII)


def chapter_files(project: Project, chapter: Chapter) -> list[Path]:
    """List the modules, data files and measurements that a chapter reaches, beside its notebook."""
    cells = [cell_source(cell) for cell in read_notebook(chapter.source)["cells"] if cell.get("cell_type") == "code"]
    trees: list[ast.AST] = list(parse_cells(cells))
    modules = modules_reached({name for tree in trees for name in imported(tree)})
    trees += [parse_module(file) for file in modules.values()]
    data = project.root.resolve() / "data"
    named = {name.removeprefix("../") for name in strings_in(trees) if _FILE_NAME.fullmatch(name)}
    places = [data / "measurements" / f"{name}.json" for name in named if "." in name and "/" not in name]
    inside = [project.root / name for name in named if name.startswith("data/")]
    folders = [place for place in inside if place.is_dir() and data in place.resolve().parents]
    places += [*inside, *(file for folder in folders for file in folder.rglob("*"))]
    # Assets of the package that are no modules (a .proto, an IDL) lie beside the modules that read them.
    beside = [file.parent / name for file in modules.values() for name in named if "." in name and "/" not in name]
    found = {place.resolve() for place in [*places, *beside] if place.is_file() and place.suffix != ".py"}
    return [*modules.values(), *sorted(found)]


def chapter_key(project: Project, chapter: Chapter, parameters: Mapping[str, Any]) -> str:
    """Hash everything that decides what the executed chapter looks like."""
    notebook = read_notebook(chapter.source)
    cells = [
        [c.get("cell_type"), cell_source(c), c.get("metadata", {}), c.get("attachments", {})] for c in notebook["cells"]
    ]
    cells.append([notebook.get("metadata", {}).get(name) for name in ("kernelspec", "language_info")])
    lock = project.root / "requirements.lock"
    return digest(
        json.dumps(cells, sort_keys=True),
        json.dumps(dict(parameters), sort_keys=True),
        platform.python_version(),
        *(
            file.relative_to(PACKAGE).as_posix()
            for file in chapter_files(project, chapter)
            if file.is_relative_to(PACKAGE)
        ),
        *chapter_files(project, chapter),
        *([lock] if lock.is_file() else []),
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
