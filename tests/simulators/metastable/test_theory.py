"""The simulator agrees with what is known without simulating."""

from __future__ import annotations

from typing import Any

import pytest

from companion.simulators.metastable import PRESETS, Result, Settings, simulate, theory


def plain_queue(**values: Any) -> Result:
    """Run a queue whose callers are patient and never retry; a server's rate is 10/s, so that 0.1 s is one unit."""
    return simulate(Settings(pattern="constant", max_retries=0, timeout=600.0, base_latency=0.1, **values))


def mean_wait(result: Result) -> float:
    """Mean wait in the queue, in units of the mean service time."""
    latency = result.summary["whole_mean_latency"]
    assert latency is not None
    return (latency - 0.1) * 10


def test_the_mean_wait_of_one_server_is_rho_over_one_minus_rho() -> None:
    result = plain_queue(server_capacity=1, load=8.0, duration=12_500.0, seed=1)
    expected = theory.mm1_wait(0.8, 1.0)
    assert expected == pytest.approx(4.0)
    error = theory.mm1_relative_error(0.8, result.totals["answered"])
    assert error == pytest.approx(0.035, abs=0.0005)
    assert mean_wait(result) == pytest.approx(expected, rel=3 * error)


def test_the_mean_wait_of_ten_servers_is_erlangs() -> None:
    assert theory.mmc_wait(10, 7.0, 1.0) == pytest.approx(0.07391, abs=5e-6)
    expected = theory.mmc_wait(10, 8.0, 1.0)  # at this load the mean of a million waits scatters least: by 2.7 %
    runs = [plain_queue(server_capacity=10, load=80.0, duration=2_500.0, seed=seed) for seed in range(5)]
    answered = sum(run.totals["answered"] for run in runs)
    assert answered > 990_000
    pooled = sum(mean_wait(run) * run.totals["answered"] for run in runs) / answered
    assert pooled == pytest.approx(expected, rel=0.05)


def test_the_probability_of_waiting_is_erlang_c() -> None:
    expected = theory.erlang_c(10, 9.0)
    assert expected == pytest.approx(0.6687, abs=5e-5)
    runs = [plain_queue(server_capacity=10, load=90.0, duration=5_000.0, seed=seed) for seed in range(2)]
    waited = sum(run.totals["queued"] for run in runs) / sum(run.totals["attempts"] for run in runs)
    assert waited == pytest.approx(expected, rel=0.02)


def test_a_bounded_queue_loses_what_the_birth_death_chain_says() -> None:
    expected = theory.mmck_loss(10, 12.0, 1.0, 30)
    assert expected == pytest.approx(0.1686, abs=5e-5)
    # The loss is the difference of two rates, so it scatters: by 0.7 % even over a million arrivals.
    runs = [
        plain_queue(server_capacity=10, load=120.0, queue_bound=20, duration=3_000.0, seed=seed) for seed in range(3)
    ]
    loss = sum(run.totals["refused"] for run in runs) / sum(run.totals["attempts"] for run in runs)
    assert loss == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(("failure", "retries"), [(0.1, 3), (0.5, 3), (0.9, 1)])
def test_retries_of_one_layer_make_a_geometric_sum_of_attempts(failure: float, retries: int) -> None:
    played = theory.simulate_layers(failure, retries, 1, requests=200_000)
    assert played.attempts == pytest.approx(theory.retry_attempts(failure, retries), rel=0.01)
    assert played.success == pytest.approx(theory.retry_success(failure, retries), rel=0.01)


def test_nested_retries_are_one_long_run_and_not_a_product() -> None:
    nested, one = theory.nested_attempts(0.5, 3, 3), theory.retry_attempts(0.5, 3)
    assert nested == pytest.approx(2.0, abs=1e-9)
    assert one**3 == pytest.approx(6.6, abs=0.05)
    assert theory.simulate_layers(0.5, 3, 3, requests=100_000).attempts == pytest.approx(nested, rel=0.01)


def test_nested_retries_multiply_when_the_leaf_always_fails() -> None:
    assert theory.nested_attempts(1.0, 3, 3) == 64
    assert theory.nested_attempts(1 - 1e-9, 3, 3) == pytest.approx(64, rel=1e-6)
    assert theory.simulate_layers(1.0, 3, 3, requests=10).attempts == 64


@pytest.mark.parametrize("servers", [1, 2, 10])
def test_a_queue_without_spare_capacity_has_no_mean_wait(servers: int) -> None:
    assert theory.mmc_wait(servers, float(servers), 1.0) == float("inf")
    assert theory.mm1_wait(1.0, 1.0) == float("inf")
    assert theory.erlang_c(servers, float(servers)) == 1.0


def test_erlangs_wait_of_one_server_is_that_of_the_simple_queue() -> None:
    assert theory.mmc_wait(1, 0.8, 1.0) == pytest.approx(theory.mm1_wait(0.8, 1.0))
    assert theory.erlang_c(1, 0.8) == pytest.approx(0.8)


@pytest.mark.parametrize("clients", [90, 130, 180, 240])
@pytest.mark.parametrize("base", [0.0, 2.0])
def test_a_closed_crowd_is_stuck_where_the_formula_says(clients: int, base: float) -> None:
    settings = PRESETS["closed_outage_jitter"].settings(client_count=clients, backoff_base=base, duration=600.0)
    timeout, think = settings.timeout, settings.think_time
    stuck = theory.closed_loop_stuck(
        clients, settings.max_retries, timeout, think, theory.mean_backoffs(settings), settings.capacity
    )
    assert (simulate(settings).goodput_per_s < 1) == stuck


