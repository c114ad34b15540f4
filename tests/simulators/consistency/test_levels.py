"""What clients see at each level: when all is well, during a partition, after a crash, while nodes are replaced."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.history import check
from companion.parameters import ParameterError, describe
from companion.simulators.consistency import PRESETS, Settings, simulate
from companion.simulators.consistency.scans import Pair, during_partition


@pytest.fixture(scope="module")
def cut() -> dict[str, Pair]:
    return during_partition()


def test_a_majority_goes_on_in_the_larger_part_and_stays_linearizable(cut: dict[str, Pair]) -> None:
    strong = cut["majority"].cut
    assert strong.summary["linearizable"] == 1
    assert strong.totals["stale_reads"] == 0
    assert all(done > 30 for done in strong.series["done"][5:10])
    assert sum(strong.series["failed"][5:10]) > 10


def test_what_is_answered_is_a_share_of_a_healthy_run_and_not_of_what_is_asked(cut: dict[str, Pair]) -> None:
    majority = cut["majority"]
    done, failed = (sum(majority.cut.series[what][5:10]) for what in ("done", "failed"))
    assert majority.answered == pytest.approx(4 / 6, abs=0.06)  # the clients who live on the larger side
    assert done / (done + failed) > majority.answered + 0.1
    assert cut["one"].answered == pytest.approx(1, abs=0.1)


def test_all_or_nothing_is_nothing_while_nodes_are_cut_off(cut: dict[str, Pair]) -> None:
    assert cut["all"].cut.series["done"][5:10] == [0] * 5
    assert cut["all"].cut.series["done"][11] > 30


@pytest.mark.parametrize("level", ["one", "one+gossip"])
def test_one_replica_answers_always_and_answers_with_the_past(cut: dict[str, Pair], level: str) -> None:
    assert cut[level].cut.totals["failed"] == 0
    assert cut[level].stale > 0.2
    assert cut[level].cut.summary["linearizable"] == 0


def test_a_stale_answer_stays_stale_unless_somebody_repairs_it() -> None:
    given: dict[str, Any] = {"partition_start": 2.0, "partition_seconds": 3.0, "n_keys": 200, "duration": 30.0}
    late = {}
    for level in ("one", "one+gossip"):
        result = simulate("partition_gossip", consistency_level=level, **given)
        late[level] = sum(share or 0 for share in result.series["stale"][10:20])
    assert late["one"] > 0.05
    assert late["one+gossip"] == 0


def test_hints_repair_what_a_partition_left_behind() -> None:
    given: dict[str, Any] = {"partition_start": 2.0, "partition_seconds": 3.0, "n_keys": 200, "duration": 30.0}
    result = simulate("hinted_handoff", **given)
    assert result.totals["hints"] > 0
    assert sum(share or 0 for share in result.series["stale"][10:20]) == 0


def test_a_sloppy_quorum_answers_during_a_partition_and_is_stale_though_r_and_w_overlap() -> None:
    sloppy, strict = simulate("sloppy_quorum"), simulate("partition")
    assert sloppy.settings.quorums == strict.settings.quorums == (3, 3)
    assert sloppy.totals["failed"] < strict.totals["failed"]
    assert sloppy.totals["stale_reads"] > 50
    assert strict.totals["stale_reads"] == 0


def test_five_of_five_dies_with_one_node_and_three_of_five_survives_two() -> None:
    assert simulate("one_crash").series["done"][12:] == [0] * 18
    assert simulate("two_crashes").totals["failed"] <= 6


def test_replacing_all_nodes_at_once_loses_writes_and_joint_quorums_do_not() -> None:
    assert simulate("membership").summary["linearizable"] == 0
    for seed in range(5):
        assert simulate("joint", seed=seed).summary["linearizable"] == 1


def test_waiting_out_the_uncertainty_of_clocks_buys_their_order() -> None:
    hasty, patient = simulate("uncertain_clocks"), simulate("commit_wait")
    assert hasty.summary["linearizable"] == 0
    assert patient.summary["linearizable"] == 1
    uncertainty = patient.settings.clock_uncertainty
    assert (
        min(one.ended - one.begun for one in patient.history if one.f == "write" and one.ended)
        >= 2 * uncertainty - 1e-9
    )


def test_the_presets_of_the_pair_of_reads_are_what_they_say() -> None:
    assert simulate("lone_read").summary["linearizable"] == 0
    assert simulate("lone_read").totals["stale_reads"] == 0
    assert simulate("abd").summary["linearizable"] == 1
    skewed = simulate("clock_skew")
    assert skewed.totals["read_your_writes_broken"] > 0


def test_a_read_beside_a_write_is_not_stale() -> None:
    """Another client wrote meanwhile: that is concurrency, and the article counted it."""
    calm = simulate("majority", n_keys=1, write_ratio=0.5, think_time=0.0)
    assert calm.totals["stale_reads"] == 0


@given(
    st.fixed_dictionaries(
        {
            "n_nodes": st.integers(1, 5),
            "loss": st.sampled_from([0.0, 0.1, 0.3]),
            "partition_active": st.booleans(),
            "clock_skew": st.sampled_from([0.0, 100.0]),
            "n_keys": st.integers(1, 2),
            "write_ratio": st.floats(0, 1),
            "seed": st.integers(0, 10_000),
        }
    )
)
@settings(max_examples=60)  # each simulates a cluster and judges its history
def test_abd_is_linearizable_whatever_is_lost_or_cut(values: dict[str, Any]) -> None:
    result = simulate(
        "abd", **values, duration=1.0, partition_start=0.3, partition_seconds=0.3, timeout=50.0, cut_nodes=1,
        crashed_nodes=0,
    )  # fmt: skip
    assert result.summary["linearizable"] == 1


@pytest.mark.parametrize("preset", PRESETS)
def test_the_same_seed_gives_the_same_run_and_the_counts_add_up(preset: str) -> None:
    first, second = simulate(preset, duration=3.0), simulate(preset, duration=3.0)
    assert first.series == second.series
    assert first.summary == second.summary
    totals = first.totals
    assert totals["reads"] + totals["writes"] + totals["failed"] == totals["operations"] == len(first.history)
    assert sum(first.series["done"]) == totals["reads"] + totals["writes"]


def test_the_histories_verdict_is_the_checkers() -> None:
    result = simulate("lone_read")
    history = [one.operation for one in result.history if one.f == "write" or one.returned is not None]
    assert check(history).linearizable is False


def test_quorums_beyond_the_cluster_are_refused_in_one_line() -> None:
    with pytest.raises(ParameterError, match=r"read_quorum = 4 is not accepted: with n_nodes = 3 it takes up to 3"):
        Settings(consistency_level="custom", n_nodes=3, read_quorum=4, cut_nodes=1)
    with pytest.raises(ParameterError, match="crashed_nodes = 6"):
        simulate("majority", crashed_nodes=6)


def test_an_endless_run_is_refused_in_one_line() -> None:
    still = {"network_latency": 0.0, "base_latency": 0.0}
    with pytest.raises(ParameterError, match=r"think_time = 0 ms is not accepted: together they take 0\.1 ms or more"):
        simulate("majority", **still, think_time=0.0)
    with pytest.raises(ParameterError, match="1e-300"):
        simulate("majority", **still, think_time=1e-300)
    assert simulate("abd", **still, think_time=0.0, duration=1.0).summary["linearizable"] == 1


def test_a_single_copy_is_linearizable_and_cannot_lose_two_nodes() -> None:
    assert simulate("majority", n_nodes=1, write_ratio=0.5, n_keys=1).summary["linearizable"] == 1
    with pytest.raises(ParameterError, match="cut_nodes = 2 is not accepted: with n_nodes = 1 it takes up to 1"):
        simulate("partition", n_nodes=1)


OTHER: dict[str, Any] = {"read_quorum": 4, "write_quorum": 4, "confirm_reads": True, "cut_nodes": 4,
                         "partition_seconds": 1.0, "gossip_interval": 30.0, "read_repair": "async",
                         "membership": "unsafe", "versions": "query", "clock_skew": 40.0,
                         "network_latency": 3.0}  # fmt: skip


@pytest.mark.parametrize("preset", ["majority", "all", "timeline", "failover", "abd", "lone_read"])
def test_a_setting_that_the_panel_hides_does_nothing(preset: str) -> None:
    settings = PRESETS[preset].settings(duration=2.0)
    hidden = [one.name for one in describe(Settings) if one.name in OTHER and not one.applies(vars(settings))]
    before = simulate(settings).summary
    for name in hidden:
        assert simulate(settings, **{name: OTHER[name]}).summary == before, name
    assert "read_quorum" in hidden
