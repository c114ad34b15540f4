"""What a policy forgets, seen in the rows themselves and not only in the verdict."""

from __future__ import annotations

import psycopg
import pytest

from companion.services.tenancy.leaks import Laboratory
from companion.services.tenancy.leaks.policies import B_ROWS, CHECKED, UNCHECKED


def test_rows_given_away_are_gone_for_who_gave_them(lab: Laboratory) -> None:
    lab.renew()
    lab.change(UNCHECKED)
    with lab.request() as connection:
        assert connection.execute(lab.filled("update documents set tenant_id = '{B}'").encode()).rowcount == 5
        assert connection.execute("select count(*) from documents").fetchone() == (0,)
    assert lab.ask(B_ROWS) == 12


@pytest.mark.parametrize("more", [" where title <> ''", " returning id"])
def test_an_update_that_reads_is_held_to_the_policy_for_reading(lab: Laboratory, more: str) -> None:
    lab.renew()
    lab.change(UNCHECKED)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), lab.request() as connection:
        connection.execute(lab.filled(f"update documents set tenant_id = '{{B}}'{more}").encode())


def test_without_a_check_of_its_own_a_policy_checks_what_it_shows(lab: Laboratory) -> None:
    lab.renew()
    lab.change(CHECKED)
    for statement in (
        "insert into documents (tenant_id, title, body) values ('{B}', '', '')",
        "update documents set tenant_id = '{B}'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as error, lab.request() as connection:
            connection.execute(lab.filled(statement).encode())
        assert "DETAIL" not in str(error.value), "the row is not shown in the error"
