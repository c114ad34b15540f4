"""With what a chapter ran: Python, the libraries that its code uses, and the seed.

`worker` asks the kernel once the last cell has run, and keeps the answer in the executed notebook's metadata. What was
loaded counts, not what the sources name: a module that is imported by a computed name is seen too.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

from companion.import_graph import imported, parse_cells, parse_module
from companion.notebooks import cell_source

KEY = "companion_ran_with"
"""Where an executed notebook keeps it: ``{"python": "3.11.7", "libraries": {"simpy": "4.1.1"}, "seed": 11}``."""


def ask(notebook: Any) -> str:
    """Write the expression that a kernel answers, after the last cell of a notebook, for `told` to read."""
    sources = [cell_source(cell) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return f"__import__({__name__!r}, fromlist=['_']).libraries_loaded({sources!r})"


def libraries_loaded(cells: Iterable[str]) -> dict[str, str]:
    """Give the versions of the libraries that this process has loaded for the package and for some cells, by name.

    Parameters
    ----------
    cells : iterable of str
        The sources of a notebook's cells.

    Returns
    -------
    dict of str to str
        Distributions that the package declares as its requirements, and that one of its loaded modules or a cell
        imports: not those which another library loads for itself because they happen to be installed.
    """
    from packaging.requirements import Requirement

    names = {name for tree in parse_cells(cells) for name in imported(tree)}
    ours = [name for name in sys.modules if name.partition(".")[0] == "companion" and name != __name__]
    for module in map(sys.modules.__getitem__, ours):  # not this one: the chapter has not asked for it
        if getattr(module, "__file__", None):
            names |= imported(parse_module(Path(str(module.__file__))))
    parts = [name.split(".") for name in names]
    used = {".".join(words[:stop]) for words in parts for stop in range(1, len(words) + 1)} & set(sys.modules)
    found = {}
    for name in sorted({Requirement(text).name for text in metadata.requires("companion") or []}):
        try:
            library = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        files = [file for file in library.files or [] if file.name == "__init__.py" or str(file) == file.name]
        modules = {".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files}
        if not used.isdisjoint(modules):
            found[name] = library.version
    return found


def told(answer: dict[str, Any]) -> dict[str, str]:
    """Read a kernel's answer to `ask`; one that could not say, having no companion or being no Python, gives {}."""
    try:
        return dict(ast.literal_eval(answer["data"]["text/plain"]))
    except (KeyError, ValueError, SyntaxError, TypeError):
        return {}


def seed_of(cells: Iterable[Any]) -> int | float | str | None:
    """Give the seed that the parameters cell of a notebook assigns; None if it assigns none, or no literal."""
    tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    for statement in [
        statement for cell in tagged for tree in parse_cells([cell_source(cell)]) for statement in tree.body
    ]:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if "seed" in [target.id for target in targets if isinstance(target, ast.Name)]:
            try:
                value = ast.literal_eval(statement.value)  # type: ignore[attr-defined]
            except (ValueError, TypeError):  # computed, or declared without a value
                return None
            return value if isinstance(value, (int, float, str)) else None
    return None
