"""A cache without the tenant in its key serves other tenants' answers, as many as the closed form says."""

from __future__ import annotations

import pytest

from companion.services.tenancy.breaches.cache import Asked, foreign_share, serve


@pytest.mark.parametrize("tenants", [1, 2, 10, 50])
def test_the_share_of_foreign_answers_is_that_of_the_closed_form(tenants: int) -> None:
    served = serve(lambda one: one.question, tenants=tenants)
    assert 0.7 < served.hits < 0.95
    assert served.foreign == pytest.approx(foreign_share(served.hits, tenants), abs=0.01)


def test_with_the_tenant_in_the_key_there_is_none_and_fewer_hits() -> None:
    blind, seeing = (
        serve(key, tenants=10) for key in (lambda one: one.question, lambda one: (one.tenant, one.question))
    )
    assert seeing.foreign == 0 < blind.foreign and seeing.hits < blind.hits


def test_with_room_for_all_the_hits_return() -> None:
    served = serve(lambda one: (one.tenant, one.question), tenants=10, kept=1000)
    assert served.foreign == 0 and served.hits > 0.95


def test_the_same_seed_asks_the_same() -> None:
    assert serve(_all, tenants=3, seed=5) == serve(_all, tenants=3, seed=5) != serve(_all, tenants=3, seed=6)


def _all(one: Asked) -> Asked:
    return one
