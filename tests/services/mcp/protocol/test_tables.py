"""The tables in which the requirements of protocol 2026-07-28 stand name tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = sorted(path for path in HERE.glob("test_*.py") if path != Path(__file__))


def functions_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_bytes())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def rows_of(path: Path) -> list[list[str]]:
    said = ast.get_docstring(ast.parse(path.read_bytes())) or ""
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in said.splitlines() if "|" in line]
    return rows[2:]  # without its head and the line under it


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_requirement_names_its_tests(path: Path) -> None:
    rows = rows_of(path)
    assert len(rows) >= 10
    for section, requirement, named in rows:
        assert section and requirement
        for module, name in re.findall(r"(?:(test_\w+): )?(test_\w+)", named):
            assert name in functions_of(HERE / f"{module}.py" if module else path), f"{path.name}: {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_what_the_sdk_does_otherwise_stands_in_the_table(path: Path) -> None:
    expected = re.findall(r"xfail\((?:.|\n)*?\ndef (test_\w+)", path.read_text("utf-8"))
    named = {name for row in rows_of(path) for name in re.findall(r"test_\w+", row[2])}
    assert set(expected) <= named
