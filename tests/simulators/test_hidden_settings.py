"""What a panel hides does nothing: whatever a hidden setting is set to, the run is the same."""

from __future__ import annotations

from typing import Any

import pytest

from companion.panel.offer import Offer, offered
from companion.parameters import Parameter
from companion.simulators.commands import simulators

SHORT: dict[str, dict[str, Any]] = {
    "metastable": {"duration": 40.0, "spike_start": 10.0, "ramp_step_seconds": 2.0},
    "consistency": {"duration": 5.0, "partition_start": 2.0, "partition_seconds": 2.0},
    "hybrid": {"duration": 12.0, "partition_start": 3.0, "partition_seconds": 5.0},
    "crdts": {"duration": 20.0, "partition_start": 5.0, "partition_seconds": 5.0},
    "interaction": {"duration": 20.0},
}
"""What makes a run short, and lets all that happens in it happen early."""

OFFERS = {name: offered(f"companion.simulators.{name}") for name in simulators()}


def other(described: Parameter, value: Any) -> Any:
    """Give another value that is accepted, far from the one that is set."""
    if described.choices:
        return next(word for word in described.choices if word != value)
    if described.kind is bool:
        return not value
    assert described.useful is not None, f"{described.name} needs a useful range"
    return described.kind(max(described.useful, key=lambda end: abs(end - (value or 0))))


def hidden(offer: Offer, settings: Any) -> dict[str, Any]:
    """List what the panel would not show, with another value for each."""
    return {
        one.name: other(one, getattr(settings, one.name)) for one in offer.parameters if not one.applies(vars(settings))
    }


CASES = [
    (name, preset)
    for name, offer in OFFERS.items()
    for preset in offer.simulator.PRESETS
    if hidden(offer, offer.settings_of(preset, {}))
]


@pytest.mark.parametrize(("name", "preset"), CASES)
def test_a_setting_that_the_panel_hides_changes_nothing(name: str, preset: str) -> None:
    offer = OFFERS[name]
    short = SHORT[name]
    settings = offer.settings_of(preset, short)
    changed = hidden(offer, settings)
    plain, altered = offer.simulate(settings), offer.simulate(offer.settings_of(preset, short | changed))
    assert (altered.summary, altered.totals) == (plain.summary, plain.totals), changed
