"""A setting can be changed within a statement: by which forms depends on the policy, and with a ticket by none."""

from __future__ import annotations

from companion.services.tenancy.leaks import FORMS, Laboratory, forms_that_leak
from companion.services.tenancy.leaks.laboratory import TENANT
from companion.services.tenancy.leaks.settings import INDEXED, LOGINS, ROLES, TICKETS, by_login, by_role

BOTH_EQUAL = "create policy ticket on documents as restrictive using (tenant_id = (select private.tenant()))"


def test_of_thirteen_forms_the_bare_policy_stops_the_one_that_reads_all_rows_first(lab: Laboratory) -> None:
    lab.renew()
    assert len(FORMS) == 13 and set(FORMS) - set(forms_that_leak(lab)) == {"GROUP BY"}


def test_a_subselect_stops_those_that_come_after_its_one_computation(lab: Laboratory) -> None:
    lab.renew()
    lab.change(f"alter policy tenant on documents using (tenant_id = (select {TENANT}))")
    assert forms_that_leak(lab) == ["WHERE", "LIMIT", "WITH", "JOIN", "UNION", "ts_stat"]


def test_the_ticket_stops_all_and_shows_its_own_rows(lab: Laboratory) -> None:
    lab.renew()
    TICKETS.ask_for(lab)
    assert forms_that_leak(lab, TICKETS.request) == []
    with TICKETS.request(lab) as connection:
        assert connection.execute("select count(*) from documents").fetchone() == (5,)
    with lab.request() as connection:
        assert connection.execute("select count(*) from documents").fetchone() == (0,), "no ticket, no rows"


def test_a_ticket_that_the_planner_may_exchange_for_the_setting_stops_less(lab: Laboratory) -> None:
    lab.renew()
    TICKETS.ask_for(lab)
    lab.change(f"drop policy ticket on documents; {BOTH_EQUAL}")
    assert len(forms_that_leak(lab, TICKETS.request)) == 9
    lab.change(INDEXED)
    assert forms_that_leak(lab, TICKETS.request) == ["WITH", "JOIN"]


def test_an_index_stops_those_that_come_after_its_key_was_computed(lab: Laboratory) -> None:
    lab.renew()
    lab.change(INDEXED)
    assert forms_that_leak(lab) == ["LIMIT", "WITH", "JOIN", "UNION", "ts_stat"]


def test_logins_stop_all_and_roles_of_one_login_do_not(lab: Laboratory) -> None:
    lab.renew()
    lab.change(LOGINS)
    assert forms_that_leak(lab, by_login) == []
    lab.renew()
    lab.change(ROLES)
    assert forms_that_leak(lab, by_role) == [], "these forms change the setting, which no policy reads any more"
