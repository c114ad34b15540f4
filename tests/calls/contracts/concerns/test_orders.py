"""What leaks in which order, by runs, and by the rule that the runs follow."""

import itertools

import pytest

from companion.calls.contracts.concerns.filters import FILTERS
from companion.calls.contracts.concerns.orders import PROPERTIES, NoOrder, all_orders, judge, leaks, timed

FIVE = ("log", "limit", "auth", "unpack", "cache")


def before(order: tuple[str, ...], first: str, second: str) -> bool:
    return order.index(first) < order.index(second)


def test_a_cache_before_auth_serves_a_stranger_what_was_adas() -> None:
    assert leaks(("cache", "auth"), ("own answers",)) == {
        "own answers": "a stranger asks /balance after Ada: 200 'ada has 100'"
    }
    assert not leaks(("auth", "cache"), ("own answers",))


def test_the_log_leaks_a_token_outside_auth_and_misses_refusals_inside() -> None:
    assert "token=t-ada" in leaks(("log", "auth"))["clean log"]
    assert "401" in leaks(("auth", "log"))["all told"]


def test_a_strangers_bytes_are_unpacked_outside_auth_only() -> None:
    assert "100,000 unpacked" in leaks(("unpack", "auth"))["no bomb"]
    assert not leaks(("auth", "unpack"), ("no bomb",))


def test_a_limit_inside_auth_never_sees_a_guess() -> None:
    assert "no 429" in leaks(("auth", "limit"))["few guesses"]
    assert not leaks(("limit", "auth"), ("few guesses",))


def test_no_order_of_five_filters_keeps_all_and_each_leak_follows_its_rule() -> None:
    found = all_orders(FIVE)
    assert len(found) == 120 and all(found.values())
    for order, leaking in found.items():
        rules = {
            "own answers": before(order, "auth", "cache"),
            "few guesses": before(order, "limit", "auth"),
            "no bomb": before(order, "auth", "unpack"),
            "all told": all(before(order, "log", other) for other in ("limit", "auth", "cache")),
            "clean log": before(order, "auth", "log"),
        }
        assert set(leaking) == {name for name, kept in rules.items() if not kept}, order


def test_a_sixth_filter_leaves_two_orders_that_keep_all() -> None:
    safe = [order for order in itertools.permutations(FILTERS) if before(order, "seal", "log") and not judge(order)]
    assert {order[:4] for order in safe} == {("seal", "log", "limit", "auth")} and len(safe) == 2


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (["seal", "log", "auth", "limit", "unpack", "cache"], "few guesses: 8 tokens tried"),
        (["log", "seal", "limit", "auth", "unpack", "cache"], "clean log: the log has"),
        (["seal", "log", "limit", "cache", "auth", "unpack"], "own answers: a stranger"),
        (["seal", "log", "limit", "auth", "cache"], "missing: unpack"),
        (["seal", "log", "limit", "auth", "cache", "unpack", "log"], "stands there twice"),
        (["seal", "log", "limit", "auth", "cache", "unpack", "gzip"], "unknown: gzip"),
        ("log", "a list of names"),
        (None, "a list of names"),
    ],
)
def test_a_wrong_order_is_told_what_leaks(order: object, said: str) -> None:
    assert said in judge(order)


def test_an_unknown_filter_is_refused() -> None:
    with pytest.raises(NoOrder, match="unknown: gzip"):
        leaks(("gzip",))


def test_a_timer_inside_retries_notes_tries_and_outside_the_wait() -> None:
    assert timed(("time", "retry")) == ([3.0], 3.0)
    assert timed(("retry", "time")) == ([1.0, 1.0, 1.0], 3.0)
    assert set(PROPERTIES) == {"own answers", "few guesses", "no bomb", "all told", "clean log"}