@pytest.mark.parametrize("bound", [50, 150, 1000])
@pytest.mark.parametrize("retries", [0, 1, 3])
@pytest.mark.parametrize("load", [15.0, 20.0, 45.0, 80.0])
def test_a_collapse_persists_where_the_formula_says(load: float, retries: int, bound: int) -> None:
    result = simulate("collapse", load=load, max_retries=retries, queue_bound=bound, seed=3)
    persists = theory.collapse_persists(load, result.settings.capacity, retries, result.settings.timeout, bound)
    assert result.goodput_per_s == pytest.approx(0 if persists else load, abs=0.05 * load if persists else 0.1 * load)


def test_the_vulnerable_region_runs_from_a_share_of_the_capacity_to_all_of_it() -> None:
    assert theory.vulnerable_region(100, 3) == (25, 100)
    assert theory.vulnerable_region(100, 0) == (100, 100)


def test_the_forms_of_a_queue_by_hand() -> None:
    """One server, and two, small enough for pencil and paper."""
    assert theory.mm1_wait(3.0, 4.0) == pytest.approx(0.75)
    assert theory.mm1_relative_error(0.5, 1250) == pytest.approx(2 * ((2 + 2.5 - 1 + 0.125) / 625) ** 0.5)
    assert theory.erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert theory.mmc_wait(2, 4.0, 4.0) == pytest.approx(1 / 12)
    assert theory.mmck_loss(1, 6.0, 3.0, 2) == pytest.approx(4 / 7)
    assert theory.mmck_loss(2, 2.0, 2.0, 3) == pytest.approx((1 / 4) / (1 + 1 + 1 / 2 + 1 / 4))


def test_retries_by_hand() -> None:
    assert theory.retry_attempts(0.5, 2) == pytest.approx(1 + 1 / 2 + 1 / 4)
    assert theory.retry_success(0.5, 2) == pytest.approx(7 / 8)
    assert theory.retry_attempts(0.0, 5) == 1
    assert theory.nested_attempts(0.5, 1, 2) == pytest.approx(1 + 1 / 2 + 1 / 4 + 1 / 8)
    assert theory.nested_attempts(0.5, 1, 0) == 1


def test_layers_whose_leaf_never_fails_are_called_once_and_another_seed_draws_anew() -> None:
    assert theory.simulate_layers(0.0, 3, 3, requests=50) == theory.Layers(1.0, 1.0)
    assert theory.simulate_layers(1.0, 0, 1, requests=50) == theory.Layers(1.0, 0.0)
    drawn = [theory.simulate_layers(0.5, 3, 1, requests=2000, seed=seed) for seed in (1, 2, 2)]
    assert drawn[0] != drawn[1] == drawn[2]


def test_a_full_queue_outlasts_patience_only_beyond_it() -> None:
    assert theory.queue_outlasts_patience(None, 100.0, 1e9)
    assert theory.queue_outlasts_patience(201, 100.0, 2.0)
    assert not theory.queue_outlasts_patience(200, 100.0, 2.0)


def test_a_collapse_needs_both_an_overload_of_retries_and_a_queue_longer_than_patience() -> None:
    assert theory.collapse_persists(26.0, 100.0, 3, 1.0, 150)
    assert not theory.collapse_persists(25.0, 100.0, 3, 1.0, 150)
    assert not theory.collapse_persists(26.0, 100.0, 3, 1.0, 100)
    assert theory.collapse_persists(26.0, 100.0, 3, 1.0, None)


@pytest.mark.parametrize(("policy", "total"), [("immediate", 0.0), ("backoff", 1 + 2 + 3), ("full_jitter", 3.0)])
def test_delays_double_up_to_their_cap_and_jitter_halves_their_mean(policy: str, total: float) -> None:
    settings = Settings(policy=policy, backoff_base=1.0, backoff_cap=3.0, max_retries=3)
    assert theory.mean_backoffs(settings) == pytest.approx(total)


def test_closed_clients_send_as_often_as_their_round_allows() -> None:
    """Four tries of 2 s, 3 s of thinking and 1 s of pauses: four attempts in 12 s from each of 30."""
    assert theory.closed_attempts(30, 3, 2.0, 3.0, 1.0) == pytest.approx(10)
    assert theory.closed_loop_stuck(30, 3, 2.0, 3.0, 1.0, capacity=9.99)
    assert not theory.closed_loop_stuck(30, 3, 2.0, 3.0, 1.0, capacity=10.0)


def test_a_backlog_drains_by_what_all_tries_leave_of_the_capacity() -> None:
    assert theory.drain_seconds(900, load=10.0, capacity=100.0, retries=3) == pytest.approx(900 / 60)
    assert theory.drain_seconds(900, load=10.0, capacity=100.0, retries=0) == pytest.approx(10.0)
    for load in (25.0, 30.0):  # four tries each take all that there is, or more
        assert theory.drain_seconds(1, load, capacity=100.0, retries=3) == float("inf")


def test_refusals_that_cost_a_servers_share_of_all_tries_take_all() -> None:
    assert theory.dearest_refusal(servers=10, load=70.0, retries=3) == pytest.approx(10 / 280)
    assert theory.dearest_refusal(servers=10, load=70.0, retries=0) == pytest.approx(1 / 7)


def test_at_full_load_every_arrival_waits() -> None:
    assert theory.erlang_c(10, 10.0) == 1.0
    assert theory.erlang_c(1, 0.25) == pytest.approx(0.25)
