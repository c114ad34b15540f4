"""Which modules of the package a piece of code reaches through its imports.

The pipeline asks this of a chapter, to know when it must be executed again; a measurement asks it of the function
that was measured, to know when its record is stale. Sources are read as text: nothing is imported or run.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).parent
"""The folder of the package itself."""

_MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.M)


def module_file(name: str) -> Path | None:
    """Find the source file of a dotted module name such as ``companion.claims``; None if it is not ours."""
    parts = name.split(".")
    if parts[0] != PACKAGE.name:
        return None
    base = PACKAGE.joinpath(*parts[1:])
    return next((file for file in (base / "__init__.py", base.with_suffix(".py")) if file.is_file()), None)


def parse_cells(sources: Iterable[str]) -> Iterator[ast.Module]:
    """Parse notebook cells, leaving out IPython's magic lines and cells that are no Python."""
    for source in sources:
        text = _MAGIC.sub(r"\1pass", source)
        whole = _parse(text)
        if whole is not None:
            yield whole
            continue
        # Executing the cell will say what is wrong with it; a magic within a line is nothing wrong, so read the others.
        yield from filter(None, map(_parse, map(str.strip, text.splitlines())))


def parse_module(file: Path) -> ast.Module:
    """Parse a module's source; one that is no Python (somebody is in the middle of an edit) counts as empty."""
    return _parse(file.read_bytes()) or ast.Module(body=[], type_ignores=[])


def _parse(source: str | bytes) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):  # ValueError: null bytes
        return None


def imported(tree: ast.AST, package: str = "") -> set[str]:
    """List the dotted names that a syntax tree imports, relative ones resolved against `package`."""
    return _imported(ast.walk(tree), package)


def _imported(nodes: Iterable[ast.AST], package: str) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - (node.level - 1)] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names.update([base, *(f"{base}.{alias.name}" for alias in node.names)])
    return names


def modules_reached(names: Iterable[str]) -> dict[str, Path]:
    """Follow imports from dotted names to every module of the package that they execute, by name."""
    reached: dict[str, Path] = {}
    seen: set[str] = set()  # and many of them are no modules
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        while name and name not in seen:  # importing a.b.c executes a and a.b too
            seen.add(name)
            file = module_file(name)
            if file is not None:
                reached[name] = file
                waiting.extend(_read(file, name).imports)
            name = name.rpartition(".")[0]
    return dict(sorted(reached.items()))


def named_in(modules: Mapping[str, Path]) -> tuple[set[str], set[str]]:
    """List the dotted names that modules import, and their short string constants.

    Parameters
    ----------
    modules
        Files by dotted name, as `modules_reached` gives them.
    """
    read = [_read(file, name) for name, file in modules.items()]
    return {name for one in read for name in one.imports}, {text for one in read for text in one.strings}


@dataclass(frozen=True)
class _Read:
    imports: frozenset[str]
    strings: frozenset[str]


def _read(file: Path, name: str) -> _Read:
    """Parse a module once in the life of a process, or once an edit."""
    return _read_once(file, name, file.stat().st_mtime_ns)


@lru_cache(maxsize=1024)
def _read_once(file: Path, name: str, _modified: int) -> _Read:
    nodes = list(ast.walk(parse_module(file)))
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    return _Read(frozenset(_imported(nodes, package)), frozenset(_strings(nodes)))


def strings_in(trees: Iterable[ast.AST]) -> set[str]:
    """List the short string constants in syntax trees, where names of data and measurements are found."""
    return _strings(node for tree in trees for node in ast.walk(tree))


def _strings(nodes: Iterable[ast.AST]) -> set[str]:
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200
    }


def digest(*parts: str | bytes | Path) -> str:
    """Hash texts and files into one short key; a file counts by its content, wherever it lies."""
    whole = hashlib.sha256()
    for part in parts:
        content = part.read_bytes() if isinstance(part, Path) else part.encode() if isinstance(part, str) else part
        whole.update(len(content).to_bytes(8, "big") + content)
    return whole.hexdigest()[:24]
