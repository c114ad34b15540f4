"""The matrix: its record, and cells of it run again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from companion.calls.wire.evolution import matrix
from companion.calls.wire.evolution.changes import CHANGES
from companion.calls.wire.evolution.codecs import corba

RECORD = Path(__file__).parents[4] / "data" / "wire" / "evolution.json"
WHOLE = matrix.load(RECORD)
CHEAP = [name for name in matrix.COLUMNS if name not in ("CORBA", "zeep", "zeep lax", "XSD", "Thrift")]


def test_the_record_holds_every_cell_and_says_to_what_versions_it_belongs() -> None:
    document = json.loads(RECORD.read_text("utf-8"))
    assert set(document["versions"]) == {*matrix.LIBRARIES, "python"}
    assert {(cell.change, cell.column) for cell in WHOLE} == {(c.name, n) for c in CHANGES for n in matrix.COLUMNS}
    for cell in WHOLE:
        assert all(sum(half.values()) == document["samples"] for half in (cell.forward, cell.backward) if half)


def test_columns_without_processes_or_compilers_give_the_whole_record_again() -> None:
    document = json.loads(RECORD.read_text("utf-8"))
    again = matrix.run(columns=CHEAP, samples=document["samples"], seed=document["seed"])
    known = {(cell.change, cell.column): cell for cell in WHOLE}
    assert [cell for cell in again if cell != known[cell.change, cell.column]] == []


def test_a_sample_of_the_dearer_columns_agrees_with_the_record() -> None:
    again = matrix.run(["rename balance", "add last"], ["Thrift", "zeep", "zeep lax", "XSD"], samples=5, seed=7)
    assert len(again) == 8
    assert matrix.differing(again, WHOLE) == []


def test_corba_agrees_with_the_record_in_a_sample() -> None:
    if why := corba.missing():
        pytest.skip(why)
    again = matrix.run(["balance double to i64"], ["CORBA"], samples=5, seed=7)
    assert matrix.table(again) == {"balance double to i64": {"CORBA": "W/W"}}


def test_another_seed_gives_the_same_classes() -> None:
    assert matrix.differing(matrix.run(columns=["XDR", "protobuf", "pydantic"], samples=30, seed=12), WHOLE) == []


def test_a_cell_that_differs_is_reported() -> None:
    right = matrix.Cell("add last", "XDR", {"E": 5}, {"W": 5})
    assert matrix.differing([right], WHOLE) == [right]


def test_groups_name_each_column_once() -> None:
    assert sorted(name for names in matrix.GROUPS.values() for name in names) == sorted(matrix.COLUMNS)


def test_without_corba_the_whole_is_not_recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(corba, "missing", lambda: "no omniORB")
    with pytest.raises(corba.CorbaError, match="no omniORB"):
        matrix.save(tmp_path / "evolution.json")
    assert matrix.run(["add last"], ["CORBA"], samples=1) == []


def test_where_corba_cannot_run_the_record_tells_of_the_innocent_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corba, "missing", lambda: "no omniORB")
    told, why = matrix.innocent_calls(RECORD)
    assert why == "no omniORB"
    assert set(told["two fields"].values()) == {"answered"} and set(told["three fields"].values()) == {"closed"}
