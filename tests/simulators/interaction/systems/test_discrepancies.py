"""Every row of the table is done again and must give what it records; a version that changes it has to be named."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from companion.simulators.interaction.systems.discrepancies import BOUND, ROWS, reproduce
from companion.simulators.interaction.systems.discrepancies import row as table
from companion.simulators.interaction.systems.libraries import VERSIONS

PROMISED = range(1, 28)


@pytest.mark.parametrize("number", sorted(ROWS))
def test_the_row_gives_what_it_records(number: int) -> None:
    found = reproduce(number)
    assert not found.complaint, found.complaint
    assert found.seen.keys() == found.row.expected.keys()


@pytest.mark.parametrize("before", [None, "JST-9"])
def test_the_row_about_the_machine_s_zone_needs_no_zone_files_and_leaves_the_zone_as_it_was(
    before: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TZDIR", str(tmp_path))  # a machine on which no zone is installed
    monkeypatch.delenv("TZ", raising=False)
    if before is not None:
        monkeypatch.setenv("TZ", before)
    try:
        time.tzset()
        offset = time.localtime(0).tm_gmtoff
        assert not reproduce(5).complaint
        assert (os.environ.get("TZ"), time.localtime(0).tm_gmtoff) == (before, offset)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_none_of_the_twenty_seven_is_missing_and_more_were_seen() -> None:
    assert set(PROMISED) < set(ROWS)
    assert sorted(ROWS) == list(range(1, len(ROWS) + 1))


@pytest.mark.parametrize("number", sorted(set(ROWS) - {4, 16, 18}))
def test_the_systems_of_a_row_do_not_all_say_the_same(number: int) -> None:
    assert len(set(ROWS[number].expected.values())) > 1


@pytest.mark.parametrize("number", sorted(ROWS))
def test_a_row_says_what_to_do_and_whether_it_is_a_bug(number: int) -> None:
    row = ROWS[number]
    assert row.advice.endswith(".")
    assert row.status == "by design" or row.status.startswith(("open bug: ", "cured in "))
    assert row.versions == {name: BOUND[name] for name in row.uses}


def test_a_new_version_that_changes_a_row_is_asked_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    row = replace(ROWS[27], expected={**ROWS[27].expected, "DuckDB": "4"})
    assert "under the same versions: DuckDB: was 4, is 3" in row.reproduce().complaint or VERSIONS != BOUND
    monkeypatch.setitem(VERSIONS, "duckdb", "3.0.0")
    assert row.reproduce().complaint.startswith("row 27 changed with duckdb 3.0.0")
    assert "say so in the row" in row.reproduce().complaint


def test_a_number_is_given_once() -> None:
    with pytest.raises(ValueError, match="row 1 is there already"):
        table.row(1, "again", "pandas", "by design", "None.", {})(ROWS[1].run)
