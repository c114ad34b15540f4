"""A plan that is kept has the tenant of whoever was there when it was made."""

from __future__ import annotations

from companion.services.tenancy.leaks import Laboratory
from companion.services.tenancy.leaks.bound import BODIES, IMMUTABLE, TITLES, first_wrong_execution


def test_a_function_marked_immutable_is_wrong_from_the_twelfth_execution_on(lab: Laboratory) -> None:
    lab.renew()
    lab.change(IMMUTABLE)
    assert first_wrong_execution(lab, TITLES) == 12, (
        "five are not prepared, five planned anew, and the next plan is kept"
    )
    assert first_wrong_execution(lab, BODIES) == 7, "without a parameter there is nothing to plan anew for"
    assert first_wrong_execution(lab, TITLES, prepare_threshold=0) == 7
    assert first_wrong_execution(lab, TITLES, prepare_threshold=None) is None, "nothing is prepared, and none is kept"
    lab.change("alter function tenant() stable")
    assert first_wrong_execution(lab, TITLES) is None
