"""Who began and ended what."""

from __future__ import annotations

from typing import Any

import pytest

from companion.history import MODELS, HistoryError, Operation
from companion.history.reading.pairing import Remarks, paired
from companion.history.specifications import UNKNOWN


def operations(*events: tuple[Any, ...], model: str = "register", **options: Any) -> list[Operation]:
    told = [
        (line, {"process": process, "type": kind, "f": f, "value": value})
        for line, (process, kind, f, value) in enumerate(events, start=1)
    ]
    return [one for _, _, one in paired(told, MODELS[model], **options) if one is not None]


def test_what_failed_is_left_out_and_what_nobody_knows_is_pending() -> None:
    found = operations(
        (0, "invoke", "write", 1), (1, "invoke", "write", 2), (2, "invoke", "read", None), (0, "fail", "write", 1),
        (1, "info", "write", "timed out"), (2, "info", "read", None), (3, "invoke", "write", 3),
    )  # fmt: skip
    assert found == [Operation("1", "write", "", "2", 2, None), Operation("3", "write", "", "3", 7, None)]


def test_a_dequeue_that_nobody_heard_took_something_unknown() -> None:
    (found,) = operations((0, "invoke", "dequeue", None), (0, "info", "dequeue", None), model="queue")
    assert found.value == UNKNOWN


def test_get_and_put_are_read_and_write() -> None:
    found = operations((0, "invoke", "put", 1), (0, "ok", "put", 1), (0, "invoke", "get", None), (0, "ok", "get", 1))
    assert [one.told for one in found] == ["write 1", "read 1"]


def test_an_independent_key_stands_in_the_value() -> None:
    found = operations(
        (0, "invoke", "cas", ["x", [1, 2]]), (0, "ok", "cas", ["x", [1, 2]]), (0, "invoke", "read", [7, None]),
        (0, "ok", "read", [7, 2]), model="cas-register", independent=True,
    )  # fmt: skip
    assert [(one.key, one.told) for one in found] == [('"x"', "cas 1 -> 2"), ("7", "read 2")]
    with pytest.raises(HistoryError, match="line 2: the key"):
        operations((0, "invoke", "read", [7, None]), (0, "ok", "read", [8, 2]), independent=True)
    with pytest.raises(HistoryError, match=r"give \[key, value\]"):
        operations((0, "invoke", "write", 1), independent=True)


def test_pairs_everywhere_are_remarked_and_one_other_value_is_enough_not_to() -> None:
    pair = [(0, "invoke", "write", [1, 2]), (0, "ok", "write", [1, 2])]
    seen = Remarks()
    operations(*pair, seen=seen)
    assert "--independent" in seen.warnings[0]
    operations(*pair, (0, "invoke", "write", 5), (0, "ok", "write", 5), seen=seen)
    assert seen.warnings == []


def test_true_is_not_one() -> None:
    with pytest.raises(HistoryError, match="differs from its invocation"):
        operations((0, "invoke", "write", 1), (0, "ok", "write", True))


def test_steps_say_when_a_key_is_busy() -> None:
    events = [(1, {"process": 0, "type": "invoke", "f": "write", "key": "x", "value": 1}),
              (2, {"process": 0, "type": "fail", "f": "write"})]  # fmt: skip
    assert list(paired(events, MODELS["register"])) == [('"x"', True, None), ('"x"', False, None)]
