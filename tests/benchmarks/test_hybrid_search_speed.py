"""What the library adds to its own statement at 50,000 documents, and that the search there is exact."""

from __future__ import annotations

import pytest

from companion.services.database import as_tenant, connect, open_database, open_pool
from companion.services.hybrid_search import hybrid_search
from companion.services.hybrid_search.many_tenants import crowd, write
from companion.services.hybrid_search.measurements import HUNDRED, SEED, SIZES, TENTH
from companion.services.hybrid_search.service_speed import service_speed


def test_the_library_costs_at_most_a_third_of_its_statement_and_a_fifth_of_its_rate(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = service_speed()
    with capsys.disabled():
        print("\n", {name: round(value, 2) for name, value in told.items()})
    assert told["p95 ratio"] <= 1.3
    assert told["rate ratio"] >= 0.8


@pytest.mark.parametrize("tenant", [HUNDRED, TENTH])
def test_the_ten_nearest_are_found_whatever_the_size_of_the_tenant(tenant: int) -> None:
    people = crowd(SIZES, SEED, questions=30)
    shares = []
    with open_database() as database, connect(database.admin) as admin:
        write(admin, people)
        with open_pool(database.app) as pool, pool.connection() as connection:
            for vector in people.questions:
                with as_tenant(connection, people.tenants[tenant]):
                    hits = hybrid_search(connection, "by vectors alone", vector, 10, 0, 1)
                shares.append(len({hit.id.int for hit in hits} & people.exact(tenant, vector)) / 10)
    assert sum(shares) / len(shares) >= 0.99
