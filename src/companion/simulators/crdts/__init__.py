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

from collections.abc import Callable
from typing import Any

from companion.parameters import ParameterError, Preset, chosen
from companion.simulators.crdts.model import run
from companion.simulators.crdts.result import Result
from companion.simulators.crdts.settings import PRESETS, Settings


def simulate(
    preset: str | Settings = "orswot", progress: Callable[[int], object] | None = None, **overrides: Any
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
