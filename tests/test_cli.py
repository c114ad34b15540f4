"""The command line starts fast: a command imports what it needs, and the list of commands nearly nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from companion import __version__
from companion.cli import COMMANDS, app

ROOT = Path(__file__).parents[1]

TYPER = {"annotated_doc", "annotated_types", "attr", "linkify_it", "markdown_it", "mdurl", "pydantic", "pydantic_core",
         "pygments", "rich", "shellingham", "typer", "typing_extensions", "typing_inspection"}  # fmt: skip
"""What the command line itself is made of; Pydantic, where it is installed, since Typer looks for it."""

STARTS_WITH = {
    "--version": set(),
    "--help": set(),
    "book --help": {"yaml"},
    "database --help": set(),
    "database start --help": set(),
    "doctor --help": {"packaging"},
    "exercises --help": set(),
    "history --help": set(),
    "history check --help": set(),
    "load --help": set(),
    "pii --help": set(),
    "pii scan --help": set(),
    "postmortem --help": set(),
    "postmortem lint --help": set(),
    "serve --help": set(),
    "simulate --help": set(),
    "tenancy check --help": set(),
    "token --help": set(),
    "wire --help": set(),
    "wire evolve --help": set(),
}
"""What each command imports of other people's packages before it does anything."""

SHOW = """
import os, sys
from companion.cli import main
for words in sys.argv[1:]:
    if os.fork():  # each command begins where the command line itself has been imported, and nothing else
        if os.wait()[1]:
            sys.exit(f"companion {words} failed")
        continue
    try:
        main(words.split())
    except SystemExit:
        pass
    files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
    others = sorted({name.split(".")[0] for name, file in files.items() if "site-packages" in file})
    print("\\nimported", *others)
    print("and", *sorted(name for name in files if name.startswith("companion.")), flush=True)
    os._exit(0)
"""


@cache
def imported() -> dict[str, tuple[set[str], set[str]]]:
    """Give the packages of others, and the modules of ours, that each command line has imported."""
    command = [sys.executable, "-c", SHOW, *STARTS_WITH]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    told = re.findall(r"^imported(.*)\nand(.*)$", ran.stdout, flags=re.M)
    return {words: (set(others.split()), set(ours.split()))
            for words, (others, ours) in zip(STARTS_WITH, told, strict=True)}  # fmt: skip


@pytest.mark.parametrize("words", STARTS_WITH)
def test_a_command_starts_with_what_it_needs_and_no_more(words: str) -> None:
    others, _ = imported()[words]
    assert {name for name in others if not name.startswith("_")} - TYPER <= STARTS_WITH[words]


def test_the_list_of_commands_imports_none_of_them() -> None:
    _, ours = imported()["--help"]
    assert ours == {"companion.cli", "companion.errors"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_line_in_the_list_is_the_first_of_its_own_help(name: str) -> None:
    ran = CliRunner().invoke(app, [name, "--help"], terminal_width=200)
    assert ran.exit_code == 0
    assert COMMANDS[name][0].removesuffix(".") in " ".join(ran.stdout.split())
    assert "--install-completion" not in ran.stdout  # which belongs to `companion` alone


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["simulat"])
    assert ran.exit_code == 2
    assert "No such command 'simulat'" in ran.stderr and "simulate" in ran.stderr


def test_the_version_is_said_in_one_place_and_repeated_nowhere_wrongly() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"companion {__version__}\n"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "src/companion/__init__.py"
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"] == __version__
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
