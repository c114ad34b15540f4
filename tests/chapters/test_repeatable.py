"""A chapter says the same in any time zone, language and hash order, to the byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

CHAPTER = Path(__file__).parents[2] / "chapters" / "02-wire.ipynb"
PLACES = {
    "here": {"TZ": "UTC", "LANG": "en_US.UTF-8", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
    "elsewhere": {"TZ": "Pacific/Chatham", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "4294967295"},
}
PROGRAM = """
import sys
from companion.book.execution.worker import Request, execute
print(execute(Request(sys.argv[1], sys.argv[2], {}, "repeated", 120), lambda cell, of: None))
"""


def outputs(target: Path, place: dict[str, str]) -> list[list[dict[str, Any]]]:
    """Execute the chapter in a place and give each cell's outputs: text, HTML, and figures as the pages have them."""
    environment = {**os.environ, "COMPANION_FIGURES": "svg", **place}
    command = [sys.executable, "-c", PROGRAM, str(CHAPTER), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=environment)
    assert done.stdout == "None\n", done.stdout + done.stderr  # no failure
    return [cell["outputs"] for cell in json.loads(target.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def test_two_executions_in_different_places_give_the_same_bytes(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:  # side by side: the chapter waits for clocks more than it computes
        here, elsewhere = pool.map(outputs, (tmp_path / f"{name}.ipynb" for name in PLACES), PLACES.values())
    assert any(here)
    for number, (one, other) in enumerate(zip(here, elsewhere, strict=True), start=1):
        assert one == other, f"code cell {number}"
