"""Every row of the table is done again and must give what it records; a version that changes it has to be named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from companion.simulators.interaction.discrepancies import BOUND, ROWS, reproduce
from companion.simulators.interaction.discrepancies import row as table
from companion.simulators.interaction.libraries import VERSIONS

PROMISED = range(1, 28)


@pytest.mark.parametrize("number", sorted(ROWS))
def test_the_row_gives_what_it_records(number: int) -> None:
    found = reproduce(number)
    assert not found.complaint, found.complaint
    assert found.seen.keys() == found.row.expected.keys()


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
    monkeypatch.setitem(table.VERSIONS, "duckdb", "3.0.0")
    assert row.reproduce().complaint.startswith("row 27 changed with duckdb 3.0.0")
    assert "say so in the row" in row.reproduce().complaint


def test_a_number_is_given_once() -> None:
    with pytest.raises(ValueError, match="row 1 is there already"):
        table.row(1, "again", "pandas", "by design", "None.", {})(ROWS[1].run)
