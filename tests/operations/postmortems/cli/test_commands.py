"""`companion postmortem lint` and `rules`: what each prints where, and how it ends."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from companion.cli import app
from companion.operations.postmortems.cli import commands, judging
from companion.operations.postmortems.rules.catalogue import rules

OUTAGE = """\
# Users could not search for 40 minutes

## Timeline

All times UTC

- 10:00 A deployment begins.
- 10:40 Searches are answered again.

<!-- lint off no-such-rule: a trial -->
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with one post mortem, of which we know one finding: a silence of a rule that is none."""
    (tmp_path / "pm").mkdir()
    (tmp_path / "pm" / "search.md").write_text(OUTAGE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path


def postmortem(*words: str) -> Result:
    return CliRunner().invoke(app, ["postmortem", *words])


def schema(name: str) -> Any:
    return json.loads((files("companion.operations.postmortems.reports") / name).read_text("utf-8"))


def only(level: str, but: str = "silence") -> str:
    """Settings in which one rule has a level, and all others are off."""
    off = "".join(f"{rule.id} = {{level = 'off', reason = 'not today'}}\n" for rule in rules() if rule.id != but)
    return f"[tool.companion.postmortem.rules]\n{off}{but} = {{level = '{level}', reason = 'ours'}}\n"


# -------------------------------------------------------------------------------------------------------------- lint


def test_what_was_found_goes_to_stdout_document_by_document(folder: Path) -> None:
    found = postmortem("lint", "pm", "--all", "--fail-on", "never")
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout.startswith("pm/search.md  Users could not search for 40 minutes\n")
    assert "silence: `no-such-rule` is turned off, and is no rule" in found.stdout


def test_an_explanation_is_given_on_request(folder: Path) -> None:
    assert 'line 3  timeline  "Timeline"' in postmortem("lint", "pm", "--explain").stdout
    assert "taken for" not in postmortem("lint", "pm").stdout


def test_json_on_stdout_is_exactly_the_documented_json(folder: Path) -> None:
    report = json.loads(postmortem("lint", "pm", "--json", "-").stdout)
    jsonschema.validate(report, schema("lint.schema.json"))
    assert [(each["start"], each["zone"]) for each in report["timeline"]] == [("10:00", "UTC"), ("10:40", "UTC")]
    assert "silence" in {each["rule"] for each in report["findings"]}


def test_reports_go_into_files_and_the_readable_one_stays(folder: Path) -> None:
    found = postmortem("lint", "pm", "--json", "a.json", "--sarif", "a.sarif", "--fail-on", "never")
    assert found.stderr.splitlines() == ["wrote a.json", "wrote a.sarif"]
    assert found.stdout.startswith("pm/search.md")
    assert json.loads((folder / "a.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((folder / "a.json").read_text())["unread"] == []


def test_stdout_takes_one_report(folder: Path) -> None:
    found = postmortem("lint", "pm", "--json", "-", "--sarif", "-")
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr == (
        "companion postmortem lint: --json and --sarif cannot both go to stdout; write one into a file\n"
    )


def test_a_report_that_cannot_be_written_is_one_line(folder: Path) -> None:
    found = postmortem("lint", "pm", "--sarif", "none/a.sarif")
    assert found.exit_code == 2
    assert found.stderr == "companion postmortem lint: --sarif none/a.sarif: no such file or directory\n"


@pytest.mark.parametrize(
    ("level", "words", "status"),
    [
        ("error", [], 1),
        ("warning", [], 0),
        ("warning", ["--fail-on", "warning"], 1),
        ("error", ["--fail-on", "never"], 0),
        ("off", ["--fail-on", "warning"], 0),
    ],
)
def test_the_status_is_that_of_the_worst_finding(folder: Path, level: str, words: list[str], status: int) -> None:
    (folder / "pyproject.toml").write_text(only(level))
    found = postmortem("lint", "pm", *words)
    assert (found.exit_code, found.stderr) == (status, "")


def test_settings_may_stand_in_a_file_of_their_own(folder: Path) -> None:
    (folder / "own.yaml").write_text("rules:\n  silence: {level: off, reason: a trial month}\n")
    found = postmortem("lint", "pm", "--all", "--config", "own.yaml")
    assert "silenced: line 10: silence (own.yaml: a trial month)" in found.stdout


def test_wrong_settings_are_one_line_and_nothing_is_checked(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.companion.postmortem.rules]\nsilense = {level = 'off'}\n")
    found = postmortem("lint", "pm")
    assert (found.exit_code, found.stdout) == (2, "")
    (line,) = found.stderr.splitlines()
    assert line.startswith("companion postmortem lint: pyproject.toml: [tool.companion.postmortem.rules] has `silense`")


def test_a_pyproject_may_set_defaults_of_options_beside_the_rules(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(only("error") + "[tool.companion.postmortem.lint]\nfail-on = 'never'\n")
    assert postmortem("lint", "pm").exit_code == 0
    assert postmortem("lint", "pm", "--fail-on", "error").exit_code == 1
    assert postmortem("rules").exit_code == 0  # whose name the table of rules shares


def test_what_cannot_be_read_is_a_line_each_and_the_others_are_checked(folder: Path) -> None:
    for name, content in {"empty.md": b"", "binary.md": b"\0\1\2" * 99, "latin.md": b"# A\n\n\xe9t\xe9\n",
                          "big.md": b"# A\n\n" + b"x " * 2_500_000, "text.md": b"just a line\n"}.items():  # fmt: skip
        (folder / "pm" / name).write_bytes(content)
    (folder / "none").mkdir()
    found = postmortem("lint", "pm", "none", "gone.md")
    assert found.exit_code == 2
    said = found.stderr.splitlines()
    assert len(said) == 7
    for name in ("none", "pm/big.md", "pm/binary.md", "pm/empty.md", "pm/latin.md", "pm/text.md", "gone.md"):
        (line,) = [each for each in said if each.startswith(f"companion postmortem lint: {name}: ")]
        assert line.count(name) == 1
    assert "pm/latin.md: line 3: not UTF-8" in found.stderr
    assert found.stdout.startswith("pm/search.md") and "7 could not be read" in found.stdout
    report = json.loads(postmortem("lint", "pm", "none", "--json", "-").stdout)
    jsonschema.validate(report, schema("lint.schema.json"))
    assert len(report["unread"]) == 6 and report["rules"]


def test_many_documents_are_judged_by_several_processes_as_one_would(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "pm" / "empty.md").write_bytes(b"")
    for n in range(5):
        (folder / "pm" / f"{n}.md").write_text(OUTAGE.replace("search", f"search {n}"))
    alone = postmortem("lint", "pm", "--json", "-")
    monkeypatch.setattr(judging, "FEW", 3)
    monkeypatch.setattr(judging, "_cores", lambda: 2)
    several = postmortem("lint", "pm", "--json", "-")
    assert several.exit_code == 2 and len(json.loads(several.stdout)["sections"]) == 6
    assert (several.stdout, several.stderr) == (alone.stdout, alone.stderr)


def test_nothing_that_can_be_read_is_no_report(folder: Path) -> None:
    found = postmortem("lint", "gone.md")
    assert (found.exit_code, found.stdout) == (2, "")


def test_what_a_folder_has_beside_post_mortems_is_named(folder: Path) -> None:
    (folder / "pm" / "README.md").write_text("# How we write them\n")
    found = postmortem("lint", "pm", "--fail-on", "never")
    assert (found.exit_code, found.stderr) == (0, "left out as no post mortem: pm/README.md\n")


# ------------------------------------------------------------------------------------------------------------- rules


def test_all_rules_are_listed_and_one_is_told_with_its_reason() -> None:
    listed = postmortem("rules").stdout
    assert all(rule.id in listed for rule in rules())
    one = postmortem("rules", "silence").stdout
    assert "lint off timeline-names: our project" in one and "To mend it: " in one


def test_the_rules_as_json_have_the_documented_shape() -> None:
    report = json.loads(postmortem("rules", "--json", "-").stdout)
    jsonschema.validate(report, schema("rules.schema.json"))
    assert [each["id"] for each in report["rules"]] == [rule.id for rule in rules()]
    (one,) = json.loads(postmortem("rules", "silence", "--json", "-").stdout)["rules"]
    assert one["id"] == "silence"


def test_the_rules_may_be_written_as_a_page(folder: Path) -> None:
    assert postmortem("rules", "--markdown", "rules.md").stderr == "wrote rules.md\n"
    assert "### silence\n" in (folder / "rules.md").read_text()


def test_a_rule_that_is_none_is_one_line_with_what_was_meant() -> None:
    found = postmortem("rules", "silense")
    assert found.exit_code == 2
    assert found.stderr == "companion postmortem rules: there is no rule silense; did you mean silence?\n"
    assert "lists them" in postmortem("rules", "zzz").stderr


# ------------------------------------------------------------------------------------------------- help and start-up


@pytest.mark.parametrize("command", ["lint", "rules"])
def test_the_examples_of_a_command_run_in_an_empty_folder(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = inspect.getdoc(getattr(commands, command)) or ""
    said = [" ".join(each.split()) for each in re.findall(r"`([^`]*)`", text.partition("Example:")[2])]
    examples = [each for each in said if each.startswith(f"companion postmortem {command}")]
    assert examples
    monkeypatch.chdir(tmp_path)
    for make in said:
        if make not in examples:
            subprocess.run(["bash", "-c", make], check=True)
    for example in examples:
        found = postmortem(*shlex.split(example)[2:])
        assert (found.exit_code, found.exception) == (0, None), (example, found.stderr)


HEAVY = {"numpy", "pandas", "jsonschema", "matplotlib", "icalendar", "rich.progress", "rich.table"}


def test_a_lint_imports_nothing_that_it_does_not_need(folder: Path) -> None:
    program = (
        "import sys\nfrom companion.cli import main\n"
        "try:\n    main(['postmortem', 'lint', 'pm', '--json', 'a.json'])\nexcept SystemExit:\n    pass\n"
        "print('imported', *sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert HEAVY & set(ran.stdout.rpartition("imported")[2].split()) == set()
