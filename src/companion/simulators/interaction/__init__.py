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

from collections.abc import Callable
from typing import Any

from companion.parameters import ParameterError, Preset, chosen
from companion.simulators.interaction.model import run
from companion.simulators.interaction.result import Result
from companion.simulators.interaction.settings import PRESETS, Settings


def simulate(
    preset: str | Settings = "metadata_mismatch", progress: Callable[[int], object] | None = None, **overrides: Any
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
