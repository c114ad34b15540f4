"""Writes through a primary: timelines that never go back, and failovers that lose what it alone had promised."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.parameters import ParameterError
from companion.simulators.consistency import PRESETS, simulate
from companion.simulators.consistency.client import Clients
from companion.simulators.consistency.cluster import Cluster, Stored
from companion.simulators.consistency.failover import Electing, groups_of
from companion.simulators.consistency.primary import State
from companion.simulators.consistency.scans import CONFIGURATIONS, PROMISES, place

SHORT: dict[str, Any] = {"duration": 3.0, "partition_start": 1.0, "partition_seconds": 1.0, "timeout": 200.0,
                         "gossip_interval": 50.0, "network_latency": 10.0}  # fmt: skip
SEEDS = range(5)


def watched(preset: str, **values: Any) -> tuple[Clients, dict[tuple[int, int], list[Stored]]]:
    """Run, and note every 2 ms what each node holds of each key, when it is another than before."""
    chosen = PRESETS[preset].settings(**values)
    cluster = Cluster(chosen)
    clients = Clients(cluster)
    seen: dict[tuple[int, int], list[Stored]] = {}
    for moment in range(0, int(1000 * chosen.duration + 2 * chosen.timeout), 2):
        cluster.run(float(moment))
        for group in clients.groups:
            for member in group.members:
                for key, stored in member.state.values.items():
                    line = seen.setdefault((member.node, key), [])
                    if not line or line[-1] != stored:
                        line.append(stored)
    return clients, seen


def steps_back(seen: dict[tuple[int, int], list[Stored]]) -> int:
    return sum(later.version < earlier.version for line in seen.values() for earlier, later in pairwise(line))


# Timeline


@given(
    st.fixed_dictionaries(
        {
            "n_nodes": st.integers(2, 5),
            "network": st.sampled_from(["wan", "exponential", "disk"]),
            "loss": st.sampled_from([0.0, 0.2]),
            "partition_active": st.booleans(),
            "n_keys": st.integers(1, 3),
            "seed": st.integers(0, 10_000),
        }
    )
)
@settings(max_examples=40)  # each simulates a cluster
def test_a_timeline_replica_never_goes_backwards_and_all_go_the_same_way(values: dict[str, Any]) -> None:
    _, seen = watched("timeline", **SHORT, **values, cut_nodes=1, write_ratio=0.6)
    assert steps_back(seen) == 0
    values_of: dict[tuple[int, Any], set[int | None]] = {}
    for (_, key), line in seen.items():
        for stored in line:
            values_of.setdefault((key, stored.version), set()).add(stored.value)
    assert all(len(values) == 1 for values in values_of.values())


def test_while_cut_off_writes_need_their_primary_and_reads_go_on() -> None:
    result = simulate("timeline")
    given = result.settings
    failed = [one for one in result.history if one.returned is None]
    assert len(failed) > 20
    assert {one.f for one in failed} == {"write"}
    for one in failed:
        home, primary = one.client % given.n_nodes, given.n_nodes - 1 - one.key % given.n_nodes
        assert (home >= 3) != (primary >= 3)  # nodes 3 and 4 are cut off
    assert result.totals["stale_reads"] > 0
    assert PROMISES["timeline"](result)
    assert result.summary["lost_writes"] == 0


def test_replicas_that_were_cut_off_catch_up() -> None:
    clients, _ = watched("timeline", **{**SHORT, "partition_seconds": 2.0})  # when it heals nobody writes any more
    for group in clients.groups:
        assert len({one.state.version for one in group.members}) == 1


# Failover


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("write_quorum", [1, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_acknowledged_writes_are_lost_if_the_primary_alone_had_them_and_is_cut_off(
    seed: int, write_quorum: int, cut: bool
) -> None:
    result = simulate("failover", write_quorum=write_quorum, partition_active=cut, seed=seed)
    lost = result.summary["lost_writes"]
    assert lost is not None
    assert (lost > 0) == (write_quorum == 1 and cut)
    if not cut:
        assert result.summary["linearizable"] == 1
        assert result.totals["failed"] == 0


@given(
    st.fixed_dictionaries(
        {
            "n_nodes": st.integers(1, 5),
            "network": st.sampled_from(["wan", "exponential", "disk"]),
            "loss": st.sampled_from([0.0, 0.1, 0.3]),
            "partition_active": st.booleans(),
            "cut": st.integers(1, 5),
            "crash": st.booleans(),
            "seed": st.integers(0, 10_000),
        }
    )
)
@settings(max_examples=60)  # each simulates a cluster
def test_what_a_majority_holds_is_never_lost(values: dict[str, Any]) -> None:
    n, cut, crash = values["n_nodes"], values.pop("cut"), values.pop("crash")
    result = simulate(
        "failover", **SHORT, **values, write_quorum=n // 2 + 1, write_ratio=0.7, cut_nodes=min(cut, n),
        crashed_nodes=(n - 1) // 2 if crash else 0,
    )  # fmt: skip
    assert result.totals["writes"] > 0
    assert result.summary["lost_writes"] == 0


def test_a_majority_loses_nothing_and_still_reads_what_will_never_have_been() -> None:
    result = simulate("failover_majority")
    assert result.summary["lost_writes"] == 0
    assert result.totals["stale_reads"] == 0
    assert result.summary["linearizable"] == 0


@given(
    st.fixed_dictionaries(
        {
            "n_nodes": st.integers(1, 5),
            "network": st.sampled_from(["wan", "exponential", "disk"]),
            "loss": st.sampled_from([0.0, 0.1, 0.3]),
            "cut": st.integers(1, 5),
            "crash": st.booleans(),
            "n_keys": st.integers(1, 2),
            "seed": st.integers(0, 10_000),
        }
    )
)
def test_a_primary_that_confirms_itself_before_each_read_is_linearizable(values: dict[str, Any]) -> None:
    n, cut, crash = values["n_nodes"], values.pop("cut"), values.pop("crash")
    result = simulate(
        "failover_confirmed", **SHORT, **values, write_quorum=n // 2 + 1, cut_nodes=min(cut, n),
        crashed_nodes=(n - 1) // 2 if crash else 0,
    )  # fmt: skip
    assert result.totals["reads"] > 0
    assert result.summary["linearizable"] == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_old_primary_goes_on_answering_unless_it_confirms_itself_and_pays_a_round_for_it(seed: int) -> None:
    sure, quick = simulate("failover_confirmed", seed=seed), simulate("failover_majority", seed=seed)
    assert (sure.summary["linearizable"], quick.summary["linearizable"]) == (1, 0)
    assert (sure.summary["read_p50"] or 0) > 1.8 * (quick.summary["read_p50"] or 0)


def test_what_is_rolled_back_goes_backwards() -> None:
    _, alone = watched("failover", **SHORT, n_keys=100)
    assert steps_back(alone) > 0


def test_the_larger_side_goes_on_with_a_new_primary_and_the_smaller_stops() -> None:
    result = simulate("failover")
    given = result.settings
    late = [one for one in result.history if 15_000 < one.begun < 19_000]  # the election is over
    for side in (False, True):
        answered = {one.returned is not None for one in late if (one.client % given.n_nodes >= 3) == side}
        assert answered == {not side}


def test_another_takes_over_from_a_primary_that_crashed() -> None:
    clients, _ = watched("failover", **SHORT, partition_active=False, crashed_nodes=1)
    (group,) = clients.groups
    living = group.members[:-1]
    assert {one.term for one in living} == {2}
    assert {one.primary for one in living} <= {0, 1, 2, 3}
    assert clients.records[-1].returned is not None


@pytest.mark.parametrize("write_ratio", [0.0, 0.3])
def test_a_node_that_was_cut_off_deposes_nobody_on_its_return(write_ratio: float) -> None:
    clients, _ = watched("failover", **SHORT, n_nodes=3, cut_nodes=2, write_ratio=write_ratio)  # the primary's majority
    (group,) = clients.groups
    assert [(one.term, one.primary) for one in group.members] == [(1, 2)] * 3


def test_an_impatient_node_convinces_nobody_who_hears_of_the_primary() -> None:
    cluster = Cluster(PRESETS["failover"].settings(**SHORT, n_nodes=3, cut_nodes=1))
    (group,) = groups_of(cluster)
    assert isinstance(group, Electing)
    for moment in range(0, 900, 2):
        cluster.run(float(moment))
        group.voices[0].due = 0.0
    assert group.voices[0].votes == {0}  # it stood, and has its own vote alone
    assert [(one.term, one.primary) for one in group.members] == [(1, 2)] * 3


@pytest.mark.parametrize("seed", range(20))
def test_a_term_has_one_primary_however_many_stand(seed: int) -> None:
    given = PRESETS["failover"].settings(**{**SHORT, "network_latency": 30.0}, n_nodes=5, crashed_nodes=1, seed=seed)
    cluster = Cluster(given)
    clients = Clients(cluster)
    (group,) = clients.groups
    led: dict[int, set[int]] = {}
    for moment in range(0, 3000, 2):
        cluster.run(float(moment))
        for member in group.members:
            if member.leads:
                led.setdefault(member.term, set()).add(member.node)
    assert len(led) > 1
    assert all(len(nodes) == 1 for nodes in led.values())


@pytest.mark.parametrize("seed", range(20))
def test_whoever_missed_a_write_of_the_majority_is_not_elected(seed: int) -> None:
    busy = {"n_clients": 12, "think_time": 5.0, "write_ratio": 0.8, "loss": 0.5}
    result = simulate("failover", **SHORT, **busy, n_nodes=3, cut_nodes=1, write_quorum=2, seed=seed)
    assert result.totals["writes"] > 0
    assert result.summary["lost_writes"] == 0


def test_an_old_primary_that_comes_back_is_told_so_and_forgets_what_it_had_not_acknowledged() -> None:
    cluster = Cluster(PRESETS["failover"].settings(n_nodes=3, partition_active=False, write_quorum=2, cut_nodes=1))
    (group,) = groups_of(cluster)
    moved, new, old = group.members
    acknowledged: list[int | None] = []

    def answer(found: int | None) -> bool:
        acknowledged.append(found)
        return True

    group.ask(old.node, 0, 7, answer)
    cluster.run(10.0)  # it has the write, and nobody else
    assert len(old.waiting) == 1
    for member in (moved, new):
        member.term, member.primary = 2, new.node
    group.told(moved, old, 1, old.state)
    assert (moved.primary, moved.state) == (new.node, State())
    cluster.run(200.0)
    assert (old.leads, old.term, old.waiting, acknowledged) == (False, 2, [], [])


# Placed by measurement


@pytest.mark.parametrize("seed", SEEDS)
def test_a_timeline_measures_as_pnuts_and_a_failover_as_mongodb_was_placed(seed: int) -> None:
    pnuts = place(CONFIGURATIONS["primary, nearest read"], seed=seed)
    assert (pnuts.letters, pnuts.promise, pnuts.kept, pnuts.linearizable) == ("PC/EL", "timeline", True, False)
    assert pnuts.latency < 10 < 40 < pnuts.write_latency  # its L is that of reads
    mongo = place(CONFIGURATIONS["primary alone, failover"], seed=seed)
    assert (mongo.letters, mongo.promise, mongo.kept) == ("PA/EC", "linearizable", False)
    assert mongo.answered < 1  # A, for it breaks its promise, and not since it answers everything


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_every_configuration_keeps_its_promise_while_nothing_breaks(name: str) -> None:
    for seed in SEEDS:
        assert place({**CONFIGURATIONS[name], "partition_active": False}, seed=seed).kept


def test_more_acknowledgements_than_nodes_are_refused_in_one_line() -> None:
    with pytest.raises(ParameterError, match="write_quorum = 4 is not accepted: with n_nodes = 3 it takes up to 3"):
        simulate("failover", n_nodes=3, write_quorum=4)


def test_nobody_counts_lost_writes_where_there_is_no_primary() -> None:
    assert simulate("one", duration=2.0).summary["lost_writes"] is None
