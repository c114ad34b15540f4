"""What one session learns of another, and what goes on being hidden."""

from __future__ import annotations

from companion.services.tenancy.leaks import Laboratory
from companion.services.tenancy.leaks.channels import NEIGHBOURS, count_neighbours, listen, told


def test_a_function_of_the_callers_sees_the_callers_rows_only(lab: Laboratory) -> None:
    lab.renew()
    assert told("documents")(lab).what == "5 rows told, all of A"


def test_neighbours_are_lost_to_another_tenants_and_found_again_by_going_on(lab: Laboratory) -> None:
    lab.renew()
    lab.change(NEIGHBOURS)
    lost = count_neighbours()(lab)
    assert lost.leaked and lost.what.startswith("10 found, and ")
    lab.renew()
    lab.change(NEIGHBOURS)
    assert not count_neighbours("hnsw.iterative_scan = relaxed_order")(lab).leaked


def test_a_payload_without_words_tells_that_something_happened(lab: Laboratory) -> None:
    lab.renew()
    assert listen("the secret of B")(lab).leaked and not listen("7")(lab).leaked
