"""The rooms of chapter 6 stand side by side: a reader can take one of them without the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.calls import contracts
from tests.calls.network_tax.test_rooms import imported

HERE = Path(contracts.__file__).parent
ROOMS = sorted(folder.name for folder in HERE.iterdir() if (folder / "__init__.py").is_file())


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_none_of_its_neighbours(room: str) -> None:
    files = sorted((HERE / room).glob("*.py"))
    assert len(files) > 1, f"{room} has no modules"
    others = tuple(f"companion.calls.contracts.{other}." for other in ROOMS if other != room)
    assert [name for file in files for name in sorted(imported(file)) if name.startswith(others)] == []


def test_the_rooms_are_those_of_the_chapter() -> None:
    assert ROOMS == ["bms", "concerns", "idl"]
