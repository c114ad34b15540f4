"""`companion simulate NAME`, for every simulator there is."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from companion.cli import app
from companion.panel.offer import offered
from companion.simulators.commands import simulators
from companion.simulators.shape import schema_file, schema_of


def companion(*words: str) -> Result:
    return CliRunner().invoke(app, ["simulate", *words])


def schema(name: str) -> Any:
    return json.loads(schema_file(name).read_text("utf-8"))


@pytest.mark.parametrize("name", simulators())
def test_the_schema_is_that_of_the_simulator(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    made = json.loads(json.dumps(schema_of(offered(f"companion.simulators.{name}"))))
    assert made == schema(name), "run: python -m companion.simulators.shape"


@pytest.mark.parametrize("name", [name for name in simulators() if name != "metastable"])
def test_the_json_of_every_preset_is_valid(name: str) -> None:
    validator = jsonschema.Draft202012Validator(schema(name))
    for preset in offered(f"companion.simulators.{name}").simulator.PRESETS:
        result = companion(name, "--preset", preset, "-p", "duration=4", "--seed", "3", "--json", "-")
        assert result.exit_code == 0, result.stderr
        document = json.loads(result.stdout, parse_constant=pytest.fail)
        validator.validate(document)
        assert document["parameters"]["seed"] == 3


@pytest.mark.parametrize("name", simulators())
def test_a_wrong_parameter_is_answered_in_one_line_that_gives_the_range(name: str) -> None:
    for one in offered(f"companion.simulators.{name}").parameters:
        result = companion(name, "-p", f"{one.name}=wrong", "--json", "-")
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.count("\n") == 1
        assert one.name in result.stderr
        assert one.range in result.stderr


@pytest.mark.parametrize("name", simulators())
def test_the_terminal_gets_a_table_and_the_lists(name: str) -> None:
    offer = offered(f"companion.simulators.{name}")
    assert offer.page.ROWS[0][1] in companion(name).stdout
    assert all(preset in companion(name, "--list-presets").stdout for preset in offer.simulator.PRESETS)
    assert all(one.name in companion(name, "--list-parameters").stdout for one in offer.parameters)


@pytest.mark.parametrize("name", ["hybrid", "interaction"])
def test_a_run_that_would_fill_the_memory_is_refused_and_told_how_long_it_may_last(name: str) -> None:
    ran = companion(name, "-p", "request_rate=2000", "-p", "duration=501")
    assert ran.exit_code == 2
    assert "duration = 501 is not accepted: at request_rate = 2000 it takes up to 500 s" in ran.stderr


def test_levels_and_presets_of_the_first_edition_are_accepted_with_a_note() -> None:
    brief = ("-p", "duration=2", "--json", "-")
    old = companion("consistency", "--preset", "strong", "-p", "consistency_level=eventual", *brief)
    new = companion("consistency", "--preset", "majority", "-p", "consistency_level=one+gossip", *brief)
    assert (old.exit_code, old.stdout) == (0, new.stdout)
    assert "note: the preset strong is called majority now" in old.stderr
    assert "note: consistency_level = eventual is called one+gossip now" in old.stderr
    assert "note" not in new.stderr
    assert (
        companion("consistency", "--preset", "weak", "-p", "duration=2").stdout.lstrip().startswith("consistency, one,")
    )
