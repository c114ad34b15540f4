"""`companion history check --model list-append`, as a reader types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from companion.cli import app

SCHEMA = json.loads(resources.files("companion.history.transactions").joinpath("transactions.schema.json").read_text())

EDN = """\
{:index 2, :time 4, :type :invoke, :process 0, :f :txn, :value [[:append 9 1] [:r 8 nil]]}
{:index 3, :time 5, :type :invoke, :process 1, :f :txn, :value [[:append 8 1] [:r 9 nil]]}
{:index 4, :time 6, :type :ok, :process 1, :f :txn, :value [[:append 8 1] [:r 9 nil]]}
{:index 5, :time 7, :type :ok, :process 0, :f :txn, :value [[:append 9 1] [:r 8 nil]]}
"""


def companion(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["history", "check", "--model", "list-append", *map(str, words)])


@pytest.fixture
def file(tmp_path: Path, short: Callable[..., Any]) -> Callable[..., Path]:
    def write(*transactions: str) -> Path:
        path = tmp_path / "run.jsonl"
        path.write_text("".join(json.dumps(event) + "\n" for _, event in short(*transactions)))
        return path

    return write


def test_a_history_with_an_anomaly_is_told_and_leaves_with_1(file: Callable[..., Path]) -> None:
    ran = companion(file("ax1ry", "ay1rx"))
    assert ran.exit_code == 1
    assert "  serializable         ruled out by G2-item\n" in ran.stdout
    assert "    T1 before T2: T1 read y without T2's 1\n" in ran.stdout


def test_a_history_without_one_leaves_with_0(file: Callable[..., Path]) -> None:
    ran = companion(file("ax1", "ay1rx1"))
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "  serializable         may hold\n" in ran.stdout


def test_a_history_that_was_not_searched_to_its_end_leaves_with_3(file: Callable[..., Path], tmp_path: Path) -> None:
    path = tmp_path / "unread.jsonl"
    with path.open("w") as lines:
        for value in [["r", "x"], *(["append", "x", number] for number in range(200))]:
            for kind in ("invoke", "ok"):
                lines.write(json.dumps({"process": 0, "type": kind, "value": [value]}) + "\n")
    ran = companion(path)
    assert ran.exit_code == 3
    assert "not known: of key x, the first 100 appends that nobody read are looked at" in ran.stdout


def test_order_in_time_counts_with_realtime(file: Callable[..., Path]) -> None:
    path = file("ax1", "ax2", "rx1", "rx12")
    assert companion(path).exit_code == 0
    ran = companion(path, "--realtime")
    assert ran.exit_code == 1
    assert "  strict serializable  ruled out by G-single-realtime\n" in ran.stdout


def test_jepsens_own_form_is_read(tmp_path: Path) -> None:
    (tmp_path / "history.edn").write_text(EDN)
    ran = companion(tmp_path / "history.edn", "--json", "-")
    (found,) = json.loads(ran.stdout)["histories"]
    assert [one["name"] for one in found["anomalies"]] == ["G2-item"]


def test_files_are_judged_apart_and_one_that_cannot_be_read_is_said_after_the_others(
    file: Callable[..., Path], tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad.jsonl", file("ax1", "rx1")
    bad.write_text('{"process": 0, "type": "ok", "value": []}\n')
    ran = companion(bad, tmp_path / "none.jsonl", good, "--json", "-")
    assert ran.exit_code == 2
    document = json.loads(ran.stdout)
    jsonschema.validate(document, SCHEMA)
    assert [sorted(one) == ["error", "file"] for one in document["histories"]] == [True, True, False]
    first, second = ran.stderr.splitlines()
    assert first.startswith(f"companion history check: {bad}: line 1: ok of process 0, which has invoked nothing")
    assert second.endswith("none.jsonl: cannot be read: no such file or directory")


def test_times_that_contradict_the_lines_are_refused(tmp_path: Path) -> None:
    events = [{"process": 0, "type": kind, "value": [], "time": time} for kind, time in (("invoke", 5), ("ok", 4))]
    (tmp_path / "run.jsonl").write_text("".join(json.dumps(one) + "\n" for one in events))
    ran = companion(tmp_path / "run.jsonl", "--realtime")
    assert ran.exit_code == 2 and "line 2: time 4 comes after the 5 of line 1" in ran.stderr
    assert companion(tmp_path / "run.jsonl", "--order", "lines").exit_code == 0


def test_indexes_may_tell_the_order_of_events(file: Callable[..., Path]) -> None:
    path = file("ax1", "ax2", "rx1", "rx12")
    lines = [json.loads(line) | {"index": index} for index, line in enumerate(path.read_text().splitlines())]
    path.write_text("".join(json.dumps(one) + "\n" for one in reversed(lines)))
    ran = companion(path, "--realtime", "--order", "index")
    assert ran.exit_code == 1 and "    T2 before T3: T2 had returned before T3 was invoked\n" in ran.stdout
    assert "T2 (lines 6 and 5, process 11): append 2 to x" in ran.stdout


def test_a_cycle_is_drawn(file: Callable[..., Path], tmp_path: Path) -> None:
    ran = companion(file("ax1ry", "ay1rx"), "--draw", tmp_path / "why.svg", "--json", tmp_path / "found.json")
    assert ran.exit_code == 1
    assert "<svg" in (tmp_path / "why.svg").read_text()
    jsonschema.validate(json.loads((tmp_path / "found.json").read_text()), SCHEMA)
    assert ran.stderr.splitlines() == [f"wrote {tmp_path / 'found.json'}", f"wrote {tmp_path / 'why.svg'}"]


def test_nothing_is_drawn_where_there_is_no_cycle(file: Callable[..., Path], tmp_path: Path) -> None:
    ran = companion(file("!ax1", "rx1"), "--draw", tmp_path / "why.svg")
    assert "nothing to draw" in ran.stderr and not (tmp_path / "why.svg").exists()


@pytest.mark.parametrize("words", [["--independent"], ["--merge"], ["--uncertainty", "1"], ["--initial", "5"]])
def test_what_belongs_to_other_models_is_refused(file: Callable[..., Path], words: list[str]) -> None:
    ran = companion(file("ax1"), *words)
    assert ran.exit_code == 2
    assert f"{words[0]} is not for --model list-append; leave it out" in ran.stderr


def test_realtime_is_refused_where_it_is_meant_anyway(file: Callable[..., Path]) -> None:
    ran = CliRunner().invoke(app, ["history", "check", str(file("ax1")), "--realtime"])
    assert ran.exit_code == 2 and "--realtime is for --model list-append" in ran.stderr


def test_a_text_that_would_steer_a_terminal_does_not(tmp_path: Path) -> None:
    (tmp_path / "run.jsonl").write_text(
        '{"process": 0, "type": "invoke", "value": [["r", "\\u001b[31m"]]}\n'
        '{"process": 0, "type": "ok", "value": [["r", "\\u001b[31m", [1]]]}\n'
    )
    ran = companion(tmp_path / "run.jsonl")
    assert "garbage-read" in ran.stdout and "\x1b" not in ran.stdout
