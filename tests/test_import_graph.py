"""Which modules a piece of code reaches is read from its imports, and nothing is imported to find out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.import_graph import digest, imported, module_file, modules_reached, parse_cells, parse_module, strings_in

MODULES = {
    "__init__.py": "",
    "moon.py": "import math\nfrom companion import tides\n",
    "tides.py": "from companion.harbour.boats import Boat\n",
    "harbour/__init__.py": "from .crew import Sailor\n",
    "harbour/boats.py": "from companion import moon\n",  # a circle: moon reaches boats, boats reach moon
    "harbour/crew.py": "from ..lamp import light\nif False:\n    import companion.lazy\n",
    "lamp.py": "",
    "lazy.py": "raise RuntimeError('nobody may import this to find out')\n",
    "alone.py": "",
    "broken.py": "def half(:\n",
}


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a small package in the place of the real one."""
    made = tmp_path / "companion"
    for name, text in MODULES.items():
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr("companion.import_graph.PACKAGE", made)
    return made


def test_imports_are_followed_through_packages_relative_names_and_circles() -> None:
    assert list(modules_reached(["companion.moon"])) == [
        "companion",
        "companion.harbour",
        "companion.harbour.boats",
        "companion.harbour.crew",
        "companion.lamp",
        "companion.lazy",  # within an `if`: whether it holds is not known without running
        "companion.moon",
        "companion.tides",
    ]


def test_what_is_not_of_the_package_is_left_out() -> None:
    assert modules_reached(["math", "simpy", "companions.moon", ""]) == {}
    assert list(modules_reached(["companion.alone.Name.attribute"])) == ["companion", "companion.alone"]


def test_a_module_that_is_no_python_reaches_nothing(package: Path) -> None:
    assert list(modules_reached(["companion.broken"])) == ["companion", "companion.broken"]
    assert parse_module(package / "broken.py").body == []
    (package / "broken.py").write_bytes(b"import companion.moon\0")
    assert list(modules_reached(["companion.broken"])) == ["companion", "companion.broken"]


def test_an_edited_module_is_read_again(package: Path) -> None:
    assert list(modules_reached(["companion.alone"])) == ["companion", "companion.alone"]
    (package / "alone.py").write_text("import companion.lamp\n")
    assert list(modules_reached(["companion.alone"])) == ["companion", "companion.alone", "companion.lamp"]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("companion", "__init__.py"),
        ("companion.harbour", "harbour/__init__.py"),
        ("companion.harbour.boats", "harbour/boats.py"),
        ("companion.nothing", None),
        ("math", None),
    ],
)
def test_a_name_leads_to_its_file(package: Path, name: str, file: str | None) -> None:
    assert module_file(name) == (package / file if file else None)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import a.b, c as d", {"a.b", "c"}),
        ("from a import b", {"a", "a.b"}),
        ("from . import b", {"here.now", "here.now.b"}),
        ("from .. import b", {"here", "here.b"}),
        ("from ..there import b", {"here.there", "here.there.b"}),
        ("def f():\n    import late", {"late"}),
    ],
)
def test_imports_are_listed_by_their_full_names(source: str, names: set[str]) -> None:
    assert imported(ast.parse(source), "here.now") == names


@pytest.mark.parametrize(
    "cell",
    [
        "import companion.moon",
        "%matplotlib inline\nimport companion.moon",
        "!ls\nimport companion.moon",
        "if True:\n    %time 1 + 1\nimport companion.moon",
        "files = !ls\nimport companion.moon",
        "with open('x') as f:\n    speed = %timeit -o f()\n    import companion.moon",
        "import companion.moon\nprint?",
    ],
)
def test_magic_lines_do_not_hide_a_cells_imports(cell: str) -> None:
    assert "companion.moon" in {name for tree in parse_cells([cell]) for name in imported(tree)}


def test_a_cell_that_is_no_python_hides_no_other() -> None:
    trees = list(parse_cells(["%%bash\nls -l |", "import companion.moon"]))
    assert "companion.moon" in {name for tree in trees for name in imported(tree)}


def test_an_import_of_several_lines_is_read_whole_where_the_cell_is_python() -> None:
    cell = "%matplotlib inline\ndef boats():\n    from companion import (\n        moon,\n        tides,\n    )\n"
    (tree,) = parse_cells([cell])
    assert {"companion.moon", "companion.tides"} <= imported(tree)


def test_short_strings_are_listed_and_long_ones_are_not() -> None:
    tree = ast.parse(f"f('data/a.csv', x={{'wire.speed': 1}}, y='{'long' * 50}', z=b'bytes')")
    assert strings_in([tree]) == {"data/a.csv", "wire.speed"}


@given(st.lists(st.binary(max_size=8), max_size=4), st.lists(st.binary(max_size=8), max_size=4))
def test_a_digest_tells_every_two_lists_apart(one: list[bytes], other: list[bytes]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


def test_a_file_counts_by_its_content_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("same")
    (tmp_path / "b").write_text("same")
    assert digest(tmp_path / "a") == digest(tmp_path / "b") == digest("same") == digest(b"same")
    assert digest("ab", "c") != digest("a", "bc")


def test_a_digest_is_short_enough_for_a_line() -> None:
    assert re.fullmatch("[0-9a-f]{24}", digest("tides"))
