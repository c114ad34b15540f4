"""Counters."""

from __future__ import annotations

import pytest

from companion.simulators.crdts.counters import GCounter


def test_a_counter_that_only_grows_refuses_to_shrink() -> None:
    with pytest.raises(ValueError, match="PN-Counter"):
        GCounter().add("A", -1)
