"""An execution keeps what it ran with: Python, the libraries that its code used, and the seed."""

from __future__ import annotations

import json
import re
from importlib import metadata
from typing import Any

import pytest

from companion.book.execution.execute import execute
from companion.book.execution.ran_with import KEY, seed_of, told


def ran_with(book: Any, name: str, parameters: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(book.run_of(name, parameters).read_text("utf-8"))["metadata"][KEY]
    return found


def test_an_execution_keeps_python_the_libraries_used_and_the_seed(book: Any) -> None:
    # uvicorn loads httptools, click and others for itself; json is Python's own; companion is the book's.
    book.chapter("01-first", "import json, uvicorn\nfrom simpy import Environment\nimport companion.claims")
    book.chapter("02-second", "print(seed)", parameters="seed: int = 7")
    outcomes = execute(book.project, book.project.chapters(), parameters={"seed": 3}, jobs=1)
    assert [outcome.failure for outcome in outcomes] == [None, None]
    first, second = ran_with(book, "01-first", "seed-3"), ran_with(book, "02-second", "seed-3")
    libraries = {name: metadata.version(name) for name in ("simpy", "uvicorn")}
    assert first == {"python": second["python"], "libraries": libraries, "seed": 3}
    assert second["libraries"] == {}
    assert re.fullmatch(r"3\.\d+\.\d+.*", first["python"])
    execute(book.project, [book["02-second"]], jobs=1)
    assert ran_with(book, "02-second")["seed"] == 7


@pytest.mark.parametrize(
    ("source", "seed"),
    [("seed = 11", 11), ("seed: int = 11", 11), ("size = 3\nseed = 'tide'", "tide"), ("size = 3", None),
     ("seed = 2 ** 9", None), ("seed: int", None), ("seed = [1]", None), ("seed = ", None), ("", None)],
)  # fmt: skip
def test_the_seed_is_the_one_that_the_parameters_cell_assigns(tools: Any, source: str, seed: Any) -> None:
    assert seed_of([tools.prose("# T"), tools.code("seed = 5"), tools.code(source, tags=["parameters"])]) == seed


@pytest.mark.parametrize(
    "answer", [{}, {"status": "error"}, {"data": {"text/plain": "NULL"}}, {"data": {"text/plain": "3"}}]
)
def test_a_kernel_that_cannot_say_says_nothing(answer: dict[str, Any]) -> None:
    assert told(answer) == {}
