"""`companion history check`, as a reader types it."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from companion.cli import app

SCHEMA = json.loads(resources.files("companion.history").joinpath("history.schema.json").read_text())


def companion(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["history", "check", *map(str, words)])


def event(process: int, kind: str, f: str, value: Any = None, key: Any = "x", **more: Any) -> dict[str, Any]:
    return {"process": process, "type": kind, "f": f, "key": key, "value": value, **more}


GOOD = [
    event(0, "invoke", "write", 1),
    event(0, "ok", "write", 1),
    event(1, "invoke", "read"),
    event(1, "ok", "read", 1),
]
BAD = [*GOOD[:3], event(1, "ok", "read", None)]


@pytest.fixture
def record(tmp_path: Path) -> Any:
    def write(events: list[Any], name: str = "run.jsonl") -> Path:
        path = tmp_path / name
        lines = [one if isinstance(one, str) else json.dumps(one) for one in events]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def document(result: Result) -> Any:
    found = json.loads(result.stdout)
    jsonschema.validate(found, SCHEMA, cls=jsonschema.Draft202012Validator)
    return found


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_good_history_is_linearizable_and_leaves_with_nought(record: Any) -> None:
    result = companion(record(GOOD), "--json", "-")
    assert result.exit_code == 0
    (one,) = document(result)["histories"]
    assert one["linearizable"] is True
    assert one["operations"] == 2
    assert one["counterexample"] == []


def test_a_bad_history_is_explained_by_lines_of_its_file(record: Any) -> None:
    result = companion(record(["", *BAD]), "--json", "-")
    assert result.exit_code == 1
    (one,) = document(result)["histories"]
    assert one["linearizable"] is False
    assert [(part["f"], part["value"], part["invoked"], part["returned"]) for part in one["counterexample"]] == [
        ("write", 1, 2, 3),
        ("read", None, 4, 5),
    ]
    assert one["prefix"] == 4


def test_a_terminal_gets_a_drawing(record: Any) -> None:
    result = companion(record(BAD))
    assert "not linearizable (2 operations)" in result.stdout
    assert "process 0  | write 1 |\n" in result.stdout
    assert "process 1              | read nothing |\n" in result.stdout


def test_several_files_are_judged_and_one_that_is_wrong_decides(record: Any, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    result = companion(record(GOOD, "a"), record(BAD, "b"), "--json", out)
    assert result.exit_code == 1
    found = json.loads(out.read_text())["histories"]
    assert [one["linearizable"] for one in found] == [True, False]


def test_the_counterexample_is_drawn_into_a_file(record: Any, tmp_path: Path) -> None:
    target = tmp_path / "why.svg"
    assert companion(record(BAD), "--draw", target).exit_code == 1
    assert "read nothing" in target.read_text()
    assert companion(record(GOOD), "--draw", tmp_path / "none.svg").exit_code == 0
    assert not (tmp_path / "none.svg").exists()


def test_a_broken_session_guarantee_is_told(record: Any) -> None:
    events = [*GOOD, event(1, "invoke", "read"), event(1, "ok", "read", None)]
    result = companion(record(events))
    assert "monotonic reads: broken 1 time; first by process 1: read 1 in line 3, then read nothing in line 5" in (
        result.stdout
    )


def test_each_model_takes_its_own_functions(record: Any) -> None:
    cases = {
        "cas-register": [event(0, "invoke", "cas", [None, 1]), event(0, "ok", "cas", [None, 1])],
        "kv-append": [event(0, "invoke", "append", 1), event(0, "ok", "append", 1)],
        "set": [event(0, "invoke", "add", 1), event(0, "ok", "add", 1)],
        "counter": [event(0, "invoke", "add", 5), event(0, "ok", "add", 5)],
    }
    for model, events in cases.items():
        result = companion(record(events), "--model", model, "--json", "-")
        assert document(result)["histories"][0]["linearizable"] is True


def test_time_that_runs_out_leaves_the_verdict_open(record: Any) -> None:
    adds = [event(number, "invoke", "add", 2 * 3**number * (-1) ** number) for number in range(24)]
    reads = [event(99, "invoke", "read"), event(99, "ok", "read", 1)]  # no sum of even numbers is 1, but there are many
    ends = [{**one, "type": "ok"} for one in adds]
    events = [*adds, *reads, *ends]
    result = companion(record(events), "--model", "counter", "--timeout", "0.05", "--json", "-")
    assert result.exit_code == 3
    assert document(result)["histories"][0]["linearizable"] is None


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (["{"], "line 1: not JSON"),
        (["7"], "line 1: 7 is no object"),
        (["[1]"], "event 1: 1 is no object; give an array of events"),
        (["[" * 100_000], "line 1: not JSON"),
        (['{"process": NaN}'], "line 1: not JSON (NaN is no JSON)"),
        ([{"type": "invoke"}], 'line 1: "process" is missing'),
        ([event(0, "started", "read")], 'line 1: "type" is "started"; give invoke, ok, fail or info'),
        ([event(0, "ok", "read", 1)], "line 1: ok of process 0, which has invoked nothing"),
        ([GOOD[0], GOOD[0]], "line 2: process 0 invokes while its operation of line 1 has not ended"),
        ([event(0, "invoke", "append", 1), event(0, "ok", "append", 1)], 'line 1: "f" is "append"'),
        ([event(0, "invoke", "write"), event(0, "ok", "write")], 'line 1: "value" of write is missing'),
        ([GOOD[0], event(0, "ok", "write", 2)], 'line 2: "value" differs from its invocation in line 1'),
        ([GOOD[0], event(0, "ok", "read", 1)], 'line 2: "f" differs'),
        ([GOOD[0], event(0, "ok", "write", 1, key="y")], 'line 2: "key" differs'),
    ],
)
def test_a_malformed_history_is_answered_in_one_line_with_the_cure(record: Any, events: list[Any], said: str) -> None:
    path = record(events)
    result = companion(path, "--json", "-")
    assert result.exit_code == 2
    (one,) = document(result)["histories"]
    assert one["file"] == str(path)
    assert one["error"].startswith(said)
    assert result.stderr == f"companion history check: {path}: {one['error']}\n"
    assert result.stderr.count("\n") == 1


def test_what_cannot_be_read_is_answered_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b'\n{"process": "\xe9"}')
    cases = {tmp_path: "not a file", tmp_path / "none": "no such file", tmp_path / "latin": "line 2: not UTF-8"}
    for path, said in cases.items():
        result = companion(path)
        assert result.exit_code == 2
        assert said in result.stderr
        assert result.stderr.count("\n") == 1


def test_a_drawing_takes_a_name_that_says_its_form(record: Any) -> None:
    result = companion(record(GOOD), "--draw", "why.txt")
    assert result.exit_code == 2
    assert ".svg | .png | .pdf" in result.stderr
