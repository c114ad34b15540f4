"""The library beside its statement: both ways are timed on the same questions, and the ratios are of what was timed."""

from __future__ import annotations

import pytest

from companion.services.database import connect, open_database, open_pool
from companion.services.hybrid_search.many_tenants import crowd, write
from companion.services.hybrid_search.service_speed import CLIENTS, compare_ways


def test_both_ways_are_timed_and_compared() -> None:
    people = crowd((30, 60), 2, questions=20)
    with open_database() as database, connect(database.admin) as admin:
        write(admin, people)
        with open_pool(database.app, size=CLIENTS) as pool:
            told = compare_ways(database, pool, people, 1)
    assert told["p95 ratio"] == pytest.approx(told["library p95, ms"] / told["statement p95, ms"])
    assert told["rate ratio"] == pytest.approx(told["library, a second"] / told["statement, a second"])
    assert told["library median, ms"] <= told["library p95, ms"]
    assert told["library, a second"] > 0
