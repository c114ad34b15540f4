"""Probabilistically bounded staleness, as in the paper."""

from __future__ import annotations

import pytest

from companion.simulators.consistency.pbs import t_visibility


@pytest.mark.parametrize(
    ("network", "time", "share"), [("ssd", 0.0, 0.974), ("disk", 0.0, 0.439), ("disk", 10.0, 0.925)]
)
def test_reads_become_fresh_as_fast_as_in_the_pbs_paper(network: str, time: float, share: float) -> None:
    assert t_visibility(network, [time])[0] == pytest.approx(share, abs=0.01)
