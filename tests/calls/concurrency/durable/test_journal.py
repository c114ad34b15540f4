"""A journal keeps what was acknowledged, drops half a line, and refuses any other damage."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from companion.calls.concurrency.durable import journal as module
from companion.calls.concurrency.durable.journal import Journal, JournalError, Step

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
STEPS = st.lists(st.builds(Step, st.text(max_size=8), JSON, JSON), max_size=5)


def written(path: Path, steps: list[Step]) -> bytes:
    path.unlink(missing_ok=True)
    with Journal(path, sync=False) as journal:
        for step in steps:
            journal.append(step)
    return path.read_bytes()


def read(path: Path) -> list[Step]:
    with Journal(path, sync=False) as journal:
        return journal.steps


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, data=st.data())
def test_cut_at_any_byte_it_holds_the_steps_before_and_goes_on_from_there(
    tmp_path: Path, steps: list[Step], data: Any
) -> None:
    path = tmp_path / "journal"
    whole = written(path, steps)
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    kept = read(path)
    assert kept == steps[: whole[:cut].count(b"\n")]
    with Journal(path, sync=False) as journal:
        journal.append(Step("more", 1, 2))
    assert read(path) == [*kept, Step("more", 1, 2)]


def test_with_and_without_waiting_for_the_disk_the_file_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    for sync in (True, False):
        with Journal(tmp_path / str(sync), sync=sync) as journal:
            journal.append(Step("a", 1, None))
            journal.append(Step("b", 2, None))
    assert len(synced) == 2
    assert (tmp_path / "True").read_bytes() == (tmp_path / "False").read_bytes() == b'["a", 1, null]\n["b", 2, null]\n'


@pytest.mark.parametrize(
    "line", [b"nonsense\n", b"[1]\n", b"[1, 2, 3]\n", b"{}\n", b"\xff\n", b"\n", b"[" * 9999 + b"\n"]
)
def test_damage_before_the_last_line_is_refused(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b'["a", 1, 2]\n' + line + b'["b", 1, 2]\n')
    with pytest.raises(JournalError, match="journal:2: "):
        Journal(path)
    assert path.read_bytes().endswith(b'["b", 1, 2]\n')  # nothing was cut off


@pytest.mark.parametrize("argument", [{1, 2}, float("nan"), (1, 2), {1: 2}])
def test_an_argument_that_would_come_back_as_another_is_refused_before_it_is_written(
    tmp_path: Path, argument: Any
) -> None:
    with Journal(tmp_path / "journal") as journal, pytest.raises(JournalError, match="step 1, pay"):
        journal.append(Step("pay", argument, None))
    assert (tmp_path / "journal").read_bytes() == b""


def test_a_file_beyond_all_measure_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 10)
    (tmp_path / "journal").write_bytes(b'["a", 1, 2]\n')
    with pytest.raises(JournalError, match="12 bytes; a journal may have 10"):
        Journal(tmp_path / "journal")
