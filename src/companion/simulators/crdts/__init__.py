"""Conflict-free replicated data types: copies that are merged in any order, and what that does not promise.

Examples
--------
>>> from companion.simulators.crdts import simulate
>>> simulate("orswot", seed=11).summary["converged"]
1
>>> simulate("resurrection", seed=11).totals["resurrected"] > 0
True
"""

from __future__ import annotations

from companion.parameters import ParameterError, Preset, simulator
from companion.simulators.crdts.model import run
from companion.simulators.crdts.result import Result
from companion.simulators.crdts.settings import PRESETS, Settings

simulate = simulator(run, PRESETS)

__all__ = ["PRESETS", "ParameterError", "Preset", "Result", "Settings", "simulate"]
