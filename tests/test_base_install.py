"""What is installed without an extra: the command line starts, simulates and checks, and names what it lacks."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def closure(names: set[str], done: frozenset[str] = frozenset()) -> frozenset[str]:
    """Give these distributions and all that they require without an extra."""
    for name in names - done:
        asked = [Requirement(text) for text in requires(name) or ()]
        always = {one.name for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})}
        done = closure({canonicalize_name(one) for one in always}, done | {name})
    return done


@cache
def base() -> frozenset[str]:
    return closure({"companion"})


@cache
def blocked() -> list[str]:
    """List the modules of all other distributions."""
    return sorted(
        module
        for module, owners in packages_distributions().items()
        if module.isidentifier() and not base() & {canonicalize_name(owner) for owner in owners}
    )


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process in which nothing but the base is installed."""
    code = (
        "import sys\nsys.modules.update(dict.fromkeys(sys.argv.pop(1).split()))\nfrom companion.cli import main\nmain()"
    )
    command = [sys.executable, "-c", code, " ".join(blocked()), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_the_base_is_small_and_the_rest_is_hidden() -> None:
    assert {"simpy", "typer", "pyyaml"} <= base()
    assert {"pandas", "google", "matplotlib", "httpx"} <= set(blocked())
    assert not {"yaml", "simpy", "typer", "companion"} & set(blocked())


@pytest.mark.parametrize("name", ["metastable", "consistency", "crdts", "interaction", "hybrid"])
def test_every_simulator_runs(name: str) -> None:
    ran = run("simulate", name, "-p", "duration=3", "--seed", "3", "--json", "-")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["parameters"]["seed"] == 3


def test_a_history_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    path.write_text('{"process": 1, "type": "invoke", "f": "read", "key": "x", "value": null}\n')
    ran = run("history", "check", str(path), "--json", "-")
    assert (ran.returncode, json.loads(ran.stdout)["histories"][0]["linearizable"]) == (0, True), ran.stderr


def test_what_a_program_may_import_names_the_extra_that_it_lacks() -> None:
    code = (
        "import sys\nsys.modules.update(dict.fromkeys(sys.argv.pop(1).split()))\nfrom companion.schemas.pii import scan"
    )
    command = [sys.executable, "-c", code, " ".join(blocked())]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 1
    said = ran.stderr.splitlines()[-1]
    assert said.startswith("ModuleNotFoundError: ") and said.endswith("pip install 'companion[schemas]'")


def test_a_command_that_needs_more_says_so_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.proto").write_text('syntax = "proto3";\nmessage A { string email = 1; }\n')
    ran = run("pii", "scan", str(tmp_path))
    assert (ran.returncode, ran.stdout) == (2, "")
    (line,) = ran.stderr.splitlines()
    assert line.startswith("companion: ")
    assert line.endswith(" is not installed, and this command needs it: pip install 'companion[all]'")
