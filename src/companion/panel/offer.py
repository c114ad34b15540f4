"""What a simulator offers to a panel, found by its dotted name, and described as plain data.

The package of the simulator must have ``Settings`` (a class described by `companion.parameters`), ``PRESETS`` (by name;
each with ``help`` and ``values``) and ``simulate(settings, progress=...)``. A module ``page`` within it must have
``COMMAND`` (its name under ``companion simulate``), ``chart(result)`` (a `companion.figures.Chart`), and for the
summary's table ``CAPTION`` and ``ROWS`` (key, label and unit).
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from companion.parameters import Parameter, ParameterError, describe, parse


@dataclass(frozen=True)
class Offer:
    """A simulator as a panel sees it.

    Attributes
    ----------
    name : str
        The dotted name of its package.
    simulator, page : module
        The package, and its module ``page``.
    parameters : tuple of Parameter
        In the order in which they are written.
    """

    name: str
    simulator: Any
    page: Any
    parameters: tuple[Parameter, ...]

    def settings_of(self, preset: str, values: Mapping[str, Any]) -> Any:
        """Make settings from a preset and the values, or their texts, that differ from it.

        Raises
        ------
        companion.parameters.ParameterError
            If the preset or a parameter is unknown, or a value is out of its range.
        """
        presets = self.simulator.PRESETS
        if preset not in presets:
            raise ParameterError(f"preset = {preset!r} is not accepted: it takes {' | '.join(presets)}")
        texts = {name: as_text(value) for name, value in values.items()}
        return parse(self.simulator.Settings, texts, presets[preset].values)


def offered(name: str) -> Offer:
    """Import a simulator by its dotted name."""
    simulator = importlib.import_module(name)
    return Offer(name, simulator, importlib.import_module(f"{name}.page"), describe(simulator.Settings))


def as_text(value: Any) -> str:
    """Write a value as it stands in an address, a control or after ``-p``; `Parameter.parse` reads it back."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def described(offer: Offer) -> dict[str, Any]:
    """Describe parameters and presets as plain data, every value as its text."""
    return {
        "module": offer.name,
        "command": offer.page.COMMAND,
        "parameters": [_parameter(parameter) for parameter in offer.parameters],
        "presets": {
            name: {"help": preset.help, "values": {key: as_text(value) for key, value in preset.values.items()}}
            for name, preset in offer.simulator.PRESETS.items()
        },
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    full = {
        "name": parameter.name,
        "kind": parameter.kind.__name__,
        "default": as_text(parameter.default),
        "help": parameter.help,
        "range": parameter.range,
        "unit": parameter.unit,
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "choices": parameter.choices,
        "optional": parameter.optional,
        "useful": parameter.useful,
        "step": parameter.step if parameter.useful else None,
        "group": parameter.group,
    }
    return {key: value for key, value in full.items() if _said(value)}


def _said(value: Any) -> bool:
    return value is not None and value is not False and value not in ("", ())  # 0 may be a minimum, and equals False
