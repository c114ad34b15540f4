"""What a parameter is: name, unit, range, default and help, described once.

A settings class is a frozen dataclass whose fields are made with `parameter`. From that one description come the
check when an object is made, the command line's ``-p KEY=VALUE``, the widgets of a notebook and the panel of a page.

Standard library only: the models of the simulators import this, and they also run inside a web page.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from companion.errors import CompanionError

Settings = TypeVar("Settings")
Result = TypeVar("Result")


class ParameterError(CompanionError, ValueError):
    """A parameter was given a name or value that its description does not allow."""


@dataclass(frozen=True)
class Parameter:
    """The description of one field of a settings class.

    Attributes
    ----------
    name : str
        The field's name, the same on the command line, in the address of a page and in files.
    kind : type
        One of `bool`, `int`, `float` and `str`.
    default : object
        The value when nobody gives one.
    help : str
        One sentence for the reader.
    unit : str
        Such as ``s`` or ``requests/s``; empty for a plain number or a choice.
    minimum, maximum : float or None
        The accepted range, both ends included.
    choices : tuple of str
        The accepted words, for a field that holds one of a few.
    useful : (float, float) or None
        Where most values of interest lie: what a slider spans. Any accepted value can still be typed.
    group : str
        The heading under which a panel keeps it; what has none is shown first.
    optional : bool
        Whether ``none`` is a value.
    formerly : mapping of str to str
        Words that once stood for a choice, and the words that do now; the old ones stay accepted.
    label : str
        What a panel calls it; the name in words if nobody says.
    when : tuple of mapping
        In which cases it does something, each a mapping of other parameters to the values that they must have; empty
        if it always does. A panel hides what does nothing.
    """

    name: str
    kind: type
    default: Any
    help: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    optional: bool = False
    useful: tuple[float, float] | None = None
    group: str = ""
    formerly: Mapping[str, str] = dataclasses.field(default_factory=dict)
    label: str = ""
    when: tuple[Mapping[str, tuple[Any, ...]], ...] = ()

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Whether it does something, given the values of the other parameters."""
        return not self.when or any(all(values[name] in few for name, few in case.items()) for case in self.when)

    @property
    def words(self) -> str:
        """What to call it before a reader."""
        return self.label or self.name.replace("_", " ")

    @property
    def step(self) -> float:
        """What one move of a slider adds: about a hundredth of the useful range, and a round number."""
        if self.useful is None or self.kind is int:
            return 1
        rough = (self.useful[1] - self.useful[0]) / 100
        power: float = 10.0 ** math.floor(math.log10(rough))
        digit = next(digit for digit in (1, 2, 5, 10) if digit * power >= rough * 0.99)
        return float(f"{digit * power:.6g}")

    @property
    def range(self) -> str:
        """The accepted values in words, such as ``1 to 1000 requests/s``."""
        if self.choices:
            words = " | ".join(self.choices)
        elif self.kind is bool:
            words = "true | false"
        elif self.maximum is None:
            words = "any" if self.minimum is None else f"{self.minimum:.12g} or more"
        else:
            words = f"{self.minimum:.12g} to {self.maximum:.12g}"
        words = f"{words} {self.unit}".rstrip()
        return f"{words}, or none" if self.optional else words

    def current(self, value: Any) -> Any:
        """Give the word of today for a word that once stood for a choice, and anything else as it is."""
        return self.formerly.get(value, value) if isinstance(value, str) else value

    def check(self, value: Any) -> None:
        """Raise `ParameterError` unless `value` is of the right kind and within the range."""
        if value is None and self.optional:
            return
        right_kind = (isinstance(value, self.kind) and not (isinstance(value, bool) and self.kind is not bool)) or (
            self.kind is float and type(value) is int
        )
        within = right_kind and (
            (not self.choices or value in self.choices)
            and (not isinstance(value, float) or math.isfinite(value))
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
        )
        if not within:
            raise ParameterError(f"{self.name} = {value!r} is not accepted: it takes {self.range}")

    def parse(self, text: str) -> Any:
        """Turn the text of a command line or an address into a checked value."""
        word = self.current(text.strip())
        value: Any = word
        if self.optional and word.lower() == "none":
            return None
        if self.kind is bool:
            value = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
                word.lower(), word
            )
        elif self.kind is not str:
            try:
                value = self.kind(word)
            except ValueError:
                raise ParameterError(f"{self.name} = {word!r} is not accepted: it takes {self.range}") from None
        self.check(value)
        return value


def parameter(
    default: Any,
    help: str,
    *,
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    useful: tuple[float, float] | None = None,
    group: str = "",
    label: str = "",
    when: Mapping[str, tuple[Any, ...]] | tuple[Mapping[str, tuple[Any, ...]], ...] = (),
    formerly: Mapping[str, str] | None = None,
) -> Any:
    """Make a dataclass field that carries its own description (see `Parameter` for the meaning of each)."""
    metadata = {"help": help, "unit": unit, "minimum": minimum, "maximum": maximum, "choices": choices,
                "useful": useful, "group": group, "label": label,
                "when": when if isinstance(when, tuple) else (when,), "formerly": formerly or {}}  # fmt: skip
    return dataclasses.field(default=default, metadata=metadata)


