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


def test_a_file_that_cannot_be_read_does_not_hide_the_others(record: Any, tmp_path: Path) -> None:
    result = companion(record(["{"], "broken"), record(BAD, "bad"), record(GOOD, "good"), "--json", "-")
    assert result.exit_code == 2
    broken, bad, good = document(result)["histories"]
    assert broken["error"].startswith("line 1: not JSON")
    assert (bad["linearizable"], good["linearizable"]) == (False, True)


def test_lines_that_times_contradict_are_refused_until_somebody_says_which_is_right(record: Any) -> None:
    path = record([{**one, "time": time} for one, time in zip(GOOD, (5, 6, 1, 2), strict=True)])
    result = companion(path)
    assert result.exit_code == 2
    assert "line 3: time 1 comes after the 6 of line 2" in result.stderr
    assert companion(path, "--order", "lines").exit_code == 0
    found = companion(path, "--order", "time", "--json", "-")
    assert found.exit_code == 1, "by time, the read of 1 came before the write"
    (one,) = document(found)["histories"]
    assert [(part["invoked"], part["returned"]) for part in one["counterexample"]] == [(3, 4)]


def test_merged_files_are_one_history_and_uncertain_clocks_excuse_more(record: Any) -> None:
    first = record([{**one, "time": time} for one, time in zip(GOOD[:2], (1, 2), strict=True)], "a")
    second = record([{**one, "process": 0, "time": time} for one, time in zip(BAD[2:], (3, 4), strict=True)], "b")
    result = companion(first, second, "--merge", "--json", "-")
    assert result.exit_code == 1
    (one,) = document(result)["histories"]
    assert (one["file"], one["places"], one["operations"]) == (f"{first} + {second}", "events", 2)
    assert companion(first, second, "--merge", "--uncertainty", "0.5").exit_code == 0
    assert companion(first, second, "--merge", "--order", "lines").exit_code == 2
    assert companion(first, "--uncertainty", "1", "--order", "index").exit_code == 2


def test_edn_of_independent_keys_with_a_nemesis_is_judged_and_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "history.edn"
    path.write_text(
        "{:process :nemesis, :type :info, :f :start, :value nil}\n"
        "{:process 0, :type :invoke, :f :write, :value [0 4]}\n{:process 0, :type :ok, :f :write, :value [0 4]}\n"
        "{:process 1, :type :invoke, :f :write, :value [1 7]}\n{:process 1, :type :ok, :f :write, :value [1 7]}\n"
        "{:process 2, :type :invoke, :f :read, :value [0 nil]}\n{:process 2, :type :ok, :f :read, :value [0 4]}\n"
    )
    result = companion(path, "--independent", "--json", "-")
    assert result.exit_code == 0
    (one,) = document(result)["histories"]
    assert (one["left_out"], one["places"], [key["key"] for key in one["keys"]]) == ({"nemesis": 1}, "lines", [0, 1])
    result = companion(path, "--json", "-")
    assert result.exit_code == 1
    assert "--independent" in document(result)["histories"][0]["warnings"][0]
    assert "--independent" in result.stderr


def test_an_initial_value_is_what_a_read_may_see_first(record: Any) -> None:
    path = record([event(0, "invoke", "read"), event(0, "ok", "read", 0)])
    assert companion(path).exit_code == 1
    assert companion(path, "--initial", "0").exit_code == 0
    assert companion(path, "--model", "kv", "--initial", "0").exit_code == 2
    assert companion(path, "--model", "clock").exit_code == 2


def test_memory_that_is_full_leaves_the_verdict_open(record: Any) -> None:
    hanging = [event(9, "invoke", "write", -1), event(9, "info", "write", -1)]
    many = [event(0, kind, "write", n) for n in range(1_200) for kind in ("invoke", "ok")]
    result = companion(record([*hanging, *many]), "--memory", "1", "--json", "-")
    assert result.exit_code == 3
    assert "give more --memory" in document(result)["histories"][0]["warnings"][0]


def test_nothing_in_a_history_steers_a_terminal_or_breaks_the_json(record: Any) -> None:
    path = record([event(0, kind, "read", value) for kind, value in (("invoke", None), ("ok", "\x9b\ud800"))])
    result = companion(path)
    assert result.exit_code == 1
    assert "\x9b" not in result.stdout
    assert document(companion(path, "--json", "-"))["histories"][0]["counterexample"][0]["value"] == "\x9b\ud800"
