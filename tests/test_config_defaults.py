"""Defaults in a reader's pyproject.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.main import get_command

from companion import cli
from companion.cli import DefaultsError, read_defaults

app = typer.Typer()
part = typer.Typer()
app.add_typer(part, name="part")


@part.command()
def act(
    level: Annotated[str, typer.Option("--fail-on")] = "",
    many: Annotated[list[str] | None, typer.Option("-m", "--many")] = None,
) -> None:
    """Act."""


@part.command()
def wait() -> None:
    """Wait."""


@pytest.fixture
def command() -> Any:
    """Make a group of commands."""
    return get_command(app)


def write(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text)


def test_a_key_is_an_option_without_its_dashes(tmp_path: Path, command: Any) -> None:
    write(tmp_path, '[tool.companion.part.act]\nfail-on = "HIGH"\nmany = ["a", "b"]\n')
    assert read_defaults(command, tmp_path) == {"part": {"act": {"level": "HIGH", "many": ["a", "b"]}}}


@pytest.mark.parametrize("place", ["", ".part"])
def test_an_option_above_the_commands_is_for_each_that_has_it(tmp_path: Path, command: Any, place: str) -> None:
    write(tmp_path, f'[tool.companion{place}]\nmany = ["a"]\n')
    assert read_defaults(command, tmp_path) == {"part": {"act": {"many": ["a"]}}}
    with (tmp_path / "pyproject.toml").open("a") as file:
        file.write('[tool.companion.part.act]\nmany = ["b"]\nfail-on = "LOW"\n')  # what stands at the command wins
    assert read_defaults(command, tmp_path) == {"part": {"act": {"many": ["b"], "level": "LOW"}}}


@pytest.mark.parametrize("text", ["", "[tool.other]\n", "[project]\nname = 'companion'\n"])
def test_a_file_that_does_not_speak_of_us_sets_nothing(tmp_path: Path, command: Any, text: str) -> None:
    write(tmp_path, text)
    assert read_defaults(command, tmp_path) == {}


def test_without_a_file_nothing_is_set(tmp_path: Path, command: Any) -> None:
    assert read_defaults(command, tmp_path) == {}


def test_a_table_that_a_command_reads_itself_is_left_to_it(
    tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "SETTINGS", {"part.act"})
    write(tmp_path, "[tool.companion.part.act]\nany = {thing = 1}\n")
    assert read_defaults(command, tmp_path) == {"part": {}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.companion", "not TOML"),
        ("[tool.companion.prat]\n", "`prat`, which is none of part"),
        ("[tool.companion]\nfail = 1\n", "`fail`, which is none of"),
        ("[tool.companion.part.act]\nfail = 1\n", "`fail`, which is none of"),
        ("[tool.companion.part]\nact = 3\n", "a table was expected"),
        ("[tool.companion.part.act]\nmany = [{a = 1}]\n", "a text, a number"),
        ("[tool]\ncompanion = 3\n", "a table was expected"),
        ("tool = 'companion'\n", "not TOML"),
    ],
)
def test_what_is_wrong_is_named_with_the_file(tmp_path: Path, command: Any, text: str, said: str) -> None:
    write(tmp_path, text)
    with pytest.raises(DefaultsError, match=r"pyproject\.toml") as caught:
        read_defaults(command, tmp_path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
