"""A parameter is described once, and that description checks, parses and explains every value."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.parameters import (
    Parameter,
    ParameterError,
    Preset,
    check,
    chosen,
    current_preset,
    describe,
    parameter,
    parse,
)


@dataclass(frozen=True)
class Tide:
    """Settings with one field of each kind."""

    height: float = parameter(4.0, "How high it rises.", unit="m", minimum=0, maximum=20)
    boats: int = parameter(7, "How many are out.", minimum=1)
    moon: str = parameter("full", "The moon's phase.", choices=("new", "full"))
    storm: bool = parameter(False, "Whether the wind helps.")
    depth: int | None = parameter(None, "Of the harbour.", unit="m", minimum=0, maximum=50)
    name: str = parameter("north", "Of the harbour.")

    def __post_init__(self) -> None:
        """Check what was given."""
        check(self)


KNOWN = {described.name: described for described in describe(Tide)}


def test_a_description_holds_what_was_written_once() -> None:
    assert list(KNOWN) == [field.name for field in fields(Tide)]
    assert KNOWN["height"] == Parameter("height", float, 4.0, "How high it rises.", "m", 0, 20)
    assert KNOWN["depth"] == Parameter("depth", int, None, "Of the harbour.", "m", 0, 50, optional=True)
    assert KNOWN["moon"].choices == ("new", "full")


@pytest.mark.parametrize(
    ("kind", "useful", "step"),
    [(float, (0, 200), 2), (float, (0.1, 10), 0.1), (float, (0, 0.02), 0.0002), (float, (0.01, 1), 0.01),
     (float, (0, 1), 0.01), (int, (0, 1000), 1), (float, None, 1)],
)  # fmt: skip
def test_a_slider_moves_by_a_round_step(kind: type, useful: tuple[float, float] | None, step: float) -> None:
    assert Parameter("tide", kind, 1, "It rises.", useful=useful).step == step


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("height", "0 to 20 m"),
        ("boats", "1 or more"),
        ("moon", "new | full"),
        ("storm", "true | false"),
        ("depth", "0 to 50 m, or none"),
        ("name", "any"),
    ],
)
def test_the_range_is_said_in_words(name: str, words: str) -> None:
    assert KNOWN[name].range == words


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("height", "4.5", 4.5),
        ("height", " 4 ", 4.0),
        ("height", "2e1", 20.0),
        ("boats", "12", 12),
        ("moon", "new", "new"),
        ("storm", "TRUE", True),
        ("storm", "no", False),
        ("storm", "1", True),
        ("depth", "None", None),
        ("depth", "9", 9),
        ("name", "none", "none"),  # not optional: there it is a word
    ],
)
def test_a_text_becomes_a_value_of_the_right_kind(name: str, text: str, value: Any) -> None:
    parsed = KNOWN[name].parse(text)
    assert (parsed, type(parsed)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("height", "-0.1"),
        ("height", "20.1"),
        ("height", "nan"),
        ("height", "inf"),
        ("height", "high"),
        ("height", ""),
        ("boats", "0"),
        ("boats", "1.5"),
        ("boats", "none"),
        ("moon", "half"),
        ("storm", "maybe"),
        ("storm", "2"),
        ("depth", "51"),
    ],
)
def test_a_text_out_of_range_is_refused_with_name_value_and_range(name: str, text: str) -> None:
    with pytest.raises(ParameterError) as refused:
        KNOWN[name].parse(text)
    assert str(refused.value).startswith(f"{name} = ")
    assert str(refused.value).endswith(f" is not accepted: it takes {KNOWN[name].range}")


@pytest.mark.parametrize(
    "wrong",
    [
        {"height": "4"}, {"height": True}, {"height": None}, {"height": math.inf}, {"height": -1}, {"boats": 1.0},
        {"boats": True}, {"moon": "half"}, {"moon": 1}, {"storm": 1}, {"depth": 2.5}, {"depth": False}, {"name": None},
    ],
)  # fmt: skip
def test_an_object_checks_its_own_values(wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=f"^{next(iter(wrong))} = "):
        Tide(**wrong)


def test_a_whole_number_serves_as_a_float() -> None:
    assert Tide(height=4) == Tide(height=4.0)


def test_texts_override_a_base_and_the_base_overrides_the_defaults() -> None:
    assert parse(Tide, {"boats": "3"}, {"boats": 5, "moon": "new"}) == Tide(boats=3, moon="new")
    assert parse(Tide, {}) == Tide()
    with pytest.raises(ParameterError, match="boats = 0 is not accepted"):
        parse(Tide, {}, {"boats": 0})


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ParameterError, match="hight is no parameter here: there are height, boats, moon, "):
        parse(Tide, {"hight": "4"})


VALUES = st.fixed_dictionaries(
    {
        "height": st.floats(0, 20),
        "boats": st.integers(1, 10**9),
        "moon": st.sampled_from(["new", "full"]),
        "storm": st.booleans(),
        "depth": st.none() | st.integers(0, 50),
        "name": st.text().map(str.strip),
    }
)


@given(VALUES)
def test_every_settings_object_can_be_typed_again(values: dict[str, Any]) -> None:
    texts = {name: repr(value) if isinstance(value, float) else str(value) for name, value in values.items()}
    assert parse(Tide, texts) == Tide(**values)


@given(name=st.sampled_from(list(KNOWN)), text=st.text())
def test_any_text_is_a_checked_value_or_a_parameter_error(name: str, text: str) -> None:
    try:
        value = KNOWN[name].parse(text)
    except ParameterError as error:
        assert name in str(error)
    else:
        KNOWN[name].check(value)


@dataclass(frozen=True)
class Renamed:
    """Settings of which a choice once had another name."""

    moon: str = parameter("dark", "The moon's phase.", choices=("dark", "full"), formerly={"new": "dark"})

    def __post_init__(self) -> None:
        """Check what was given."""
        check(self)


def test_a_choice_that_was_renamed_is_still_accepted_by_its_old_name_with_a_note() -> None:
    assert parse(Renamed, {"moon": " new "}) == Renamed("dark")
    with pytest.warns(DeprecationWarning, match="moon = new is called dark now"):
        assert Renamed("new").moon == "dark"
    with pytest.raises(ParameterError, match=r"it takes dark \| full"):
        Renamed("old")


def test_a_preset_that_was_renamed_is_still_found_by_its_old_name_with_a_note() -> None:
    presets = {"dark": Preset(Renamed, "No light.", {}, "new"), "full": Preset(Renamed, "Light.", {"moon": "full"})}
    with pytest.warns(DeprecationWarning, match="the preset new is called dark now"):
        assert chosen("new", presets, {}) == Renamed("dark")
    assert (current_preset("full", presets), current_preset("half", presets)) == ("full", "half")


@dataclass(frozen=True)
class Boat:
    """Settings some of which do nothing in some cases."""

    sail: str = parameter("none", "What carries it.", choices=("none", "main", "both"))
    motor: bool = parameter(False, "Whether it has one.")
    reefs: int = parameter(
        0, "How much less of a sail.", minimum=0, when={"sail": ("main", "both")}, label="reefs tied"
    )
    fuel: float = parameter(5.0, "In the tank.", unit="l", when=({"motor": (True,)}, {"sail": ("none",)}))


@pytest.mark.parametrize(
    ("name", "values", "applies"),
    [
        ("sail", {}, True),
        ("reefs", {"sail": "main"}, True),
        ("reefs", {"sail": "none"}, False),
        ("fuel", {"sail": "none", "motor": False}, True),
        ("fuel", {"sail": "both", "motor": True}, True),
        ("fuel", {"sail": "both", "motor": False}, False),
    ],
)
def test_a_parameter_knows_in_which_cases_it_does_something(name: str, values: dict[str, Any], applies: bool) -> None:
    (described,) = [one for one in describe(Boat) if one.name == name]
    assert described.applies(values) is applies


def test_a_parameter_is_called_by_its_label_or_else_by_its_name_in_words() -> None:
    assert [one.words for one in describe(Boat)] == ["sail", "motor", "reefs tied", "fuel"]
    assert Parameter("queue_bound", int, 1, "").words == "queue bound"
