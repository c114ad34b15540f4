"""`companion budget`, as a reader types it."""

from __future__ import annotations

import json
from importlib import resources
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from companion.cli import app

SCHEMA = json.loads(resources.files("companion.calls.network_tax.budget").joinpath("budget.schema.json").read_text())


def budget(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["budget", "--samples", "5000", *map(str, words)])


def test_a_deadline_below_the_p99_ends_with_status_1() -> None:
    late, early = budget("--deadline", "150"), budget("--deadline", "250")
    assert (late.exit_code, early.exit_code) == (1, 0)
    assert "ms too much at p99" in late.stdout
    assert "ms to spare at p99" in early.stdout


def test_the_waterfall_fits_a_page_and_its_bars_do_not_overlap() -> None:
    text = budget().stdout
    assert max(map(len, text.splitlines())) <= 84
    bars = [(line.index("#"), line.rindex("#")) for line in text.splitlines() if "#" in line]
    assert len(bars) == 9
    assert all(before[1] < after[0] for before, after in pairwise(bars))
    assert "the p99s add up to 450, which it is not" in text


@pytest.mark.parametrize("deadline", [[], ["--deadline", "150"]])
def test_the_json_is_as_its_schema_says_and_repeats(deadline: list[str]) -> None:
    one, two = budget("--json", "-", *deadline), budget("--json", "-", *deadline)
    assert one.stdout == two.stdout
    document = json.loads(one.stdout)
    jsonschema.validate(document, SCHEMA)
    assert document["fits"] is (False if deadline else None)
    assert round(document["exact_mean_ms"], 1) == 73.4


def test_the_example_is_a_file_that_the_command_reads(tmp_path: Path) -> None:
    file = tmp_path / "hops.yaml"
    file.write_text(budget("--example").stdout)
    assert budget(file).stdout == budget().stdout


def test_json_is_read_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    text = json.dumps({"hops": [{"name": "a", "mean_ms": 5}, {"name": "b", "p50_ms": 1, "p99_ms": 3, "retries": 2}]})
    (tmp_path / "hops.json").write_text(text, encoding="utf-8")
    piped = CliRunner().invoke(app, ["budget", "-", "--samples", "5000"], input=text)
    assert piped.exit_code == 0, piped.output
    assert piped.stdout == budget(tmp_path / "hops.json").stdout
    wrong = CliRunner().invoke(app, ["budget", "-"], input="hops:\n  - name: a\n    mean_ms: 5ms\n")
    assert wrong.exit_code == 2
    assert "-:2: mean_ms is 5ms; a number from 0.001 to 1e+07 was expected, without a unit" in wrong.stderr


def test_a_chain_of_a_readers_own_is_drawn_as_svg(tmp_path: Path) -> None:
    (tmp_path / "hops.csv").write_text(
        "name,p50_ms,p99_ms,parallel,timeout_ms\ncache,1,1,,9\nleft,5,5,x,9\nright,7,7,x,9\n", encoding="utf-8"
    )
    result = budget(tmp_path / "hops.csv", "--svg", tmp_path / "hops.svg", "--deadline", "8")
    assert result.exit_code == 0, result.output
    assert "at worst, by the timeouts and retries: 18 ms" in result.stdout
    assert (tmp_path / "hops.svg").read_text().startswith("<svg")


def test_a_file_that_cannot_be_read_ends_with_status_2_and_one_line(tmp_path: Path) -> None:
    (tmp_path / "hops.yaml").write_text("hops:\n  - name: a\n")
    result = budget(tmp_path / "hops.yaml")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "hops.yaml:2: a needs p50_ms and p99_ms" in result.stderr
