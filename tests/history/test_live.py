"""Real processes with a real store: what they saw is judged, not simulated."""

from __future__ import annotations

from pathlib import Path

from companion.history import check
from companion.history.live import record


def test_two_processes_with_one_sqlite_store_are_linearizable(tmp_path: Path) -> None:
    history = record(tmp_path)
    assert {one.f for one in history} == {"read", "write"}
    assert len(history) > 20
    assert check(history).linearizable is True


def test_a_cache_beside_the_reader_is_found_out(tmp_path: Path) -> None:
    history = record(tmp_path, cache_seconds=0.1)
    assert check(history).linearizable is False
