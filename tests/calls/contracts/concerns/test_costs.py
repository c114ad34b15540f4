"""What is measured is what it says: counts repeat, and every figure has its bare call."""

import sys

import pytest

from companion.calls.contracts.concerns import costs


def test_one_log_line_runs_more_functions_than_all_the_rest() -> None:
    counted = costs.counts()
    assert (counted["bare"], counted["auth, timing"]) == (1, 3)
    assert counted["one log line"] > 10 * counted["auth, timing"]
    assert counted["ASGI, 3 BaseHTTPMiddleware"] > 100 * counted["ASGI, 3 pure"]
    assert costs.counts() == counted


def test_a_request_through_no_middleware_runs_four_functions() -> None:
    assert costs.asgi_functions("pure", 0) == 4  # ask, the application, and send twice


def test_counting_leaves_no_profiler_behind() -> None:
    before = sys.getprofile()
    with pytest.raises(PermissionError):
        costs.functions_called(lambda: costs.with_auth(costs.balance)("t-no"))
    assert sys.getprofile() is before


def test_the_decorators_do_what_they_say() -> None:
    seconds = [0.0]
    assert costs.with_timing(costs.balance, seconds)("t-ada") == 100 and seconds[0] > 0
    logger = costs.a_logger()
    costs.with_log(costs.balance, logger)("t-ada")
    stream = logger.handlers[0].stream  # type: ignore[attr-defined]
    assert stream.getvalue().endswith("INFO concerns balance: 100\n")


def test_each_figure_is_a_time_and_stands_beside_its_bare_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "CALLS", dict.fromkeys(costs.CALLS, 10))
    found = costs.costs()
    assert all(cost >= 0 for cost in found.values())
    assert set(costs.added(found)) == {name for name in found if not name.endswith("bare")}
    assert len(found) == 13
