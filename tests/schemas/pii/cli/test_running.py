"""What is left out and what was accepted, by the commands as a user runs them, in whatever folder."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from companion import git
from companion.cli import app

USER = 'syntax = "proto3";\npackage p{};\nmessage User {{ string email = 1; string ssn = 2; }}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a repository that has schemas of its own, vendored ones, and generated ones that it ignores."""
    subprocess.run(["git", "-C", str(tmp_path), "init", "-q"], check=True, env=git.environment())
    (tmp_path / ".gitignore").write_text("build/\n")
    for number, name in enumerate(("protos", "vendor/x", "third_party/y", "build/gen")):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "u.proto").write_text(USER.format(number))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pii(*words: str) -> Result:
    return CliRunner().invoke(app, ["pii", *words])


def files(*words: str) -> set[str]:
    return {field["file"] for field in json.loads(pii("scan", *words, "--json", "-").stdout)["fields"]}


OWN, VENDORED, THIRD = "protos/u.proto", "vendor/x/u.proto", "third_party/y/u.proto"


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ([], {OWN, VENDORED, THIRD}),
        (["--exclude", "vendor"], {OWN, THIRD}),
        (["--exclude", "vendor", "--exclude", "third_party/**"], {OWN}),
        (["--exclude", "**/y/*.proto"], {OWN, VENDORED}),
    ],
)
def test_what_is_excluded_or_ignored_is_not_scanned(folder: Path, options: list[str], left: set[str]) -> None:
    assert files(".", *options) == left


def test_a_pyproject_excludes_too_and_the_command_line_comes_first(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.companion.pii.scan]\nexclude = ["vendor", "third_party"]\n')
    assert files(".") == {OWN}
    assert files(".", "--exclude", "protos") == {VENDORED, THIRD}


def test_a_hook_that_names_only_what_is_excluded_passes(folder: Path) -> None:
    found = pii("scan", VENDORED, "--exclude", "vendor", "--fail-on", "HIGH")
    assert found.exit_code == 0
    assert found.stderr == f"{VENDORED}: warning: excluded, and so not judged\n"


def test_excluding_everything_fails(folder: Path) -> None:
    found = pii("scan", "vendor", "--exclude", "vendor")
    assert found.exit_code == 2
    assert found.stderr == "vendor: every schema here is excluded or ignored; scan less of it, or exclude less\n"


def test_a_pattern_that_excludes_nothing_is_one_line(folder: Path) -> None:
    found = pii("scan", ".", "--exclude", "../x")
    assert found.exit_code == 2
    assert (
        found.stderr
        == "companion pii: --exclude '../x' excludes nothing; write a name (vendor) or a path below (gen/**)\n"
    )


def test_the_other_commands_exclude_too(folder: Path) -> None:
    taken = json.loads(pii("inventory", ".", "--exclude", "vendor", "--exclude", "third_party", "--json", "-").stdout)
    assert {row["place"] for row in taken["rows"]} == {"p0"}
    assert pii("annotate", ".", "--exclude", "vendor", "--exclude", "third_party").exit_code == 0
    marked = [name for name in (OWN, VENDORED, THIRD) if "companion.pii" in (folder / name).read_text()]
    assert marked == [OWN]


@pytest.mark.parametrize("here", [".", "protos", "third_party/y"])
@pytest.mark.parametrize("shown", ["relative", "absolute"])
def test_a_baseline_of_the_root_holds_in_every_folder(
    folder: Path, here: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pii("scan", ".", "--json", "base.json").exit_code == 0
    monkeypatch.chdir(folder / here)
    path = "." if shown == "relative" else str(Path.cwd())
    found = pii("scan", path, "--baseline", str(folder / "base.json"), "--fail-on", "LOW")
    assert (found.exit_code, found.stderr) == (0, "")
    assert "accepts nothing" not in found.stdout
    (folder / "protos" / "more.proto").write_text(USER.format(9))
    assert pii("scan", str(folder), "--baseline", str(folder / "base.json"), "--fail-on", "LOW").exit_code == 1
