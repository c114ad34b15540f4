"""Of the lock, a chapter's key takes in what the chapter uses, with all that those libraries need."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from companion.book.execution.fingerprint import reached
from companion.book.execution.lock import needed, pins_used, read_lock
from companion.book.execution.ran_with import KEY as RAN_WITH
from companion.book.project import Chapter, Project
from companion.notebooks import BookError, read_notebook

ROOT = Path(__file__).parents[3]
LOCK = """\
anyio==4.1 ; python_full_version < '3.12'
    # via httpx
anyio==4.2 ; python_full_version >= '3.12'
    # via httpx
fire-hose==0.1
    # via companion (pyproject.toml)
httpx[http2]==0.28.1  # a comment of somebody's
    # via
    #   companion (pyproject.toml)
    #   fire-hose
Sniff_Ing==1.0
    # via anyio
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Write a small lock."""
    path = tmp_path / "requirements.lock"
    path.write_text(LOCK, "utf-8")
    return path


def test_a_lock_is_read_with_its_markers_and_with_who_needs_what(small: Path) -> None:
    lock = read_lock(small)
    assert lock.pins["anyio"] == (
        "anyio==4.1 ; python_full_version < '3.12'",
        "anyio==4.2 ; python_full_version >= '3.12'",
    )
    assert lock.pins["httpx"] == ("httpx[http2]==0.28.1",)
    assert lock.needs["fire-hose"] == {"httpx"}
    assert lock.needs["companion"] == {"fire-hose", "httpx"}


def test_what_a_tool_writes_above_the_first_pin_needs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "requirements.lock"
    path.write_text("# Made by a tool\n#    with words\na==1\n    # via\n    #   Xlsx-Maker[pdf] (of whom)\n", "utf-8")
    assert read_lock(path).needs == {"xlsx-maker": {"a"}}


def test_what_executes_a_chapter_decides_too_what_it_looks_like(tmp_path: Path) -> None:
    path = tmp_path / "requirements.lock"
    path.write_text("papermill==2.7\n    # via companion\ntqdm==4\n    # via papermill\nsphinx==8\n", "utf-8")
    assert pins_used(read_lock(path), "18", []) == ["papermill==2.7", "tqdm==4"]


def test_what_a_library_needs_is_found_through_others_and_by_any_spelling(small: Path) -> None:
    lock = read_lock(small)
    assert lock.closure(["fire-hose"]) == {"fire-hose", "httpx", "anyio", "sniff-ing"}
    assert lock.closure(["anyio"]) == {"anyio", "sniff-ing"}
    assert lock.closure([]) == set()


def test_a_package_that_is_not_pinned_is_refused_by_name(small: Path) -> None:
    with pytest.raises(BookError, match=r"requirements\.lock: pins no simpy, which the package needs; run `make lock`"):
        read_lock(small).closure(["simpy"])


def test_a_chapter_is_given_the_base_the_notebook_and_its_part() -> None:
    wire, metastable = needed("02"), needed("18")
    assert wire & metastable >= {"simpy", "typer", "ipykernel", "jupyterlab"}
    assert "grpcio" in wire - metastable and "duckdb" in metastable - wire
    assert not {"companion", "pytest", "jupyter-book", "mypy"} & (wire | metastable)


def test_a_library_that_is_imported_counts_whoever_declares_it(small: Path) -> None:
    assert pins_used(read_lock(small), "18", []) == []
    assert pins_used(read_lock(small), "18", ["sniff_ing.inner"]) == ["Sniff_Ing==1.0"]
    assert len(pins_used(read_lock(small), "18", ["fire_hose", "os.path", ""])) == 5
    assert len(pins_used(read_lock(small), "02", [])) == 4  # httpx is a library of that part


@pytest.mark.parametrize("chapter", Project(ROOT).chapters(), ids=lambda chapter: str(chapter.name))
def test_a_library_that_a_chapter_ran_with_is_among_the_pins_that_it_uses(chapter: Chapter) -> None:
    path = chapter.executed
    if not path.is_file():
        pytest.skip(f"{path.name} was not executed here: `make book` does")
    ran = json.loads(path.read_text("utf-8"))["metadata"][RAN_WITH]["libraries"]
    imports = reached(Project(ROOT), read_notebook(chapter.source)).imports
    used = pins_used(read_lock(ROOT / "requirements.lock"), chapter.number, imports)
    assert ran.keys() <= {pin.partition("==")[0].partition("[")[0] for pin in used}
