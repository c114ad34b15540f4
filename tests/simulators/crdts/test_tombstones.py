"""Tombstones that are forgotten."""

from __future__ import annotations

from companion.simulators.crdts.tombstones import comes_back


def test_forgetting_early_resurrects_and_never_forgetting_does_not() -> None:
    assert sum(comes_back(seed, collects=True) for seed in range(500)) >= 490
    assert not any(comes_back(seed, collects=False) for seed in range(500))
