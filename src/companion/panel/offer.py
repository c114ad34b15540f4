"""What a simulator offers to a panel, found by its dotted name, and described as plain data.

`Simulator` is what the package of a simulator must have, and `Page` what its module ``page`` must.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Protocol, cast

from companion.figures.data import Chart
from companion.parameters import Parameter, ParameterError, Preset, current_preset, describe, parse


class Described(Protocol):
    """Settings: a dataclass whose fields `companion.parameters` describes."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def duration(self) -> float:
        """How much time is simulated (s)."""
        ...

    @property
    def seed(self) -> int:
        """Where every random draw comes from."""
        ...


class Outcome(Protocol):
    """What a run gives."""

    @property
    def settings(self) -> Described:
        """What was simulated."""
        ...

    @property
    def series(self) -> Mapping[str, Sequence[Any]]:
        """Columns of the same length, one row a second or step."""
        ...

    @property
    def summary(self) -> Mapping[str, float | None]:
        """What the run comes to; None is what it cannot say."""
        ...

    @property
    def totals(self) -> Mapping[str, int]:
        """What was counted over the whole run."""
        ...


class Simulator(Protocol):
    """The package of a simulator."""

    @property
    def Settings(self) -> type[Any]:
        """The class of its settings; see `Described`."""
        ...

    @property
    def PRESETS(self) -> Mapping[str, Preset[Any]]:
        """Its scenarios by name, the default first."""
        ...

    @property
    def simulate(self) -> Callable[..., Outcome]:
        """``simulate(preset_or_settings, progress=None, **overrides)``."""
        ...


class Page(Protocol):
    """The module ``page`` of a simulator: what a panel and the command line show."""

    @property
    def COMMAND(self) -> str:
        """Its name under ``companion simulate``."""
        ...

    @property
    def CAPTION(self) -> str:
        """What the summary's table is about."""
        ...

    @property
    def ROWS(self) -> Sequence[tuple[str, str, str]]:
        """The rows of that table: key in the summary, label, unit."""
        ...

    @property
    def chart(self) -> Callable[[Any], Chart]:
        """``chart(outcome)`` collects the curves."""
        ...


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
    simulator: Simulator
    page: Page
    parameters: tuple[Parameter, ...]

    def settings_of(self, preset: str, values: Mapping[str, Any]) -> Described:
        """Make settings from a preset and the values, or their texts, that differ from it.

        Raises
        ------
        companion.parameters.ParameterError
            If the preset or a parameter is unknown, or a value is out of its range.
        """
        presets = self.simulator.PRESETS
        preset = current_preset(preset, presets)
        if preset not in presets:
            raise ParameterError(f"preset = {preset!r} is not accepted: it takes {' | '.join(presets)}")
        texts = {name: as_text(value) for name, value in values.items()}
        return cast("Described", parse(self.simulator.Settings, texts, presets[preset].values))

    def renamed(self, preset: str, texts: Mapping[str, str]) -> list[str]:
        """Say what of a reader's words has another name now, a sentence each."""
        now = current_preset(preset, self.simulator.PRESETS)
        said = [] if now == preset else [f"the preset {preset} is called {now} now"]
        words = [(one, texts[one.name].strip()) for one in self.parameters if one.name in texts]
        return said + [f"{one.name} = {word} is called {one.formerly[word]} now"
                       for one, word in words if word in one.formerly]  # fmt: skip

    def simulate(self, settings: Described, **options: Any) -> Outcome:
        """Run it; `options` are those of the simulator's own ``simulate``."""
        return self.simulator.simulate(settings, **options)


@cache
def offered(name: str) -> Offer:
    """Import a simulator by its dotted name."""
    simulator = cast("Simulator", importlib.import_module(name))
    page = cast("Page", importlib.import_module(f"{name}.page"))
    return Offer(name, simulator, page, describe(simulator.Settings))


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
        "formerly": {preset.formerly: name for name, preset in offer.simulator.PRESETS.items() if preset.formerly},
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
        "formerly": dict(parameter.formerly) or None,
        "label": parameter.words,
        "when": [{name: [as_text(value) for value in few] for name, few in case.items()} for case in parameter.when],
    }
    return {key: value for key, value in full.items() if _said(value)}


def _said(value: Any) -> bool:
    return (
        value is not None and value is not False and value not in ("", (), [])
    )  # 0 may be a minimum, and equals False
