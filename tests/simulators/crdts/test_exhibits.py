"""The scenes of the chapter: who resurrects, who agrees, what merging loses and what gossip costs."""

from __future__ import annotations

from typing import Any

import pytest

from companion.simulators.crdts import PRESETS, simulate


def test_seen_by_all_is_not_yet_stable_unless_links_keep_their_order() -> None:
    def wrong(collect: str, *, fifo: bool) -> int:
        given: dict[str, Any] = {"collect": collect, "fifo": fifo, "n_operations": 60, "network_delay": 2.0}
        runs = (simulate("early_collection", seed=seed, **given) for seed in range(40))
        return sum(run.summary["resurrected_most"] != 0 for run in runs)

    assert wrong("seen", fifo=False) > 0
    assert wrong("seen", fifo=True) == 0
    assert wrong("stable", fifo=False) == 0


@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "liar"])
def test_honest_replicas_agree_in_the_end(preset: str) -> None:
    result = simulate(preset)
    assert result.summary["converged"] == 1
    assert result.totals["updates"] > 0
    assert simulate(preset).series == result.series


def test_only_the_naive_set_and_forgotten_tombstones_resurrect() -> None:
    back = {name for name in PRESETS if simulate(name).totals["resurrected"]}
    assert back == {"resurrection", "early_collection"}


def test_a_liar_keeps_replicas_apart_for_ever() -> None:
    assert simulate("liar", duration=300.0).summary["converged"] == 0
    assert simulate("liar", liars=0).summary["converged"] == 1


def test_convergence_loses_one_of_two_bookings() -> None:
    result = simulate("double_booking")
    assert result.summary["converged"] == 1
    assert result.totals["lost_writes"] > 0
    assert simulate("double_booking", partition_active=False, gossip_interval=0.05, network_delay=0.0,
                    merge_probability=1.0).totals["lost_writes"] < result.totals["lost_writes"]  # fmt: skip


def test_who_talks_more_agrees_sooner_and_sends_more() -> None:
    slow, fast = simulate("slow_gossip"), simulate("fast_gossip")
    assert (fast.summary["seconds_to_converge"] or 0) < (slow.summary["seconds_to_converge"] or 0)
    assert fast.totals["bytes"] > 10 * slow.totals["bytes"]


def test_deltas_send_less_than_states_and_end_the_same() -> None:
    given: dict[str, Any] = {"n_elements": 1000, "n_operations": 400, "gossip_interval": 0.2}
    whole, deltas = simulate("orswot", **given), simulate("deltas", **given)
    assert deltas.summary["converged"] == whole.summary["converged"] == 1
    assert deltas.totals["bytes"] < whole.totals["bytes"]


def test_duplicates_and_disorder_change_nothing() -> None:
    for crdt_type in ("orswot", "tombstones", "delta", "lww", "pncounter", "register"):
        result = simulate("orswot", crdt_type=crdt_type, duplicate=0.5, network_delay=2.0)
        assert result.summary["converged"] == 1
        assert result.totals["resurrected"] == 0
