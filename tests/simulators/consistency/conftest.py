"""Configurations that several files measure."""

from __future__ import annotations

import pytest

from companion.simulators.consistency.scans import CONFIGURATIONS, Placement, place


@pytest.fixture(scope="session")
def placed() -> dict[str, Placement]:
    return {name: place(values) for name, values in CONFIGURATIONS.items()}
