"""Tests of what the exercises of chapter 9 are checked with."""

from __future__ import annotations

import contextlib
import random

import pytest

from companion.services.a2a import exercises
from companion.services.a2a.exercises import MOMENTS, Desk, Died, Reference, Source, Step, play


def test_the_reference_store_keeps_leases_and_fences() -> None:
    store = Reference(["x", "y"], seconds=2.0)
    assert store.claim("A", 0.0) == ("x", 1)
    assert store.claim("B", 1.9) == ("y", 1)
    assert store.claim("C", 1.9) is None
    assert store.claim("C", 2.0) == ("x", 2)
    assert [store.complete("x", fence) for fence in (0, 1, 2, 2)] == [False, False, True, False]
    assert store.complete("y", 1), "its lease has run out, and nobody has taken it since"


def test_a_store_that_answers_as_the_reference_has_no_fault_and_another_is_told_where_it_differs() -> None:
    steps = exercises.story(random.Random(1))
    assert exercises.store_fault(Reference(["x"], 2.0), steps, ["x"], 2.0) == ""
    late = [Step("claim", "A", 0.0), Step("claim", "B", 2.0)]
    fault = exercises.store_fault(Reference(["x"], 2.1), late, ["x"], 2.0)
    assert fault == "B claims at 2.0: you answered None, and it is ('x', 2); before: A claims at 0.0"


def test_a_store_that_takes_a_fence_of_the_future_is_told_so() -> None:
    class Lax(Reference):
        def complete(self, task: str, fence: int) -> bool:
            return super().complete(task, self.newest(task)) if fence >= self.newest(task) > 0 else False

    steps = [Step("claim", "A", 0.0), Step("complete", "A", 1.0)]
    assert "nobody has been given" in exercises.store_fault(Lax(["x"], 2.0), steps, ["x"], 2.0)


@pytest.mark.parametrize(
    ("pair", "fault"),
    [
        ((7, 12), ""),
        ((10, 12), "costs the task"),
        ((6, 12), "a longer pause than 6 s costs nothing either"),
        ((7, 11), "a task waited"),
        ((7, float("nan")), "a task waited"),
        ((7, 13), "no task ever waits longer"),
        (7, "is no pair"),
    ],
)
def test_limits_of_a_lease_are_tried(pair: object, fault: str) -> None:
    told = exercises.limits_fault(pair, 10, 3, 2)
    assert fault in told and bool(fault) == bool(told)


def test_a_source_breaks_where_it_is_told_to_and_goes_on_behind_an_event() -> None:
    source = Source(["one", "two\nlines"], breaks=[5])
    assert source.connect("") == [": ping", "id: 8", "data: one", "", ": ping"]
    assert source.connect("8") == [": ping", "id: 9", "data: two", "data: lines", ""]
    assert source.connect("9") is None


@pytest.mark.parametrize("last", ["0", "7", "10", "data: one"])
def test_a_source_knows_no_event_that_it_has_not_sent(last: str) -> None:
    with pytest.raises(AssertionError, match="no event has that id"):
        Source(["one", "two\nlines"], breaks=[]).connect(last)


def test_a_source_does_not_answer_for_ever() -> None:
    source = Source(["one"], [])
    with pytest.raises(AssertionError, match="get no further"):
        for _ in range(100):
            source.connect("")


def once(desk: Desk) -> None:
    if (fence := desk.claim()) is None:
        return
    if (text := desk.remember(fence, "text", desk.draft())) is not None:
        desk.send("mail", text)
        desk.complete(fence, text)


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_attempt_that_keeps_every_promise_has_no_fault_wherever_servers_die_or_sleep(moment: str) -> None:
    for deaths, pauses in (([moment], []), ([], [moment]), ([moment, moment], []), ([moment], [moment])):
        assert exercises.once_fault(play(once, deaths, pauses), 1, deaths, pauses) == ""


def test_a_dead_server_does_nothing_more_even_if_it_will_not_have_it() -> None:
    def stubborn(desk: Desk) -> None:
        fence = desk.claim() or 0
        for key in ("mail", "again"):
            with contextlib.suppress(Died):
                desk.send(key, "text")
        with contextlib.suppress(Died):
            desk.complete(fence, "text")

    world = play(stubborn, deaths=["before send"])
    assert (world.fence, world.sent, world.completed) == (2, ["text", "text"], ["text"])


@pytest.mark.parametrize(
    ("attempt", "deaths", "fault"),
    [
        (lambda desk: None, (), "nobody died or slept: no mail was sent"),
        (lambda desk: desk.send(str(desk.claim()), "text"), ("after send",), "died after send: the receiver has 2"),
        (lambda desk: desk.send("mail", desk.draft()), ("after send",), "servers have sent ['draft 1', 'draft 2']"),
        (lambda desk: desk.send("mail", desk.draft()), (), "the task is not completed"),
        (lambda desk: desk.send("mail", "text"), (), "'text' was sent, and no draft says that"),
        (lambda desk: [desk.send("mail", desk.draft()), desk.complete(desk.claim() or 0, "no")], (), "is said to"),
    ],
)  # fmt: skip
def test_each_broken_promise_is_told(attempt: object, deaths: tuple[str, ...], fault: str) -> None:
    assert fault in exercises.once_fault(play(attempt, deaths), 1, deaths)  # type: ignore[arg-type]
