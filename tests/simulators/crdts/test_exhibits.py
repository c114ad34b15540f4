"""What each type promises, what it costs, and what no merge can do: on scenes small enough to be read."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest

from companion.simulators.crdts import PRESETS, simulate
from companion.simulators.crdts.counters import GCounter
from companion.simulators.crdts.registers import LWWMap, MVRegister
from companion.simulators.crdts.sets import ORSWOT, NaiveORSet, ORSet
from companion.simulators.crdts.spec import encoded
from companion.simulators.crdts.text import RGA, FractionText, typed
from companion.simulators.crdts.tombstones import comes_back

CHURN = 10_000


@pytest.mark.parametrize(("kind", "back"), [(NaiveORSet, True), (ORSet, False), (ORSWOT, False)])
def test_who_has_not_heard_of_a_removal_brings_the_naive_element_back(kind: Any, back: bool) -> None:
    a = kind().add("A", "x")
    b = kind().merge(a)
    a = a.remove("x").merge(b)
    assert ("x" in a.value) is back


@pytest.mark.parametrize("kind", [ORSet, ORSWOT])
def test_two_shoppers_remove_the_same_item_and_it_stays_away(kind: Any) -> None:
    cart = kind().add("A", "milk")
    one, other = kind().merge(cart).remove("milk"), kind().merge(cart).remove("milk")
    assert one.merge(other).value == other.merge(one).value == frozenset()


@pytest.mark.parametrize("kind", [ORSet, ORSWOT])
def test_an_addition_wins_over_a_removal_that_did_not_see_it(kind: Any) -> None:
    cart = kind().add("A", "milk")
    removed, added = cart.remove("milk"), kind().merge(cart).add("B", "milk")
    assert removed.merge(added).value == added.merge(removed).value == {"milk"}


def test_a_register_keeps_rivals_and_a_map_loses_one() -> None:
    one, other = MVRegister().put("A", "ann"), MVRegister().put("B", "bob")
    both = one.merge(other)
    assert both.value == ("ann", "bob")
    assert both.put("A", "ann").merge(other).value == ("ann",)
    assert LWWMap().put("A", "10:00", "ann").merge(LWWMap().put("B", "10:00", "bob")).value == {"10:00": "bob"}


def test_a_counter_that_only_grows_refuses_to_shrink() -> None:
    with pytest.raises(ValueError, match="PN-Counter"):
        GCounter().add("A", -1)


def test_fractions_interleave_what_two_people_typed_and_rga_does_not() -> None:
    merged = {}
    for kind in (FractionText, RGA):
        one, other = typed(kind(), "A", 0, "milk"), typed(kind(), "B", 0, "EGGS")
        assert one.merge(other).value == other.merge(one).value
        merged[kind] = one.merge(other).value
    assert merged[RGA] in ("milkEGGS", "EGGSmilk")
    assert "milk" not in merged[FractionText]
    assert "EGGS" not in merged[FractionText]


# Bytes


def churned(pairs: int) -> tuple[ORSet, ORSWOT]:
    tombstones = ORSet({}, frozenset(("A", number) for number in range(1, pairs + 1)), {"A": pairs})
    return tombstones, ORSWOT({"A": pairs})


def test_churn_leaves_what_the_constructors_say() -> None:
    grave, empty = ORSet(), ORSWOT()
    for _ in range(50):
        grave, empty = grave.add("A", "x").remove("x"), empty.add("A", "x").remove("x")
    assert (grave.tombstones, empty) == (churned(50)[0].tombstones, churned(50)[1])


def test_tombstones_grow_without_end_and_an_emptied_orswot_does_not() -> None:
    grave, empty = churned(CHURN)
    dots = sorted(map(list, grave.tombstones))
    full = ORSWOT({"A": CHURN}, frozenset(), {str(n): frozenset({("A", n + 1)}) for n in range(CHURN)})
    sizes = {"tombstones": dots, "orswot": empty.plain(), "state": full.plain()}
    assert {name: len(encoded(plain)) for name, plain in sizes.items()} == {
        "tombstones": 128_894,
        "orswot": 18,
        "state": 227_800,
    }
    assert {name: len(msgpack.packb(plain)) for name, plain in sizes.items()} == {
        "tombstones": 59_621,
        "orswot": 8,
        "state": 118_518,
    }
    delta = full.remove_delta("17").plain()
    assert len(encoded(delta)) <= 45
    assert len(encoded(dots)) > 1000 * len(encoded(empty.plain()))
    assert len(encoded(full.plain())) > 1000 * len(encoded(delta))
    half = sorted(map(list, churned(CHURN // 2)[0].tombstones))
    assert len(encoded(dots)) == pytest.approx(2 * len(encoded(half)), rel=0.03)


# Tombstones that are forgotten


def test_forgetting_early_resurrects_and_never_forgetting_does_not() -> None:
    assert sum(comes_back(seed, collects=True) for seed in range(500)) >= 490
    assert not any(comes_back(seed, collects=False) for seed in range(500))


def test_seen_by_all_is_not_yet_stable_unless_links_keep_their_order() -> None:
    def wrong(collect: str, *, fifo: bool) -> int:
        given: dict[str, Any] = {"collect": collect, "fifo": fifo, "n_operations": 60, "network_delay": 2.0}
        runs = (simulate("early_collection", seed=seed, **given) for seed in range(40))
        return sum(run.summary["resurrected_most"] != 0 for run in runs)

    assert wrong("seen", fifo=False) > 0
    assert wrong("seen", fifo=True) == 0
    assert wrong("stable", fifo=False) == 0


# Gossip


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
