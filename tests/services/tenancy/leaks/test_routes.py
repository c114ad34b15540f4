"""Each route of the laboratory leaks, or is stopped, as it is told; and with its cure none leaks."""

from __future__ import annotations

import pytest

from companion.services.tenancy.leaks import ROUTES, Laboratory, Route, told

STOPPED = {
    "a query without WHERE", "' or 1=1 --", "COPY ... TO STDOUT", "row_security = off", "DELETE", "pg_stats",
    "a function of A's in WHERE", "1 / 0 in WHERE", "the same UPDATE, with a WHERE",
}  # fmt: skip
"""What the policy alone stops."""

INCURABLE = {"EXPLAIN", "the size in pg_class"}
"""What leaks to whoever can run SQL of their own, whatever one does."""

NAMES = [route.name for route in ROUTES]


def named(name: str) -> Route:
    (route,) = [route for route in ROUTES if route.name == name]
    return route


def test_no_two_routes_have_one_name_and_each_fits_its_line() -> None:
    assert len(set(NAMES)) == len(NAMES) and set(NAMES) >= STOPPED | INCURABLE
    assert max(map(len, NAMES)) <= 41 and max(len(route.remedy) for route in ROUTES) <= 39


@pytest.mark.parametrize("name", NAMES)
def test_a_route_leaks_unless_the_policy_stops_it(lab: Laboratory, name: str) -> None:
    seen = lab.run(named(name))
    assert seen.leaked is (name not in STOPPED), seen.what


@pytest.mark.parametrize("name", [name for name in NAMES if name not in STOPPED | INCURABLE])
def test_with_its_cure_it_leaks_no_more(lab: Laboratory, name: str) -> None:
    seen = lab.run(named(name), cured=True)
    assert not seen.leaked, seen.what


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
def test_what_leaks_has_a_cure_or_is_known_to_have_none(route: Route) -> None:
    assert bool(route.cure or route.careful) is bool(route.remedy)
    assert bool(route.remedy) is (route.name not in STOPPED | INCURABLE)


def test_a_run_leaves_nothing_to_the_next_one(lab: Laboratory) -> None:
    plain = named("a query without WHERE")
    before = lab.run(plain)
    for name in ("the owner, without FORCE", "a second permissive policy", "TRUNCATE"):
        lab.run(named(name))
    lab.run(named("the same, with an index on the tenant"), cured=True)  # which takes set_config from everybody
    assert lab.run(plain) == before


def test_what_is_told_of_a_route_is_what_was_seen(lab: Laboratory) -> None:
    routes = (named("a query without WHERE"), named("a view of a superuser"))
    first, second, third = told(lab, routes)
    assert first == "holds a query without WHERE                     5 rows, all of A"
    assert second == "LEAKS a view of a superuser                     7 rows of B"
    assert third == "  holds security_invoker = true                 5 rows, all of A"
