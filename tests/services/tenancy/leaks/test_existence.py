"""Two outcomes are compared: of something of B's, and of something that nobody has."""

from __future__ import annotations

from companion.services.tenancy.leaks import Laboratory
from companion.services.tenancy.leaks.existence import INSERT, UNIQUE, UNIQUE_IN_TENANT, compared


def test_a_duplicate_tells_by_its_error_and_the_error_hides_the_value(lab: Laboratory) -> None:
    lab.renew()
    lab.change(UNIQUE)
    assert compared(INSERT, "title")(lab).what == "UniqueViolation, or 1 row"
    lab.change(UNIQUE_IN_TENANT)
    assert compared(INSERT, "title")(lab).what == "1 row, either way"


def test_an_attempt_leaves_no_row(lab: Laboratory) -> None:
    lab.renew()
    compared(INSERT, "title")(lab)
    assert lab.ask("select count(*) from documents") == 12
