"""Three layers of real gRPC in front of a database that is down."""

from __future__ import annotations

import os
import subprocess
import sys

import grpc
import pytest

from companion.calls.network_tax.retries.closed_forms import database_calls, throttled_calls
from companion.calls.network_tax.retries.layers import RetriesError, Storm, service_config, storm


@pytest.mark.parametrize("attempts", [(1, 1, 1), (3, 2, 2), (4, 3, 3), (4, 2, 1)])
def test_the_database_gets_the_product_of_the_attempts(attempts: tuple[int, int, int]) -> None:
    first, second, third = attempts
    assert storm(attempts) == Storm((first, first * second, first * second * third), ("UNAVAILABLE",))
    assert database_calls(attempts) == first * second * third


def test_a_status_that_nobody_retries_leaves_the_tries_of_the_layer_that_gives_it() -> None:
    seen = storm((4, 3, 3), b_answers=grpc.StatusCode.INTERNAL)
    assert seen == Storm((1, 1, 3), ("INTERNAL",))
    assert seen.database == database_calls((4, 3, 3), stops=2)


def test_push_back_stops_the_layer_that_hears_it_and_no_other() -> None:
    assert storm((4, 3, 3), pushback=True).calls == (4, 12, 12)


@pytest.mark.parametrize(("attempts", "tokens"), [((4, 3, 3), 10), ((2, 2, 2), 6)])
def test_a_budget_of_tokens_does_what_the_walk_says(attempts: tuple[int, int, int], tokens: int) -> None:
    assert storm(attempts, 5, throttle=(tokens, 0.1)).database == throttled_calls(attempts, 5, tokens)


def test_a_hundred_requests_with_a_budget_are_109_calls() -> None:
    assert storm((4, 3, 3), 100, throttle=(10, 0.1)).database == throttled_calls((4, 3, 3), 100, 10) == 109


def test_grpc_makes_five_attempts_of_nine_and_warns() -> None:
    lines = [
        "from companion.calls.network_tax.retries import layers",
        "layers.GRPC_MOST = 9",
        "print(layers.storm((1, 1, 9)).database)",
    ]
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "GRPC_VERBOSITY": "ERROR"},
        stdin=subprocess.DEVNULL,
    )
    assert ran.stdout == "5\n"
    assert "clamped retryPolicy.maxAttempts at 5" in ran.stderr


@pytest.mark.parametrize("attempts", [0, 6, -1])
def test_attempts_that_grpc_does_not_make_are_refused(attempts: int) -> None:
    with pytest.raises(RetriesError, match=f"{attempts} attempts: 1 to 5 were expected"):
        service_config(attempts)


def test_another_number_of_layers_is_refused() -> None:
    with pytest.raises(RetriesError, match="2 layers"):
        storm((3, 2))
