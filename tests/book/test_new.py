"""A new chapter begins with the files that the house expects, and builds at once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import nbformat
import pytest
import yaml

from companion.book.new import new_chapter
from companion.exercises.authoring.notebook import exercises_in
from companion.notebooks import BookError
from companion.panel import MIME as PANEL


def test_the_files_of_a_chapter_are_made_where_they_belong(book: Any) -> None:
    book.chapter("18-metastable")
    made = [path.relative_to(book.root).as_posix() for path in new_chapter(book.project, "11", "hybrid_search")]
    assert made == [
        "chapters/11-hybrid-search.ipynb",
        "src/companion/services/hybrid_search.py",
        "tests/services/test_hybrid_search.py",
        "src/companion/services/__init__.py",
        "book/_toc.yml",
    ]
    assert all((book.root / path).is_file() for path in made)


@pytest.mark.parametrize(
    ("number", "name", "order"),
    [
        ("01", "languages", ["01-languages", "02-wire", "18-metastable"]),
        ("08", "mcp", ["02-wire", "08-mcp", "18-metastable"]),
        ("28", "postmortems", ["02-wire", "18-metastable", "28-postmortems"]),
    ],
)
def test_the_table_of_contents_stays_in_order(book: Any, number: str, name: str, order: list[str]) -> None:
    book.chapter("02-wire")
    book.chapter("18-metastable")
    new_chapter(book.project, number, name)
    assert [chapter.name for chapter in book.project.chapters()] == order
    assert yaml.safe_load((book.root / "book" / "_toc.yml").read_text())["root"] == "index"


@pytest.mark.parametrize(
    ("number", "order"),
    [
        ("08", {"Calls": ["02"], "II · Agents as services": ["08"], "Simulators": ["18"], "Back matter": []}),
        ("26", {"Calls": ["02"], "Simulators": ["18"], "VI · Operating what you built": ["26"], "Back matter": []}),
        ("03", {"Calls": ["02", "03"], "Simulators": ["18"], "Back matter": []}),
    ],
)
def test_the_first_chapter_of_a_part_opens_that_part(book: Any, number: str, order: dict[str, list[str]]) -> None:
    parts = {"Calls": "chapters/02-wire", "Simulators": "chapters/18-metastable", "Back matter": "glossary"}
    for name in list(parts.values())[:2]:
        book.chapter(name.removeprefix("chapters/"))
    lines = [f"  - caption: {part}\n    chapters:\n      - file: {file}\n" for part, file in parts.items()]
    toc = book.root / "book" / "_toc.yml"
    toc.write_text("format: jb-book\nroot: index\nparts:\n" + "".join(lines))
    new_chapter(book.project, number, "mcp")
    found = {
        part["caption"]: [entry["file"][9:11] for entry in part["chapters"] if entry["file"].startswith("chapters/")]
        for part in yaml.safe_load(toc.read_text())["parts"]
    }
    assert list(found.items()) == list(order.items())


def test_the_new_notebook_is_valid_and_has_what_every_chapter_has(book: Any) -> None:
    book.chapter("18-metastable")
    new_chapter(book.project, "19", "consistency")
    path = book.root / "chapters" / "19-consistency.ipynb"
    nbformat.validate(nbformat.read(path, as_version=4))
    cells = json.loads(path.read_text())["cells"]
    assert "".join(cells[0]["source"]).startswith("# 19 · Consistency\n")
    assert [cell["metadata"].get("tags") for cell in cells].count(["parameters"]) == 1
    assert len(exercises_in(path)) == 3
    assert not re.search("NUMBER|NAME|PART|TITLE", path.read_text("utf-8"))


def test_a_new_chapter_is_executed_and_stored_and_lacks_only_its_prose(book: Any) -> None:
    copy = book.own_package()  # so the names are ones that no chapter of the book has
    book.chapter("18-metastable")
    done = book.run("new", "11", "tide_tables", "--part", "services")
    assert done.returncode == 0, done.stderr
    assert "load 90/s: 100 ms" in book.printed("11-tide-tables")
    cells = json.loads((book.root / "chapters" / "11-tide-tables.ipynb").read_text("utf-8"))["cells"]
    assert [cell["execution_count"] for cell in cells if cell["cell_type"] == "code"] == list(range(1, 12))
    report = json.loads(book.run("check", "--json", "-").stdout)
    (found,) = [chapter for chapter in report["chapters"] if chapter["name"] == "11-tide-tables"]
    assert found["draft"] and found["faults"] == []
    assert {number["kind"] for number in found["numbers"]} == {"claim", "setting"}
    assert {lack.partition(": ")[2].partition(": ")[0] for lack in found["missing"]} == {
        "a line of the template is still there", "cite at least one source of book/references.bib"}  # fmt: skip
    # Called without pytest, whose start takes longer than all the rest.
    test = book.root / "tests" / "services" / "test_tide_tables.py"
    program = f"import runpy; found = runpy.run_path({str(test)!r}); "
    program += (
        "found['test_more_load_never_makes_it_faster'](); found['test_at_its_capacity_nobody_is_ever_answered']()"
    )
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(copy.parent)}, check=True)


def test_a_new_simulator_has_a_panel_a_command_and_tests_that_pass(book: Any) -> None:
    copy = book.own_package()
    book.chapter("18-metastable")
    done = book.run("new", "19", "tide_gates")
    assert done.returncode == 0, done.stderr
    outputs = [output for cell in json.loads(book["19-tide-gates"].executed.read_text("utf-8"))["cells"]
               for output in cell.get("outputs", [])]  # fmt: skip
    (panel,) = [output["data"][PANEL] for output in outputs if PANEL in output.get("data", {})]
    assert panel == {"module": "companion.simulators.tide_gates", "preset": "busy", "values": {"seed": 11}}
    where = {**os.environ, "PYTHONPATH": str(copy.parent)}
    program = "from companion.cli import app; app(['simulate', 'tide_gates', '--preset', 'overloaded', '--json', '-'])"
    told = subprocess.run([sys.executable, "-c", program], env=where, check=True, capture_output=True, text=True)
    assert json.loads(told.stdout)["parameters"]["load"] == 110.0
    test = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:nbval", "--rootdir", str(book.root),
            str(book.root / "tests" / "simulators" / "test_tide_gates.py")]  # fmt: skip
    assert "5 passed" in subprocess.run([sys.executable, *test], env=where, capture_output=True, text=True).stdout


def test_a_chapter_in_another_part_than_its_number_says_is_refused(book: Any) -> None:
    book.chapter("18-metastable")
    with pytest.raises(BookError, match="--part calls: chapter 11 belongs to services"):
        new_chapter(book.project, "11", "hybrid_search", "calls")


def test_a_table_of_contents_without_chapters_is_left_to_the_author(book: Any) -> None:
    (book.root / "book" / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    with pytest.raises(BookError, match="lists no chapter yet; write the first one into it: chapters/08-mcp"):
        new_chapter(book.project, "08", "mcp")
    assert list((book.root / "chapters").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "name", "why"),
    [
        ("8", "mcp", "8 mcp: give two digits and a lower-case name, such as 08 mcp"),
        ("08", "MCP", "08 MCP: give two digits and a lower-case name, such as 08 mcp"),
        ("08", "a-b", "08 a-b: give two digits and a lower-case name, such as 08 mcp"),
        ("08", "class", "08 class: give two digits and a lower-case name, such as 08 mcp"),
        ("29", "more", "29: belongs to no part; the chapters are 01 to 28"),
        ("00", "none", "00: belongs to no part; the chapters are 01 to 28"),
    ],
)
def test_a_number_or_name_that_cannot_be_is_refused(book: Any, number: str, name: str, why: str) -> None:
    with pytest.raises(BookError) as refused:
        new_chapter(book.project, number, name)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    "present",
    [
        "chapters/08-mcp.ipynb",
        "chapters/08-other.ipynb",
        "src/companion/services/mcp.py",
        "src/companion/services/mcp/__init__.py",
        "tests/services/test_mcp.py",
    ],
)
def test_nothing_that_is_there_is_overwritten(book: Any, present: str) -> None:
    book.chapter("18-metastable")
    path = book.root / present
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("kept")
    before = sorted(book.root.rglob("*"))
    done = book.run("new", "08", "mcp")
    assert done.returncode == 2
    assert done.stderr.endswith(": is already there\n") and done.stderr.count("\n") == 1
    assert path.read_text() == "kept"
    assert sorted(book.root.rglob("*")) == before
