"""Events become transactions, and what is none is refused in one line that says where, and what to give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from companion.history.events import HistoryError
from companion.history.transactions import Append, Read, transactions


def event(process: Any, kind: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"process": process, "type": kind, "f": "txn", "value": value, **more}


def of(*events: dict[str, Any]) -> list[Any]:
    return transactions(enumerate(events, start=1))


ASKED, ANSWERED = [["append", "x", 1], ["r", "y", None]], [["append", "x", 1], ["r", "y", [2, 3]]]


def test_an_invocation_and_its_end_are_one_transaction() -> None:
    (one,) = of(event(0, "invoke", ASKED), event(0, "ok", ANSWERED))
    assert one.does == (Append("x", 1), Read("y", (2, 3)))
    assert (one.name, one.status, one.process, one.invoked, one.returned) == ("T1", "ok", "0", 1, 2)
    assert one.told == "append 1 to x, read y = [2, 3]"


def test_transactions_are_counted_in_the_order_of_their_invocations() -> None:
    found = of(event("a", "invoke", []), event("b", "invoke", []), event("b", "ok", []), event("a", "ok", []))
    assert [(one.name, one.process) for one in found] == [("T1", "a"), ("T2", "b")]


def test_a_read_that_gave_nothing_saw_an_empty_list() -> None:
    (one,) = of(event(0, "invoke", ASKED), event(0, "ok", ASKED))
    assert one.does[1] == Read("y", ())


@pytest.mark.parametrize("kind", ["fail", "info"])
def test_what_was_read_without_success_is_not_believed(kind: str) -> None:
    (one,) = of(event(0, "invoke", ASKED), event(0, kind, ANSWERED))
    assert one.does == (Append("x", 1), Read("y", None))
    assert (one.status, one.returned) == (kind, 2 if kind == "fail" else None)
    assert one.told.endswith("read y = ?")


def test_a_transaction_without_an_end_is_unknown() -> None:
    (one,) = of(event(0, "invoke", ASKED))
    assert (one.status, one.returned) == ("info", None)


def test_a_nemesis_is_left_out() -> None:
    assert of(event("nemesis", "info", "cut"), event(":nemesis", "info")) == []


def test_names_may_be_written_as_jepsen_exports_keywords() -> None:
    (one,) = of(event(0, "invoke", [[":append", "x", 1]], f=":txn"), event(0, "ok", [[":append", "x", 1]], f=":txn"))
    assert one.does == (Append("x", 1),)


def test_a_number_and_a_text_are_two_values() -> None:
    (one,) = of(event(0, "invoke", [["append", 1, 1], ["append", 1, "1"], ["append", "1", 1]]))
    assert len(set(one.does)) == 3


def test_the_end_of_a_long_list_is_shown() -> None:
    (one,) = of(event(0, "invoke", [["r", "x"]]), event(0, "ok", [["r", "x", list(range(100))]]))
    assert one.told == "read x = [..., 90, 91, 92, 93, 94, 95, 96, 97, 98, 99]"


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([event(None, "invoke", [])], 'line 1: "process" is missing; give a number or a name'),
        ([event(0, "begin", [])], 'line 1: "type" is "begin"; give invoke, ok, fail or info'),
        ([event(0, "ok", [])], "line 1: ok of process 0, which has invoked nothing"),
        ([event(0, "invoke", []), event(0, "invoke", [])], "line 2: process 0 invokes while its transaction of line 1"),
        ([event(0, "invoke", 5)], 'line 1: "value" is 5; give a list of'),
        ([event(0, "invoke", ASKED, f="write")], 'line 1: "f" is "write"; in a list-append history it is'),
        ([event(0, "invoke", ASKED), event(0, "ok", [])], 'line 2: "value" differs from its invocation in line 1'),
        ([event(0, "invoke", ASKED), event(0, "ok", [["append", "x", 2], ["r", "y", []]])], 'line 2: "value" differs'),
        ([event(0, "invoke", [["append", "x", None]])], 'line 1: ["append", "x", null] is no micro-operation'),
        ([event(0, "invoke", [["append", "x", True]])], "is no micro-operation"),
        ([event(0, "invoke", [["append", "x", 1.5]])], "is no micro-operation"),
        ([event(0, "invoke", [["append", ["x"], 1]])], "is no micro-operation"),
        ([event(0, "invoke", [["w", "x", 1]])], "is no micro-operation"),
        ([event(0, "invoke", ["append"])], "is no micro-operation"),
        ([event(0, "invoke", [["r", "x", 5]])], "is no micro-operation"),
        ([event(0, "invoke", [["r", "x", [[1]]]])], "is no micro-operation"),
        ([event(0, "invoke", [["append", "x", 1], ["append", "x", 1]])], 'line 1: 1 is appended to "x" a second time'),
    ],
)
def test_what_is_no_history_of_transactions_is_refused(events: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(HistoryError) as refused:
        of(*events)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 250


def test_a_value_that_is_appended_again_is_refused_even_if_the_first_was_rolled_back(short: Callable[..., Any]) -> None:
    with pytest.raises(HistoryError, match=r'line 3: 1 is appended to "x" a second time \(first in line 1\)'):
        transactions(short("!ax1", "ax1"))
