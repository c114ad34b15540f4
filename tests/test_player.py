"""Recorded runs: what goes into a page, and what stands in its place elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from companion.player import LARGEST, MIME, NEVER, Trace, pack, play, unpack

CANVAS = Path(__file__).parents[1] / "book" / "assets" / "player" / "canvas.mjs"


def shown(*traces: Trace, **options: Any) -> dict[str, Any]:
    InteractiveShell.instance()
    with capture_output() as captured:
        play("queue", "A queue", traces, alt="Dots.", **options)
    (output,) = captured.outputs
    data: dict[str, Any] = output.data
    return data


@given(st.lists(st.integers(0, NEVER)))
def test_what_is_packed_is_unpacked(numbers: list[int]) -> None:
    assert unpack(pack(numbers)) == numbers


@pytest.mark.parametrize("number", [-1, NEVER + 1])
def test_a_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=f"{number} cannot be packed"):
        pack([0, number])


def test_the_player_unpacks_what_python_packed() -> None:
    node = shutil.which("node")
    assert node, "node is needed to build the pages: install it"
    numbers = [0, 1, 63, 64, 4094, NEVER]
    script = (
        f"import({json.dumps(CANVAS.as_uri())}).then(m => console.log(JSON.stringify(m.unpack('{pack(numbers)}'))))"
    )
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == numbers


def test_elsewhere_the_first_run_is_told_step_by_step() -> None:
    first = Trace("as it is", 0, 10, ((0.0, "All is well."), (2.5, "The queue grows.")), {})
    told = shown(first, Trace("another", 0, 10, ((0.0, "Not told."),), {}), unit="ms")["text/plain"]
    assert told.splitlines() == ["A queue (as it is)", "    0.0 ms  All is well.", "    2.5 ms  The queue grows."]


def test_the_page_is_given_every_run_with_its_data() -> None:
    traces = shown(Trace("a", 0, 1, (), {"sent": "AA"}), Trace("b", 1, 2, (), {}, "collapse"))[MIME]["traces"]
    assert [(trace["name"], trace["data"], trace["preset"]) for trace in traces] == [
        ("a", {"sent": "AA"}, ""), ("b", {}, "collapse")]  # fmt: skip


def test_traces_that_would_make_the_page_heavy_are_refused() -> None:
    half = Trace("a", 0, 1, (), {"sent": "A" * (LARGEST // 2)})
    shown(half)
    with pytest.raises(ValueError, match="more than 100,000"):
        shown(half, half)
