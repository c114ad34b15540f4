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

from collections.abc import Callable
from typing import Any

from companion.parameters import ParameterError, Preset, chosen
from companion.simulators.hybrid.model import run
from companion.simulators.hybrid.result import Result
from companion.simulators.hybrid.settings import PRESETS, Settings


def simulate(
    preset: str | Settings = "redblue", progress: Callable[[int], object] | None = None, **overrides: Any
) -> Result:
    """Run a scenario.

    Parameters
    ----------
    preset : str or Settings
        The name of one of `PRESETS`, or settings of your own.
    progress : callable, optional
        Told after each simulated second how many there have been.
    **overrides
        Parameters by name that differ from the preset's.

    Raises
    ------
    companion.parameters.ParameterError
        If a name is unknown or a value is out of its range.
    """
    return run(chosen(preset, PRESETS, overrides), progress)


__all__ = ["PRESETS", "ParameterError", "Preset", "Result", "Settings", "simulate"]
