"""Replicas, quorums and clocks: what each level of consistency costs, and what it gives up.

Examples
--------
>>> from companion.simulators.consistency import simulate
>>> simulate("partition", seed=11).summary["linearizable"]
1
>>> simulate("partition_one", seed=11).summary["stale_read_rate"] > 0.1
True
"""

from __future__ import annotations

from companion.parameters import ParameterError, Preset, simulator
from companion.simulators.consistency.model import run
from companion.simulators.consistency.result import Result
from companion.simulators.consistency.settings import PRESETS, Settings

simulate = simulator(run, PRESETS)

__all__ = ["PRESETS", "ParameterError", "Preset", "Result", "Settings", "simulate"]
