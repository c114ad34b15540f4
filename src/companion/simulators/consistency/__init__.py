"""Replicas, quorums and clocks: what each level of consistency costs, and what it gives up.

Examples
--------
>>> from companion.simulators.consistency import simulate
>>> simulate("partition", seed=11).summary["linearizable"]
1
>>> simulate("partition_weak", seed=11).summary["stale_read_rate"] > 0.1
True
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from companion.parameters import ParameterError, Preset, chosen
from companion.simulators.consistency.model import run
from companion.simulators.consistency.result import Result
from companion.simulators.consistency.settings import PRESETS, Settings


def simulate(
    preset: str | Settings = "strong", progress: Callable[[int], object] | None = None, **overrides: Any
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