def describe(settings: type) -> tuple[Parameter, ...]:
    """List the parameters of a settings class in the order in which they are written."""
    kind: Any = settings  # every class can be hashed, which mypy does not know
    return _described(kind)


@functools.cache
def _described(settings: Any) -> tuple[Parameter, ...]:
    hints = typing.get_type_hints(settings)
    described = []
    for field in dataclasses.fields(settings):
        kind, optional = hints[field.name], False
        if isinstance(kind, types.UnionType):
            optional = type(None) in kind.__args__
            kind = next(arg for arg in kind.__args__ if arg is not type(None))
        described.append(Parameter(field.name, kind, field.default, optional=optional, **field.metadata))
    return tuple(described)


def check(settings: Any) -> None:
    """Check every field of a settings object; meant to be called from ``__post_init__``."""
    for described in describe(type(settings)):
        given = getattr(settings, described.name)
        value = described.current(given)
        if value != given:
            _warn(f"{described.name} = {given}", value)
            object.__setattr__(settings, described.name, value)
        described.check(value)


def parse(settings: type[Settings], texts: Mapping[str, str], base: Mapping[str, Any] | None = None) -> Settings:
    """Make a settings object from texts.

    Parameters
    ----------
    settings : type
        A settings class.
    texts : mapping of str to str
        What the reader typed, by parameter name.
    base : mapping of str to object, optional
        Values (of a preset) that the texts override.

    Raises
    ------
    ParameterError
        If a name is unknown or a value is out of its range.
    """
    known = {described.name: described for described in describe(settings)}
    values = dict(base or {})
    for name, text in texts.items():
        if name not in known:
            raise ParameterError(f"{name} is no parameter here: there are {', '.join(known)}")
        values[name] = known[name].parse(text)
    return settings(**values)


def settings_from(settings: type[Settings], values: Mapping[str, Any]) -> Settings:
    """Make a settings object from names and values; an unknown name is a `ParameterError` that lists the known ones."""
    known = [described.name for described in describe(settings)]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ParameterError(f"{unknown[0]} is no parameter here: there are {', '.join(known)}")
    return settings(**values)


@dataclass(frozen=True)
class Preset(Generic[Settings]):
    """A scenario that a chapter argues with.

    Attributes
    ----------
    kind : type
        The settings class of its simulator.
    help : str
        One sentence for the reader.
    values : mapping of str to object
        What differs from the defaults.
    formerly : str
        What it was called once, if it had another name; that stays accepted.
    """

    kind: type[Settings]
    help: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    formerly: str = ""

    def settings(self, **overrides: Any) -> Settings:
        """Make the settings, some of them overridden."""
        return settings_from(self.kind, {**self.values, **overrides})


def chosen(preset: str | Settings, presets: Mapping[str, Preset[Settings]], overrides: Mapping[str, Any]) -> Settings:
    """Make the settings that a call of ``simulate`` asks for.

    Parameters
    ----------
    preset : str or settings
        The name of a preset, or settings of the caller's own.
    presets : mapping of str to Preset
        What the simulator offers.
    overrides : mapping of str to object
        Values that differ from those.

    Raises
    ------
    ParameterError
        If a name is unknown or a value is out of its range.
    """
    if not isinstance(preset, str):
        return settings_from(type(preset), {**vars(preset), **overrides})
    name = current_preset(preset, presets)
    if name != preset:
        _warn(f"the preset {preset}", name)
    if name not in presets:
        raise ParameterError(f"{name} is no preset here: there are {', '.join(presets)}")
    return presets[name].settings(**overrides)


def current_preset(name: str, presets: Mapping[str, Preset[Settings]]) -> str:
    """Give today's name of a preset that once had another, and any other name as it is."""
    return next((new for new, preset in presets.items() if preset.formerly == name and name not in presets), name)


def _warn(old: str, new: str) -> None:
    warnings.warn(f"{old} is called {new} now", DeprecationWarning, stacklevel=4)


def simulator(
    run: Callable[[Settings, Callable[[int], object] | None], Result], presets: Mapping[str, Preset[Settings]]
) -> Callable[..., Result]:
    """Make the function ``simulate`` of a simulator; its first preset is the default.

    Parameters
    ----------
    run : callable
        Runs settings, and tells its second argument after each simulated second how many there have been.
    presets : mapping of str to Preset
        What the simulator offers.
    """
    first = next(iter(presets))

    def simulate(
        preset: str | Settings = first, progress: Callable[[int], object] | None = None, **overrides: Any
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
        return run(chosen(preset, presets, overrides), progress)

    return simulate
