"""A history can be gone through again, in the order that is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from companion.history import MODELS, HistoryError, check, read_history
from companion.history.reading import Remarks, opened
from companion.history.reading.histories import How, steps_of
from tests.history.test_search import random_history


def event(process: int, kind: str, f: str, value: Any, time: Any) -> dict[str, Any]:
    return {"process": process, "type": kind, "f": f, "value": value, "time": time}


PER_CLIENT = [
    event(1, "invoke", "write", "b", 50), event(1, "ok", "write", "b", 60), event(2, "invoke", "write", "a", 10),
    event(2, "ok", "write", "a", 20), event(2, "invoke", "read", None, 90), event(2, "ok", "read", "b", 100),
]  # fmt: skip


def written(path: Path, events: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, events)))
    return path


def test_the_order_that_is_asked_for_decides_the_verdict(tmp_path: Path) -> None:
    path = written(tmp_path / "run", PER_CLIENT)
    with pytest.raises(HistoryError, match="line 3: time 10"):
        read_history(path)
    assert check(read_history(path, order="lines")).linearizable is False
    assert check(read_history(path, order="time")).linearizable is True
    with pytest.raises(HistoryError, match="line 1"):
        read_history(path, order="index")
    with pytest.raises(HistoryError, match="order 'size' is not known"):
        read_history(path, order="size")


def test_sorted_places_lead_back_to_lines(tmp_path: Path) -> None:
    with opened([written(tmp_path / "run", PER_CLIENT)], How(MODELS["register"], order="time")) as history:
        assert history.places == "lines"
        assert list(history.lines) == [0, 3, 4, 1, 2, 5, 6]


def test_files_are_merged_by_time_and_their_processes_are_different(tmp_path: Path) -> None:
    one, two = ([each for each in PER_CLIENT if each["process"] == process] for process in (1, 2))
    files = [written(tmp_path / "one", one), written(tmp_path / "two", [{**each, "process": 1} for each in two])]
    with opened(files, How(MODELS["register"])) as history:
        operations = [one for _, _, one in history.steps(Remarks()) if one is not None]
        again = [one for _, _, one in history.steps(Remarks()) if one is not None]
    assert operations == again
    assert [(one.process, one.told) for one in operations] == [
        (f"{files[1]}:1", 'write "a"'), (f"{files[0]}:1", 'write "b"'), (f"{files[1]}:1", 'read "b"'),
    ]  # fmt: skip
    broken = written(tmp_path / "broken", [{**one[0], "time": "2026-01-01"}])
    with (
        pytest.raises(HistoryError, match=r"broken: .*give one kind"),
        opened([files[0], broken], How(MODELS["register"])),
    ):
        pass


def test_operations_told_as_events_are_the_same_operations() -> None:
    operations = random_history(3, "register", 20, honest=True)
    steps = list(steps_of(operations))
    assert sorted((one for *_, one in steps if one is not None), key=lambda one: one.invoked) == sorted(
        operations, key=lambda one: one.invoked
    )
    assert sum(begins for _, begins, _ in steps) == 20
