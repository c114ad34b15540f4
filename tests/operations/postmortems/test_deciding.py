"""Whether an incident needs a post mortem."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.deciding import ALWAYS, CONSIDER, Fact, Need, should_write


@pytest.mark.parametrize("fact", ALWAYS)
def test_each_strong_fact_asks_for_one_whatever_else_is_true(fact: Fact) -> None:
    alone, beside = should_write([fact]), should_write([*CONSIDER, Fact.UNSURE, fact])
    assert alone.need is beside.need is Need.ALWAYS
    assert beside.reasons[0] == alone.reasons[0] == ALWAYS[fact]


@pytest.mark.parametrize("fact", CONSIDER)
def test_a_weaker_fact_speaks_for_one(fact: Fact) -> None:
    assert should_write([fact, Fact.UNSURE]).need is Need.CONSIDER


def test_who_debates_whether_it_needs_one_writes_an_internal_one() -> None:
    assert should_write([Fact.UNSURE]).need is Need.INTERNAL
    assert should_write([]).need is Need.NONE


@pytest.mark.parametrize("fact", Fact)
def test_only_a_security_incident_is_kept_apart(fact: Fact) -> None:
    decision = should_write([fact])
    assert decision.separate == (fact is Fact.SECURITY) == ("few readers" in decision.text)


def test_every_fact_counts_for_something() -> None:
    assert {*ALWAYS, *CONSIDER, Fact.UNSURE} == set(Fact)
