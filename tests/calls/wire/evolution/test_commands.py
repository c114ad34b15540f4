"""`companion wire evolve`, as a reader types it."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from companion.cli import app

SCHEMA = json.loads(resources.files("companion.calls.wire.evolution").joinpath("evolve.schema.json").read_text())
PROTO = 'syntax = "proto3"; message Customer {{ int32 id = 1; string name = 2; {} }}'


def evolve(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["wire", "evolve", *map(str, words)])


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


@pytest.fixture
def reused(tmp_path: Path) -> tuple[Path, Path]:
    """Two versions of which the second gives a tag to another field."""
    old = write(tmp_path, "old.proto", PROTO.format("double balance = 3;"))
    return old, write(tmp_path, "new.proto", PROTO.format("double points = 3;"))


def test_a_reused_tag_lies_with_status_1_an_example_and_an_advice(reused: tuple[Path, Path]) -> None:
    result = evolve(*reused)
    assert result.exit_code == 1
    assert "Customer.points: added with tag 3, which was balance's" in result.stdout
    assert "old writer -> new reader W lies: sent nothing, got " in result.stdout
    assert "--renamed" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 84


def test_the_same_change_copes_when_it_is_a_renaming(reused: tuple[Path, Path]) -> None:
    result = evolve(*reused, "--renamed", "Customer.balance=points")
    assert result.exit_code == 0, result.stdout
    assert "Customer.points: renamed from balance: copes both ways" in result.stdout


def test_the_json_is_as_its_schema_says_and_repeats(reused: tuple[Path, Path]) -> None:
    one, two = evolve(*reused, "--json", "-"), evolve(*reused, "--json", "-")
    assert one.stdout == two.stdout
    document = json.loads(one.stdout)
    jsonschema.validate(document, SCHEMA)
    assert document["summary"] == {"messages": 1, "fields": 3, "breaks": 0, "lies": 2, "loses": 0}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bad.proto", 'syntax = "proto3";\nmessage {', "bad.proto:2: "),
        ("bad.thrift", "struct A {1: i32", "bad.thrift: "),
        ("empty.thrift", "\n", "empty.thrift: it is empty"),
        ("bad.json", '{"type":\n"objekt', "bad.json:2: not JSON"),
        ("wrong.json", '{"type": "objekt"}', "wrong.json: no JSON Schema"),
        ("list.json", "[]", "list.json: an object"),
        ("out.json", '{"properties": {"a": {"$ref": "http://x.example/y"}}}', "out.json: a reference out of the file"),
        ("self.json", '{"$ref": "#"}', "self.json: references that lead in a circle"),
        ("deep.json", "[" * 100_000, "deep.json: nested too deeply"),
        ("what.txt", "", "what.txt: its name ends in none of"),
        ("latin.json", "", "latin.json: not UTF-8"),
        ("missing.json", "", "missing.json: no such file"),
        ("large.thrift", "// " + "x" * 1_000_000, "large.thrift: more than 1,000,000 bytes"),
    ],
)
def test_what_cannot_be_read_is_named_on_one_line_with_status_2(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    good = write(tmp_path, "good.json", "{}")
    if name == "latin.json":
        (tmp_path / name).write_bytes(b"\xff")
    elif name != "missing.json":
        write(tmp_path, name, text)
    result = evolve(good, tmp_path / name)
    assert result.exit_code == 2
    assert said in result.stderr and len(result.stderr.splitlines()) == 1, result.stderr


def test_two_formats_cannot_be_compared(tmp_path: Path) -> None:
    result = evolve(write(tmp_path, "a.thrift", "struct A {1: i32 a}"), write(tmp_path, "a.json", "{}"))
    assert result.exit_code == 2
    assert "Thrift and JSON Schema cannot be compared" in result.stderr


@pytest.mark.parametrize("pair", ["balance=points", "Customer.balance", "Customer.nothing=points"])
def test_a_renaming_of_nothing_is_refused(reused: tuple[Path, Path], pair: str) -> None:
    assert evolve(*reused, "--renamed", pair).exit_code == 2


def test_imports_are_looked_for_in_folders_above_and_in_those_that_are_named(tmp_path: Path) -> None:
    (tmp_path / "api" / "shop").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    write(tmp_path / "api", "money.proto", 'syntax = "proto3"; message Money { int64 cents = 1; }')
    write(tmp_path / "other", "place.proto", 'syntax = "proto3"; message Place { string name = 1; }')
    text = 'syntax = "proto3"; import "money.proto"; import "place.proto"; message A { Money a = 1; Place b = 2; }'
    old = write(tmp_path / "api" / "shop", "old.proto", text)
    new = write(tmp_path / "api" / "shop", "new.proto", text.replace("Place b = 2", "Place b = 3"))
    missing = evolve(old, new)
    assert missing.exit_code == 2 and "place.proto" in missing.stderr
    result = evolve(old, new, "--include", tmp_path / "other")
    assert result.exit_code == 0 and "A.b: tag 2 -> 3" in result.stdout
