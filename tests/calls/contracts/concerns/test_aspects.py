"""Advice where a pattern of names says so, and nowhere else."""

import pytest

from companion.calls.contracts.concerns.aspects import (
    Accounts,
    Proxy,
    Refused,
    Renamed,
    counting,
    only,
    uncovered,
    woven,
)


def test_a_method_that_matches_is_guarded() -> None:
    guarded = woven(Accounts(), "get_*", only("bob"))
    assert guarded.get_balance("bob") == 7
    with pytest.raises(Refused, match=r"get_balance\('ada'\): bob may not"):
        guarded.get_balance("ada")


def test_after_a_rename_the_guard_is_gone_and_nothing_is_said() -> None:
    guarded = woven(Renamed(), "get_*", only("bob"))
    assert guarded.fetch_balance("ada") == 100


def test_what_no_pattern_matches_is_found_when_it_is_looked_for() -> None:
    assert uncovered(Accounts(), ["get_*"]) == []
    assert uncovered(Renamed(), ["get_*"]) == ["fetch_balance"]
    assert uncovered(Renamed(), ["get_*", "fetch_*"]) == []


def test_a_proxy_does_not_see_what_an_object_calls_of_its_own() -> None:
    inside: dict[str, int] = {}
    before: dict[str, int] = {}
    woven(Accounts(), "get_*", counting(inside)).get_report("ada")
    Proxy(Accounts(), "get_*", counting(before)).get_report("ada")
    assert inside == {"get_report": 1, "get_balance": 1}
    assert before == {"get_report": 1}


def test_a_proxy_hands_on_what_does_not_match() -> None:
    assert Proxy(Renamed(), "get_*", only("ada")).fetch_balance("bob") == 7


def test_weaving_changes_one_object_and_not_its_class() -> None:
    woven(Accounts(), "*", only("ada"))
    assert Accounts().get_balance("bob") == 7
