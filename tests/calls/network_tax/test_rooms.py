"""The rooms of chapter 7 stand side by side: a reader can take one of them without the others."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from companion.calls import network_tax

HERE = Path(network_tax.__file__).parent
ROOMS = sorted(folder.name for folder in HERE.iterdir() if (folder / "__init__.py").is_file())


def imported(file: Path) -> set[str]:
    """Name the modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_none_of_its_neighbours(room: str) -> None:
    files = sorted((HERE / room).glob("*.py"))
    assert len(files) > 1, f"{room} has no modules"
    others = tuple(f"companion.calls.network_tax.{other}." for other in ROOMS if other != room)
    assert [name for file in files for name in sorted(imported(file)) if name.startswith(others)] == []


def test_the_rooms_are_those_of_the_chapter() -> None:
    assert ROOMS == ["balancing", "budget", "gateway", "queries", "retries"]
