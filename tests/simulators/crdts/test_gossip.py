"""What gossip makes of lost messages, of lies, and of many updates."""

from __future__ import annotations

from typing import Any

import pytest

from companion.simulators.crdts import simulate
from companion.simulators.crdts.kinds import SETS
from companion.simulators.crdts.page import ROWS, chart
from companion.simulators.crdts.sets import ORSWOT
from companion.simulators.crdts.settings import PRESETS, TYPES

RIGHT = [name for name in TYPES if name != "naive"]

# Messages


@pytest.mark.parametrize("crdt_type", RIGHT)
def test_two_thirds_of_the_messages_may_be_lost(crdt_type: str) -> None:
    result = simulate("orswot", crdt_type=crdt_type, loss=0.67, duplicate=0.2, duration=120.0)
    assert result.summary["converged"] == 1
    assert result.series["behind"][-1] == 0
    assert result.totals["resurrected"] == 0


def test_replicas_that_never_hear_each_other_do_not_agree() -> None:
    assert simulate("orswot", loss=1.0).summary["converged"] == 0
    silent = simulate("orswot", merge_probability=0.0)
    assert silent.summary["seconds_to_converge"] is None
    assert silent.totals["bytes"] == 0


@pytest.mark.parametrize("seed", range(5))
def test_agreement_is_timed_by_the_message_that_brings_it_and_not_by_the_full_second(seed: int) -> None:
    often = {"gossip_interval": 0.05, "merge_probability": 1.0, "network_delay": 0.0}
    result = simulate("orswot", crdt_type="gcounter", n_replicas=2, seed=seed, **often)
    assert 0 < (result.summary["seconds_to_converge"] or 0) <= 0.05


def test_a_replica_that_is_cut_off_takes_updates_and_meets_the_others_afterwards() -> None:
    result = simulate("partition")
    behind = dict(zip(result.series["t"], result.series["behind"], strict=True))
    assert min(behind[second] for second in range(13, 30)) > 0
    assert result.totals["updates"] == simulate("partition", partition_active=False).totals["updates"]
    assert behind[60] == 0


# Deltas


def test_deltas_stop_when_everybody_knows_everything() -> None:
    deltas, whole = (simulate("deltas", crdt_type=kind, duration=120.0).series["bytes"] for kind in ("delta", "orswot"))
    assert deltas[-1] == deltas[100] < whole[100] < whole[-1]


# Lies


@pytest.mark.parametrize("crdt_type", ["lww", "delta", "gcounter", "pncounter"])
def test_one_liar_keeps_these_apart_for_ever(crdt_type: str) -> None:
    result = simulate("liar", crdt_type=crdt_type, duration=240.0)
    assert result.summary["distinct_final"] != 1
    assert simulate("liar", crdt_type=crdt_type, duration=240.0, liars=0).summary["converged"] == 1


def test_a_counter_believes_a_liar() -> None:
    result = simulate("liar", crdt_type="gcounter")
    assert min(result.values) > 10 * result.totals["updates"]
    assert set(simulate("liar", crdt_type="gcounter", liars=0).values) == {result.totals["updates"]}


# The offer


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_shows_what_it_says(preset: str) -> None:
    result = simulate(preset)
    assert {key for key, _, _ in ROWS} == set(result.summary)
    assert {len(column) for column in result.series.values()} == {60}
    assert chart(result).alt


def test_many_updates_take_steps_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    steps, merge = {}, ORSWOT.merge
    for operations in (250, 1000):
        seen: list[int] = []

        def counted(one: ORSWOT, other: ORSWOT, seen: list[int] = seen) -> ORSWOT:
            seen.append(1)
            return merge(one, other)

        with monkeypatch.context() as patched:
            patched.setattr(ORSWOT, "merge", counted)
            result = simulate("orswot", n_operations=operations)
        assert result.totals["updates"] > 0.9 * operations
        steps[operations] = len(seen)
    assert 0 < steps[1000] < 5 * steps[250]


def test_progress_is_told_every_second() -> None:
    told: list[int] = []
    simulate("rivals", told.append, duration=30.0)
    assert told == list(range(1, 31))


@pytest.mark.parametrize("crdt_type", SETS)
def test_a_set_has_its_summary_at_every_number_of_replicas(crdt_type: str) -> None:
    given: dict[str, Any] = {"crdt_type": crdt_type, "n_operations": 40, "gossip_interval": 0.2}
    assert all(simulate("orswot", n_replicas=n, **given).summary["converged"] == 1 for n in (2, 3, 8))
