from __future__ import annotations

import pytest

from companion.errors import CompanionError
from companion.services.a2a import errors
from companion.services.a2a.errors import CallFailed, IllegalMove, TargetRefused, TaskError
from companion.services.a2a.server.operations import as_told

REFUSALS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__
]  # fmt: skip


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_command_tells_each_of_them_in_one_line_and_not_by_a_traceback(kind: type[Exception]) -> None:
    assert issubclass(kind, CompanionError)


def test_what_is_wrong_with_a_task_can_be_caught_as_such_and_other_things_not() -> None:
    assert issubclass(IllegalMove, TaskError)
    assert not issubclass(TargetRefused, TaskError) and not issubclass(CallFailed, TaskError)


@pytest.mark.parametrize(
    "kind", [kind for kind in REFUSALS if kind.__name__ not in ("TaskError", "CallFailed", "LostLease")]
)
def test_a_caller_is_told_of_each_that_he_can_cause_and_by_no_number_of_an_incident(kind: type[Exception]) -> None:
    assert "Incident" not in str(as_told(kind("in words of ours")))
