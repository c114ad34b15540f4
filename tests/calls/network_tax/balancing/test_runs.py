"""Who gets the calls, by counts on real servers."""

from __future__ import annotations

import pytest

from companion.calls.network_tax.balancing.runs import (
    Spread,
    behind_balancer,
    by_client,
    one_joins,
    one_returns,
    one_stops,
)


def test_one_channel_through_a_balancer_of_connections_reaches_one_server() -> None:
    assert behind_balancer(60) == Spread((60, 0, 0), connections=1, errors=0)


def test_ten_channels_with_the_same_options_share_one_connection() -> None:
    assert behind_balancer(60, channels=10) == Spread((60, 0, 0), connections=1, errors=0)


def test_channels_with_a_pool_of_their_own_have_connections_of_their_own() -> None:
    assert behind_balancer(27, channels=9, own_pool=True) == Spread((9, 9, 9), connections=9, errors=0)


def test_pick_first_stays_with_the_first_address() -> None:
    assert by_client("pick_first", 60) == Spread((60, 0, 0), connections=1, errors=0)


def test_round_robin_deals_out_calls() -> None:
    spread = by_client("round_robin", 60)
    assert spread.about == (20, 20, 20)
    assert (spread.connections, spread.errors) == (3, 0)


def test_round_robin_goes_on_without_a_server_that_stopped() -> None:
    spread = one_stops(60)
    assert spread.about == (30, 0, 30)
    assert (sum(spread.calls), spread.errors) == (60, 0)


def test_a_server_that_returns_to_its_address_is_used_again() -> None:
    spread = one_returns()
    assert spread.calls[1] > 0
    assert spread.errors == 0


def test_a_server_that_joins_behind_the_balancer_gets_nothing() -> None:
    assert one_joins(None, 60) == Spread((60, 0, 0), connections=1, errors=0)


def test_connections_that_grow_old_bring_calls_to_a_server_that_joins() -> None:
    spread = one_joins(max_age_ms=200, calls=10)
    assert spread.calls[2] > 0
    assert spread.connections >= 3
    assert spread.errors == 0


@pytest.mark.parametrize(("calls", "about"), [((149, 0, 151), (150, 0, 150)), ((300, 0, 0), (300, 0, 0))])
def test_a_spread_is_told_to_the_nearest_ten(calls: tuple[int, ...], about: tuple[int, ...]) -> None:
    assert Spread(calls, 1, 0).about == about
