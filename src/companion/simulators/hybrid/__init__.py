"""Hybrid consistency: a calendar in which only what needs coordination pays for it.

Examples
--------
>>> from companion.simulators.hybrid import simulate
>>> simulate("redblue", seed=11).totals["double_bookings"]
0
>>> simulate("double_booking", seed=11).totals["double_bookings"] > 0
True
"""

from __future__ import annotations

from companion.parameters import ParameterError, Preset, simulator
from companion.simulators.hybrid.model import run
from companion.simulators.hybrid.result import Result
from companion.simulators.hybrid.settings import PRESETS, Settings

simulate = simulator(run, PRESETS)

__all__ = ["PRESETS", "ParameterError", "Preset", "Result", "Settings", "simulate"]
