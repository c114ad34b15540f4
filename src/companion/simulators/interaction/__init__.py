"""Interaction failures: two systems that work alone, and what happens to what passes between them.

The simulation is here; `discrepancies` and `matrix` are about real systems, `coherence`, `registry` and `contracts`
find what the simulation makes fail before it runs.

Examples
--------
>>> from companion.simulators.interaction import simulate
>>> simulate("schema_mojibake", seed=11).totals["refused"]
0
>>> simulate("coherent", seed=11).summary["delivered_share"]
1.0
"""

from __future__ import annotations

from companion.parameters import ParameterError, Preset, simulator
from companion.simulators.interaction.model import run
from companion.simulators.interaction.result import Result
from companion.simulators.interaction.settings import PRESETS, Settings

simulate = simulator(run, PRESETS)

__all__ = ["PRESETS", "ParameterError", "Preset", "Result", "Settings", "simulate"]
