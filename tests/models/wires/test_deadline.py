"""A deadline for anything that takes its time, and one error for what goes wrong meanwhile."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Iterator

import pytest

from companion.models.errors import ModelError
from companion.models.wires.deadline import as_model_error, checked_embeddings, one_error, pulled

SEEN: contextvars.ContextVar[str] = contextvars.ContextVar("seen", default="")


def test_what_is_pulled_comes_in_order_and_ends() -> None:
    assert list(pulled(lambda: range(5), 60)) == [0, 1, 2, 3, 4]
    assert list(pulled(lambda: [], 60)) == []


def test_what_goes_wrong_is_raised_after_what_came_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise KeyError("x")

    found = pulled(broken, 60)
    assert next(found) == 1
    with pytest.raises(KeyError):
        next(found)


def test_work_that_hangs_is_given_up() -> None:
    release = threading.Event()

    def hangs() -> Iterator[int]:
        yield 1
        release.wait()

    found = pulled(hangs, 0.1)
    assert next(found) == 1
    with pytest.raises(TimeoutError):
        next(found)
    release.set()


def test_it_is_worked_on_in_the_context_of_whoever_asks() -> None:
    """So that a trace knows which call it belongs to."""
    SEEN.set("mine")
    assert list(pulled(lambda: [SEEN.get()], 60)) == ["mine"]


def test_a_fault_of_the_caller_is_no_fault_of_the_model() -> None:
    assert as_model_error(RuntimeError("mine"), "m", 1) is None
    with pytest.raises(RuntimeError, match="mine"), one_error("m", 1):
        raise RuntimeError("mine")


def test_an_error_is_told_by_what_led_to_it() -> None:
    class APIConnectionError(Exception): ...

    class ConnectError(Exception): ...

    with pytest.raises(ModelError, match=r"^m cannot be reached"), one_error("m", 1):
        try:
            raise ConnectError("no route")
        except ConnectError as error:
            raise APIConnectionError("Connection error.") from error


def test_what_a_server_said_is_one_line_and_not_all_of_it() -> None:
    error = as_model_error(ValueError("a\nb\x1b[2J" + "x" * 1000), "m", 1)
    assert error is not None
    assert "\n" not in str(error) and "\x1b" not in str(error) and len(str(error)) < 300


@pytest.mark.parametrize("vectors", [[], [[1.0]], [[1.0], [1.0, 2.0]]])
def test_embeddings_that_are_not_one_for_each_text_are_none(vectors: list[list[float]]) -> None:
    embed = checked_embeddings("m", lambda texts: vectors, 60)
    with pytest.raises(ModelError, match="m gave no vector for each text"):
        embed(["a", "b"])


def test_embeddings_have_a_deadline_too() -> None:
    release = threading.Event()

    def hangs(texts: list[str]) -> list[list[float]]:
        release.wait()
        return []

    with pytest.raises(ModelError, match=r"^m did not answer within 0\.1 s$"):
        checked_embeddings("m", hangs, 0.1)(["a"])
    release.set()
