"""What is measured is what its name says; the times themselves are the machine's."""

from __future__ import annotations

import pytest

from companion.services.tenancy import measures
from companion.services.tenancy.leaks import Laboratory


def test_the_median_is_of_as_many_times_as_were_asked_for() -> None:
    done: list[int] = []
    assert 0 <= measures.median_ms(lambda: done.append(1), 5) < 1000 and len(done) == 5


def test_a_token_is_as_long_as_its_signature_makes_it() -> None:
    found = measures.signature_cost()
    assert (found["RS256 characters"], found["ES256 characters"], found["EdDSA characters"]) == (714, 458, 458)
    assert all(value > 0 for value in found.values()) and len(found) == 9


def buffers(lab: Laboratory, word: str) -> int:
    """Count the pages that a search for a word touches."""
    statement = f"explain (analyze, buffers, format json) {measures.LOOK % repr(word)}"
    with lab.request() as connection:
        connection.execute(statement.encode())
        (told,) = connection.execute(statement.encode()).fetchone() or (None,)
    assert isinstance(told, list)
    hits = told[0]["Plan"]["Shared Hit Blocks"]
    assert isinstance(hits, int)
    return hits


def test_a_leakproof_operator_works_harder_for_a_word_that_another_tenant_has(lab: Laboratory) -> None:
    """The clock without the clock: pages touched are counted, and do not depend on the machine."""
    lab.renew()
    lab.change(measures.WORDS)
    assert buffers(lab, "merger") == buffers(lab, "zanzibar"), "every row is looked at, for either"
    lab.change("alter function ts_match_vq(tsvector, tsquery) leakproof")
    try:
        assert buffers(lab, "merger") > 2 * buffers(lab, "zanzibar")
    finally:
        lab.change("alter function ts_match_vq(tsvector, tsquery) not leakproof")


@pytest.mark.soak
def test_every_measure_gives_what_the_chapter_reads() -> None:
    assert set(measures.ticket_cost()) == {"setting", "once", "ticket", "per_row"}
    assert set(measures.revocation_cost()) == {"tenant", "same", "own"}
    assert set(measures.login_cost()) == {"setting", "login"}
    clock = measures.word_clock()
    assert clock["leakproof"] > clock["policy"]
