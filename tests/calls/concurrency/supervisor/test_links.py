"""A monitor hears of a death with its reason; a link shares it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from companion.calls.concurrency.supervisor.children import Process
from companion.calls.concurrency.supervisor.links import Bonds, Down


@pytest.fixture
def team() -> Iterator[list[Process]]:
    with ExitStack() as running:
        yield [running.enter_context(Process(name)) for name in "abcd"]


def test_a_fault_travels_along_links_and_watchers_learn_what_began_it(team: list[Process]) -> None:
    bonds = Bonds(team)
    bonds.link("a", "b")
    bonds.link("b", "c")
    for name in "bcd":
        bonds.monitor("we", name)
    team[0].send(signal.SIGKILL)
    bonds.settle()
    assert bonds.mailboxes == {"we": [Down("b", "SIGKILL"), Down("c", "SIGKILL")]}
    assert [process.reason() is None for process in team] == [False, False, False, True]


def test_a_normal_end_is_reported_and_takes_nobody_along(team: list[Process]) -> None:
    bonds = Bonds(team)
    bonds.link("a", "b")
    bonds.monitor("we", "a")
    team[0].leave(0)
    bonds.settle()
    assert bonds.mailboxes == {"we": [Down("a", "normal")]}
    assert team[1].reason() is None


def test_an_exit_status_is_the_reason_of_all_that_die_of_it(team: list[Process]) -> None:
    bonds = Bonds(team)
    bonds.link("c", "d")
    bonds.monitor("we", "c")
    bonds.monitor("they", "c")
    team[3].leave(5)
    bonds.settle()
    assert bonds.mailboxes == {"we": [Down("c", "exit 5")], "they": [Down("c", "exit 5")]}


def test_each_death_is_told_once(team: list[Process]) -> None:
    bonds = Bonds(team)
    bonds.monitor("we", "a")
    team[0].send(signal.SIGKILL)
    bonds.settle()
    bonds.settle()
    assert bonds.mailboxes["we"] == [Down("a", "SIGKILL")]


def test_whoever_comes_late_hears_at_once_that_there_is_no_process(team: list[Process]) -> None:
    bonds = Bonds(team)
    team[0].send(signal.SIGKILL)
    bonds.monitor("we", "a")
    bonds.monitor("we", "nobody")
    assert bonds.mailboxes["we"] == [Down("a", "noproc"), Down("nobody", "noproc")]
    bonds.link("b", "a")
    assert team[1].reason() == "SIGKILL"
    with pytest.raises(KeyError):
        bonds.link("b", "nobody")
