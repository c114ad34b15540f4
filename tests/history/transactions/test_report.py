"""Hand-made histories of each anomaly are found, named, and explained; and what has an order is left alone."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from importlib import resources
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.history.transactions import as_json, check_transactions, render

Lines = list[tuple[int, dict[str, Any]]]
Short = Callable[..., Lines]

SCHEMA = json.loads(resources.files("companion.history.transactions").joinpath("transactions.schema.json").read_text())

# As named by Elle in its own test/elle/list_append_test.clj (github.com/jepsen-io/elle), or in its histories and
# README; its suffix "-item" is left out but for G2-item. Where it was asked for one kind only, the others are added.
ELLE = {
    "serializable, figure 3 of Adya, Liskov, O'Neil": (["az1ax1ay1", "rx1ay2", "ry12az3", "rz13"], []),
    "G0": (["ax1ay1", "ax2ay2", "rx12ry21"], ["G0"]),
    "G1a": (["!ax1", "rx1"], ["G1a"]),
    "G1b": (["ax1ax2", "rx1"], ["G1b", "G-single"]),
    "G1c": (["ax1ry1", "ax2ay1", "rx12ry1"], ["G1c"]),
    "G1c of the README": (["ax1ry1", "ax2ay1", "rx12"], ["G1c"]),
    "G-single": (["ax1ay1", "ax2ry", "rx12"], ["G-single"]),
    "G-single, read": (["ax1ay1", "rx1ry"], ["G-single"]),
    "G-nonadjacent": (["ax1", "rx1ry", "ay1", "ry1rx"], ["G-nonadjacent"]),
    "not quite G-nonadjacent": (["rx5ay1", "ryaz2", "rzat3", "rt3au4", "ruax5"], []),
    "G2": (["ax1ry", "ay1rx"], ["G2-item"]),
    "G2, repeatable-read-test": (["rxay1", "ryax1"], ["G2-item"]),
    "lost update": (["ax0", "rx0ax1", "rx0ax2"], ["lost-update", "G2-item"]),
    "one transaction, double write": (["rxax1ax2", "rx12"], []),
    "direct dirty update": (["!ax1", "ax2", "rx12"], ["dirty-update", "G1a"]),
    "indirect dirty update": (["!ax1", "?ax2", "ax3", "rx123"], ["dirty-update", "G1a"]),
    "no dirty update": (["!ax1"], []),
    "a transaction without an answer": (["?ax2ry", "ax1ay1", "rx12ry1"], []),
    "duplicated elements": (["ax1ry1", "ax2ay1", "rx121"], ["duplicate-elements", "G1c"]),
    "unobserved writes": (["ax1ay1", "ax2ay2", "ax3ay3", "rx12", "ry2"], ["G0", "G-single"]),
    "contradictory orders": (["ax1ry1", "ax2", "ax3ay1", "rx13", "rx123"], ["incompatible-order", "G1c"]),
    "internal: read nil, then something": (["ax2", "rxrx2"], ["internal", "G-single"]),
    "internal: without its own": (["ax1ax2", "rx12ax3rx12"], ["internal"]),
    "internal: another beginning": (["ax1ax2", "rx12ax3rx1"], ["internal", "G1b", "G-single"]),
    "internal: good": (["ay5ay6", "ax1ax2", "ry56ax3rx123ax4rx1234"], []),
    "internal: append, then nothing": (["ax6rx"], ["internal"]),
    "future read": (["rx1ax1"], ["future-read"]),
}  # fmt: skip

PAPER = [  # histories/paper-example.edn
    [["append", 253, 1], ["append", 253, 3], ["append", 253, 4], ["append", 255, 2], ["append", 255, 3],
     ["append", 255, 4], ["append", 255, 5], ["append", 256, 1], ["append", 256, 2]],
    [["append", 255, 8], ["r", 253, [1, 3, 4]]],
    [["append", 256, 4], ["r", 255, [2, 3, 4, 5, 8]], ["r", 256, [1, 2, 4]], ["r", 253, [1, 3, 4]]],
    [["append", 250, 10], ["r", 253, [1, 3, 4]], ["r", 255, [2, 3, 4, 5]], ["append", 256, 3]],
]  # fmt: skip
SNAPSHOTS = [  # histories/si-without-g-single.edn
    [["append", 9, 2]],
    [["append", 8, 1], ["r", 9, None]],
    [["r", 6, None], ["r", 8, None], ["append", 9, 5]],
    [["append", 6, 2], ["r", 9, [2]]],
]


def events_of(values: list[list[list[Any]]], **more: Any) -> Lines:
    found: list[dict[str, Any]] = []
    for process, value in enumerate(values):
        asked = [[f, key, None if f == "r" else given] for f, key, given in value]
        found += [{"process": process, "type": "invoke", "f": "txn", "value": asked}]
        found += [{"process": process, "type": "ok", "f": "txn", "value": value}]
    return list(enumerate(found, start=1))


@pytest.mark.parametrize("name", ELLE)
def test_a_history_is_judged_as_elle_judges_it(short: Short, name: str) -> None:
    history, expected = ELLE[name]
    assert sorted(check_transactions(short(*history)).names) == sorted(expected)


def test_the_example_of_the_paper_has_a_cycle_of_one_anti_dependency() -> None:
    (found,) = check_transactions(events_of(PAPER)).anomalies
    assert found.name == "G-single"


def test_cycles_whose_anti_dependencies_all_follow_each_other_leave_snapshot_isolation_possible() -> None:
    report = check_transactions(events_of(SNAPSHOTS))
    assert report.names == ["G2-item"]
    assert report.levels["snapshot isolation"] == []


def test_a_value_that_nobody_appended_is_found(short: Short) -> None:
    report = check_transactions(short("ax1", "rx12"))
    assert report.names == ["garbage-read"]
    assert report.levels["read uncommitted"] == ["garbage-read"]


@pytest.mark.parametrize(
    ("history", "ruled_out"),
    [
        (["ax1", "rx1"], []),
        (["ax1ry", "ay1rx"], ["serializable"]),
        (["ax1ay1", "rx1ry"], ["snapshot isolation", "serializable"]),
        (["ax0", "rx0ax1", "rx0ax2"], ["snapshot isolation", "serializable"]),
        (["!ax1", "rx1"], ["read committed", "snapshot isolation", "serializable"]),
        (["ax1ay1", "ax2ay2", "rx12ry21"],
         ["read uncommitted", "read committed", "snapshot isolation", "serializable"]),
    ],
)  # fmt: skip
def test_an_anomaly_rules_out_the_levels_that_forbid_it(short: Short, history: list[str], ruled_out: list[str]) -> None:
    levels = check_transactions(short(*history)).levels
    assert [level for level, names in levels.items() if names] == ruled_out


def test_each_step_of_a_cycle_has_its_reason_in_words(short: Short) -> None:
    (found,) = check_transactions(short("ax1ay1", "ax2ry", "rx12")).anomalies
    assert found.transactions == (1, 2)
    assert [step.told for step in found.steps] == ["T2 appended 2 to x after T1's 1", "T2 read y without T1's 1"]
    (found,) = check_transactions(short("ax1ry1", "ax2ay1", "rx12")).anomalies
    assert found.steps[1].told == "T1 read y with T2's 1"


def test_a_report_names_levels_anomalies_and_the_lines_of_their_transactions(short: Short) -> None:
    text = "\n".join(render(check_transactions(short("ax1ry", "ay1rx", "!az1", "?az2"), file="run.jsonl")))
    assert text.startswith("run.jsonl: 4 transactions; 2 took place, 1 rolled back, 1 unknown")
    assert "snapshot isolation   may hold" in text
    assert "serializable         ruled out by G2-item" in text
    assert "T1 (lines 1 and 2, process 10): append 1 to x, read y = []" in text


def test_of_many_anomalies_a_few_are_told_and_the_rest_counted(short: Short) -> None:
    text = "\n".join(render(check_transactions(short("!ax1", *["rx1"] * 5))))
    assert "G1a: 2 more" in text


def test_order_in_time_counts_when_it_is_asked_for(short: Short) -> None:
    # From Elle's tests: T3 read x without T2's 2, which had been acknowledged before it began.
    history = short("ax1", "ax2", "rx1", "rx12")
    assert check_transactions(history).names == []
    report = check_transactions(history, order="realtime")
    assert report.names == ["G-single-realtime"]
    assert [level for level, names in report.levels.items() if names] == ["strict serializable"]
    assert "T2 had returned before T3 was invoked" in "\n".join(render(report))


def test_order_of_a_process_counts_when_it_is_asked_for(short: Short) -> None:
    strangers, oneself = short("1:ax1", "2:ax2", "3:rx1", "4:rx12"), short("1:ax1", "2:ax2", "2:rx1", "3:rx12")
    assert check_transactions(strangers, order="process").names == []
    report = check_transactions(oneself, order="process")
    assert report.names == ["G-single-process"]
    assert [level for level, names in report.levels.items() if names] == ["strong session serializable"]


def test_a_cycle_with_order_in_time_need_not_have_an_anti_dependency() -> None:
    # From Elle's tests (its issue 21): T1 -wr-> T2 -process-> T3 -wr-> T1.
    values: list[tuple[int, list[list[Any]]]] = [
        (1, [["r", "x", [1]], ["append", "y", 1]]),
        (2, [["r", "y", [1]]]),
        (2, [["append", "x", 1]]),
    ]
    lines = []
    for process, value in values:
        asked = [[f, key, None if f == "r" else given] for f, key, given in value]
        lines += [{"process": process, "type": "invoke", "value": asked}]
        lines += [{"process": process, "type": "ok", "value": value}]
    assert check_transactions(enumerate(lines, start=1)).names == []
    assert check_transactions(enumerate(lines, start=1), order="process").names == ["G1c-process"]


def test_an_order_that_is_not_known_is_refused(short: Short) -> None:
    with pytest.raises(ValueError, match="give process, realtime or nothing"):
        check_transactions(short("ax1"), order="causal")


@pytest.mark.parametrize("order", ["", "process", "realtime"])
@pytest.mark.parametrize("name", ELLE)
def test_the_json_is_as_its_schema_says(short: Short, name: str, order: str) -> None:
    report = check_transactions(short(*ELLE[name][0]), order=order, file="run.jsonl")
    document = json.loads(json.dumps(as_json(report)))
    jsonschema.validate({"histories": [document]}, SCHEMA)
    named = {one["number"] for one in document["transactions"]}
    assert named == {number for one in document["anomalies"] for number in one["transactions"]}


# Properties

Serial = list[list[list[Any]]]


@st.composite
def serial_executions(draw: st.DrawFn) -> Serial:
    """Run transactions one after the other on one copy."""
    lists: dict[str, list[int]] = {"x": [], "y": [], "z": []}
    history: Serial = []
    number = 0
    for acts in draw(st.lists(st.lists(st.tuples(st.booleans(), st.sampled_from("xyz")), max_size=5), max_size=12)):
        does: list[list[Any]] = []
        for appends, key in acts:
            if appends:
                number += 1
                lists[key].append(number)
                does.append(["append", key, number])
            else:
                does.append(["r", key, list(lists[key])])
        history.append(does)
    return history


def interleaved(history: Serial, rng: random.Random) -> Lines:
    """Give the events in any order that a log may have: each transaction is invoked before it ends."""
    asked = [[[f, key, None if f == "r" else given] for f, key, given in does] for does in history]
    places = [number for number in range(len(history)) for _ in range(2)]
    rng.shuffle(places)
    begun: set[int] = set()
    events = []
    for number in places:
        kind, value = ("ok", history[number]) if number in begun else ("invoke", asked[number])
        begun.add(number)
        events.append({"process": number, "type": kind, "f": "txn", "value": value})
    return list(enumerate(events, start=1))


@given(serial_executions(), st.randoms(use_true_random=False))
def test_what_ran_one_after_the_other_has_no_anomaly_in_whatever_order_it_was_logged(
    history: Serial, rng: random.Random
) -> None:
    report = check_transactions(interleaved(history, rng))
    assert report.anomalies == ()
    assert bool(report.undecided) == (not history)  # of none, nothing is known


@given(serial_executions())
def test_what_ran_one_after_the_other_agrees_with_order_in_time(history: Serial) -> None:
    assert check_transactions(events_of(history), order="realtime").anomalies == ()


@given(serial_executions(), st.data())
def test_taking_one_value_out_of_a_read_that_others_saw_makes_an_anomaly(history: Serial, data: st.DataObject) -> None:
    history += [[["r", key, [op[2] for does in history for op in does if op[:2] == ["append", key]]]] for key in "xyz"]
    reads = [op for does in history[:-3] for op in does if op[0] == "r" and len(op[2]) > 1]
    if not reads:
        return
    read = data.draw(st.sampled_from(reads))
    read[2] = list(read[2])
    read[2].pop(data.draw(st.integers(0, len(read[2]) - 2)))  # not the last: the rest would be an older, valid list
    assert "incompatible-order" in check_transactions(events_of(history)).names


@given(serial_executions(), st.randoms(use_true_random=False))
def test_a_report_repeats(history: Serial, rng: random.Random) -> None:
    reads = [op for does in history for op in does if op[0] == "r" and op[2]]
    for read in reads[: len(reads) // 2]:
        read[2] = read[2][: rng.randint(0, len(read[2]))]
    lines = interleaved(history, rng)
    assert as_json(check_transactions(lines)) == as_json(check_transactions(list(lines)))


@pytest.mark.parametrize("events", [[], [("invoke", [["append", "x", 1]]), ("fail", [["append", "x", 1]])]])
def test_of_a_history_in_which_nothing_took_place_nothing_is_known(events: list[tuple[str, Any]]) -> None:
    told = [{"process": 0, "type": kind, "f": "txn", "value": value} for kind, value in events]
    report = check_transactions(enumerate(told, start=1))
    assert report.undecided == ("no transaction took place, so that nothing was judged",)
