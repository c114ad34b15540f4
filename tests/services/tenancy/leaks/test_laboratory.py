"""The laboratory is a database of its own, with roles of its own, and nothing of it is left behind."""

from __future__ import annotations

import pytest

from companion.services.database import Server, connect
from companion.services.tenancy.leaks import Laboratory, Route, open_laboratory
from companion.services.tenancy.leaks.laboratory import BYPASSES, OWNS, SERVICE, SUPERUSER, query, seen_in

THERE = "select datname from pg_database union all select rolname from pg_roles order by 1"


def test_nothing_of_it_is_left_behind(server: Server, service: str) -> None:
    with connect(server.address) as connection:
        before = connection.execute(THERE.encode()).fetchall()
        with pytest.raises(ZeroDivisionError), open_laboratory(server.address) as lab:
            lab.renew()
            assert len(connection.execute(THERE.encode()).fetchall()) == len(before) + 5
            _ = 1 / 0
        assert connection.execute(THERE.encode()).fetchall() == before


def test_two_laboratories_stand_on_one_server(server: Server, lab: Laboratory) -> None:
    with open_laboratory(server.address) as other:
        other.renew()
        lab.renew()
        assert {other.a, other.b}.isdisjoint({lab.a, lab.b})
        assert other.ask("select count(*) from documents where tenant_id = '{B}'") == 7


@pytest.mark.parametrize(("role", "bound"), [(SERVICE, True), (OWNS, True), (SUPERUSER, False), (BYPASSES, False)])
def test_its_roles_really_log_in_and_are_bound_or_not(lab: Laboratory, role: str, bound: bool) -> None:
    lab.renew()
    lab.change("grant usage on schema laboratory to public; grant select on documents to public")
    with lab.request(role=role) as connection:
        who = connection.execute("select session_user = current_user").fetchone()
        rows = connection.execute("select body from documents").fetchall()
    assert who == (True,) and len(rows) == (5 if bound else 12)


def test_rows_are_counted_by_whose_they_are() -> None:
    assert seen_in([("the secret of B",), ("a page of A",)]).what == "1 row of B"
    assert seen_in([("the secret of B",)] * 2).what == "2 rows of B"
    assert seen_in([("a page of A",)] * 2).what == "2 rows, all of A"
    assert seen_in([(None,), (1,)]).what == seen_in([]).what == "no row"


def test_what_postgresql_refuses_is_no_leak_and_is_named(lab: Laboratory) -> None:
    refused = lab.run(Route("", query("select * from pg_authid")))
    assert not refused.leaked and refused.what == "refused: InsufficientPrivilege"
