"""Metastable failures: a service that a short disturbance pushes into a collapse which outlives it.

Examples
--------
>>> from companion.simulators.metastable import simulate
>>> simulate("collapse", seed=11).goodput_per_s
0.0
>>> 65 < simulate("recovers", seed=11).goodput_per_s < 75
True
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from companion.parameters import ParameterError, Preset, chosen
from companion.simulators.metastable import engine as heap_engine
from companion.simulators.metastable.result import Result
from companion.simulators.metastable.settings import PRESETS, Settings

ENGINES = ("heap", "simpy")


def simulate(
    preset: str | Settings = "collapse",
    engine: str = "heap",
    progress: Callable[[int], object] | None = None,
    **overrides: Any,
) -> Result:
    """Run a scenario.

    Parameters
    ----------
    preset : str or Settings
        The name of one of `PRESETS`, or settings of your own.
    engine : {"heap", "simpy"}
        The fast engine, or the model that the chapter teaches; the two are statistically equal.
    progress : callable, optional
        Told after each simulated second how many there have been.
    **overrides
        Parameters by name that differ from the preset's.

    Raises
    ------
    companion.parameters.ParameterError
        If a name is unknown or a value is out of its range.
    """
    settings = chosen(preset, PRESETS, overrides)
    if engine == "heap":
        return heap_engine.run(settings, progress)
    if engine == "simpy":
        from companion.simulators.metastable import model

        return model.run(settings, progress)
    raise ParameterError(f"engine = {engine!r} is not accepted: it takes {' | '.join(ENGINES)}")


__all__ = ["ENGINES", "PRESETS", "ParameterError", "Preset", "Result", "Settings", "simulate"]
