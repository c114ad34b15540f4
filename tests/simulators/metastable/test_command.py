"""`companion simulate metastable`, as a reader types it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from companion.cli import app
from companion.parameters import describe
from companion.simulators.metastable import ENGINES, PRESETS, Settings, simulate
from companion.simulators.shape import schema_file

SHORT = ["-p", "duration=20", "-p", "spike_start=5", "-p", "spike_seconds=3"]
SCHEMA = json.loads(schema_file("metastable").read_text("utf-8"))


def companion(*words: str) -> Result:
    return CliRunner().invoke(app, ["simulate", "metastable", *words])


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_json_of_every_preset_is_valid(preset: str) -> None:
    load = ["-p", "load=100"] if PRESETS[preset].values.get("pattern") == "cache_flush" else []
    result = companion("--preset", preset, *SHORT, *load, "--json", "-")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert {len(values) for values in document["series"].values()} == {20}


def test_the_schema_refuses_another_shape() -> None:
    document = json.loads(companion(*SHORT, "--json", "-").stdout)
    del document["summary"]["goodput_per_s"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA, cls=jsonschema.Draft202012Validator)


def test_the_schema_knows_every_parameter() -> None:
    known = SCHEMA["properties"]["parameters"]["properties"]
    assert list(known) == [described.name for described in describe(Settings)]
    for described in describe(Settings):
        assert known[described.name].get("minimum") == described.minimum
        assert known[described.name].get("enum", []) == list(described.choices)


@pytest.mark.parametrize(("preset", "goodput"), [("collapse", 0), ("recovers", 70)])
def test_the_reference_presets_collapse_and_recover(preset: str, goodput: float) -> None:
    summary = json.loads(companion("--preset", preset, "--seed", "11", "--json", "-").stdout)["summary"]
    assert summary["goodput_per_s"] == pytest.approx(goodput, abs=3)
    assert summary["attempts_per_s"] == pytest.approx(280 if goodput == 0 else 70, rel=0.05)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_command_gives_what_the_function_gives(engine: str) -> None:
    result = companion("--preset", "breaker", *SHORT, "--seed", "7", "--engine", engine, "--json", "-")
    expected = simulate("breaker", engine=engine, seed=7, duration=20.0, spike_start=5.0, spike_seconds=3.0)
    assert result.stdout == expected.to_json() + "\n"


def test_the_table_goes_to_stdout_and_nothing_else_does() -> None:
    result = companion(*SHORT)
    assert result.exit_code == 0
    assert "goodput" in result.stdout and "requests/s" in result.stdout
    assert "Traceback" not in result.output


def test_json_goes_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "run.json"
    result = companion(*SHORT, "--json", str(target))
    assert result.exit_code == 0
    assert set(json.loads(target.read_text())) == {"parameters", "summary", "series"}
    assert str(target) in result.stderr and str(target) not in result.stdout


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["-p", "load=-3"], "load = -3.0 is not accepted: it takes 0 to 10000 requests/s"),
        (["-p", "load=much"], "load = 'much' is not accepted: it takes 0 to 10000 requests/s"),
        (["-p", "load=nan"], "load = nan is not accepted: it takes 0 to 10000 requests/s"),
        (["-p", "policy=hope"], "policy = 'hope' is not accepted: it takes immediate | backoff"),
        (["-p", "queue_bound=-1"], "queue_bound = -1 is not accepted: it takes 0 to 1000000 requests, or none"),
        (["-p", "clients=closed"], "pattern = 'spike' is not accepted"),
        (["-p", "lod=3"], "lod is no parameter here: there are policy, "),
        (["-p", "load"], "'load' is not accepted: it takes KEY=VALUE"),
        (["--preset", "nope"], "preset = 'nope' is not accepted: it takes collapse | recovers"),
        (["--engine", "fast"], "engine = 'fast' is not accepted: it takes heap | simpy"),
        (["--seed", "x"], "seed = 'x' is not accepted: it takes 0 to 4294967295"),
        (["--plot", "run.doc"], "--plot 'run.doc' is not accepted: it takes a name that ends in .svg"),
        ([*SHORT, "--json", "/nowhere/run.json"], "cannot write /nowhere/run.json: "),
    ],
)
def test_wrong_usage_is_one_line_and_exit_status_two(words: list[str], named: str) -> None:
    result = companion(*words)
    assert result.exit_code == 2
    assert named in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""


def test_the_presets_are_listed() -> None:
    result = companion("--list-presets")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(PRESETS)


def test_the_parameters_are_listed_with_range_unit_default_and_meaning() -> None:
    result = companion("--list-parameters")
    assert result.exit_code == 0
    assert "timeout = 1.0  (0.01 to 600 s)\n    How long a caller waits for an answer." in result.stdout
    assert "queue_bound = none" in result.stdout
    assert all(described.help in result.stdout for described in describe(Settings))


def test_the_help_has_an_example() -> None:
    result = CliRunner(env={"COLUMNS": "120", "NO_COLOR": "1"}).invoke(app, ["simulate", "metastable", "--help"])
    assert result.exit_code == 0
    assert "companion simulate metastable --preset recovers" in result.stdout


@pytest.mark.parametrize("words", [["--help"], ["simulate", "metastable", "--help"]])
def test_help_does_not_load_the_simulators(words: list[str]) -> None:
    program = (
        "import sys\nfrom companion.cli import app\n"
        f"try:\n    app({words!r})\nexcept SystemExit:\n    pass\n"
        "print(sorted({'simpy', 'companion.simulators.metastable'} & set(sys.modules)), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stderr.strip().splitlines()[-1] == "[]"


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="needs the extra book, for matplotlib")
def test_a_plot_is_drawn(tmp_path: Path) -> None:
    target = tmp_path / "run.svg"
    result = companion(*SHORT, "--plot", str(target))
    assert result.exit_code == 0, result.output
    assert "<svg" in target.read_text(encoding="utf-8")


def test_the_figure_of_the_readme_is_what_the_command_draws(tmp_path: Path) -> None:
    drawn = tmp_path / "collapse.svg"
    assert companion("--preset", "collapse", "--plot", str(drawn)).exit_code == 0
    shown = Path(__file__).parents[3] / "book" / "assets" / "collapse.svg"
    assert drawn.read_text("utf-8") == shown.read_text("utf-8")
