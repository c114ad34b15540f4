"""A new chapter begins with the files that the house expects, and builds at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import nbformat
import pytest
import yaml

from companion.book.new import new_chapter
from companion.book.project import BookError


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
        ("08", {"Calls": ["02"], "Agents as services": ["08"], "Simulators": ["18"], "Back matter": []}),
        ("26", {"Calls": ["02"], "Simulators": ["18"], "Operating what you built": ["26"], "Back matter": []}),
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
    assert [cell["metadata"].get("tags") for cell in cells] == [None, ["parameters"], None, None]


def test_a_new_chapter_executes_and_its_test_passes_as_they_are(book: Any) -> None:
    copy = book.own_package()
    book.chapter("18-metastable")
    assert book.run("new", "11", "hybrid_search").returncode == 0
    done = book.run("execute", "--only", "11")
    assert done.returncode == 0, done.stderr
    assert book.printed("11-hybrid-search") == "Hybrid search\n"
    # Called without pytest, whose start takes longer than all the rest.
    test = book.root / "tests" / "services" / "test_hybrid_search.py"
    program = f"import runpy; runpy.run_path({str(test)!r})['test_the_module_says_what_it_is_for']()"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(copy.parent)}, check=True)


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
