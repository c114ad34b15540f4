"""A chapter needs no network, and says the same in any time zone, language and hash order, to the byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.no_network import taken_away

CHAPTER = Path(__file__).parents[2] / "chapters" / "02-wire.ipynb"
PROGRAM = """
import sys
from companion.book.execution.worker import Request, execute
print(execute(Request(sys.argv[1], sys.argv[2], {}, "elsewhere", 120), lambda cell, of: None))
"""


def executed(target: Path, place: Mapping[str, str], before: list[str]) -> list[dict[str, Any]]:
    """Execute the chapter in a place, and give its code cells."""
    environment = {**os.environ, "COMPANION_FIGURES": "svg", **place}
    command = [*before, sys.executable, "-c", PROGRAM, str(CHAPTER), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=environment)
    assert done.stdout == "None\n", done.stdout + done.stderr  # no failure
    return [cell for cell in json.loads(target.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def executions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """Execute the chapter here, and in another place that has no network, where that can be had."""
    folder = tmp_path_factory.mktemp("executions")
    places: dict[str, tuple[Mapping[str, str], list[str]]] = {
        "here": ({"TZ": "UTC", "LANG": "en_US.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}, []),
        "elsewhere": (
            {"TZ": "Pacific/Chatham", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "4294967295"},
            taken_away()[0],
        ),
    }
    with ThreadPoolExecutor() as pool:  # side by side: the chapter waits for clocks more than it computes
        running = {
            name: pool.submit(executed, folder / f"{name}.ipynb", place, before)
            for name, (place, before) in places.items()
        }
        return {name: future.result() for name, future in running.items()}


def test_two_executions_in_different_places_give_the_same_bytes(executions: dict[str, list[dict[str, Any]]]) -> None:
    """Each cell's outputs: text, HTML, and figures as the pages have them."""
    assert any(cell["outputs"] for cell in executions["here"])
    for number, (one, other) in enumerate(zip(executions["here"], executions["elsewhere"], strict=True), start=1):
        assert one["outputs"] == other["outputs"], f"code cell {number}"


def test_a_chapter_with_servers_and_clients_runs_without_a_network(executions: dict[str, list[dict[str, Any]]]) -> None:
    _, reason = taken_away()
    if reason:
        pytest.skip(reason)
    assert all(cell["execution_count"] for cell in executions["elsewhere"])
