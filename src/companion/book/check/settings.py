"""The numbers that a reader sets: literals in the code of a page, and the parameters of the simulator that it imports.

A number in prose may repeat one of them without a claim. What a parameter measures is known from its unit, so "ten
seconds" is no repetition of ten servers; a literal without a name counts only within its own section.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

from companion.import_graph import imported, parse_cells
from companion.notebooks import cell_source
from companion.parameters import describe

CLAIMS = "claims"
"""The tag of a cell that only makes claims; pages and JupyterLab fold it behind what it claims."""


@dataclass(frozen=True)
class Setting:
    """A number that code sets.

    Attributes
    ----------
    value : float
        Times in seconds.
    dimension : str
        ``time``, ``rate``, ``count`` or ``share`` where its name is that of a described parameter; else empty.
    section : int
        Where in the chapter it stands, by headings.
    where : str
        The cell and its line, or the parameter.
    """

    value: float
    dimension: str
    section: int
    where: str

    def sets(self, value: float, dimension: str) -> bool:
        """Whether a number of the prose, with what it measures, repeats this one."""
        kinds = {"share": ("share", "count"), "factor": ("count", "share")}.get(dimension, (dimension,))
        return isclose(self.value, value, rel_tol=1e-9) and (not self.dimension or self.dimension in kinds)


def settings_in(cells: Sequence[dict[str, Any]], sections: Sequence[int]) -> Iterator[Setting]:
    """List what the code to read sets, but for what its claims say; then what its simulators set by default."""
    read = [(number, cell_source(cell)) for number, cell in enumerate(cells, start=1)
            if cell.get("cell_type") == "code" and CLAIMS not in cell.get("metadata", {}).get("tags", [])]  # fmt: skip
    trees = [(number, tree) for number, source in read for tree in parse_cells([source])]
    modules = sorted({name for _, tree in trees for name in imported(tree)})
    described = dict(_described(modules))
    for number, tree in trees:
        lines = cell_source(cells[number - 1]).splitlines()
        for value, name, line in _literals(tree):
            where = f"cell {number}: {lines[line - 1].strip()}"
            yield Setting(value, described.get(name, ("", 0.0))[0], sections[number - 1], where)
    for name, (dimension, default) in described.items():
        yield Setting(default, dimension, -1, f"parameter {name}")
    for module in modules:
        for preset, values in _presets(module):
            for name, value in values.items():
                if name in described and isinstance(value, (int, float)):
                    yield Setting(float(value), described[name][0], -1, f"preset {preset}: {name}")


def _described(modules: Sequence[str]) -> Iterator[tuple[str, tuple[str, float]]]:
    """Give dimension and default of each parameter with a number, for the settings classes of the modules."""
    for module in modules:
        settings = getattr(_module(module), "Settings", None)
        for parameter in describe(settings) if isinstance(settings, type) else ():
            if parameter.kind in (int, float):
                default = float("nan") if parameter.default is None else float(parameter.default)
                yield parameter.name, (_measures(parameter.unit), default)


def _measures(unit: str) -> str:
    if unit == "s":
        return "time"
    if unit.endswith("/s"):
        return "rate"
    return "count" if unit else "share"


def _presets(module: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    presets = getattr(_module(module), "PRESETS", {})
    for name, preset in presets.items() if isinstance(presets, Mapping) else ():
        yield name, preset.values


def _module(name: str) -> Any:
    """Import a simulator of this package; other modules are heavy and describe no parameters."""
    parts = name.split(".")
    if parts[:2] != ["companion", "simulators"] or len(parts) != 3:
        return None
    return importlib.import_module(name)


def _literals(tree: ast.AST, name: str = "") -> Iterator[tuple[float, str, int]]:
    """Walk through a syntax tree: each number with the name that it is given (keyword, key or variable), and its line.

    What a claim says is no setting.
    """
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "claim":
        return
    if isinstance(tree, ast.Constant) and type(tree.value) in (int, float):
        yield float(tree.value), name, tree.lineno  # type: ignore[arg-type]
    for child, given in _named_children(tree, name):
        yield from _literals(child, given)


def _named_children(node: ast.AST, name: str) -> Iterator[tuple[ast.AST, str]]:
    if isinstance(node, ast.keyword):
        yield node.value, node.arg or ""
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield value, str(key.value) if isinstance(key, ast.Constant) else ""
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        yield node.value, node.targets[0].id
    elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
        yield node.iter, node.target.id
        yield from ((child, "") for child in node.body)
    else:
        yield from ((child, "" if isinstance(node, ast.Call) else name) for child in ast.iter_child_nodes(node))
