"""The page for those who adopt the linter: what it says to copy is what the command takes."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from companion.cli import app
from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.outcome import ids
from companion.operations.postmortems.rules.settings import Level, read_settings

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "book" / "postmortem-ci.md").read_text("utf-8")
HOOK = next(hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
            if hook["id"] == "companion-postmortem")  # fmt: skip


def copied(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.M | re.S)


def lines_of(text: str) -> list[str]:
    return [line.strip().removeprefix("run: ") for line in text.splitlines() if "companion postmortem " in line]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a post mortem in each place that the page names."""
    for name in ("checkout.md", "drafts/a.md", "published/b.md"):
        file = tmp_path / "postmortems" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# Users could not check out\n\n## Timeline\n\n- 10:00 UTC A deployment begins.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_line_of_the_page_is_one_that_the_command_takes(folder: Path) -> None:
    lines = [line for language in ("sh", "yaml") for text in copied(language) for line in lines_of(text)]
    assert len(lines) >= 6
    for line in lines:
        words = shlex.split(line.removeprefix("entry: "))
        ran = CliRunner().invoke(app, [*words[1:], *([] if len(words) > 3 else ["postmortems"])])
        assert ran.exit_code in (0, 1), (line, ran.stderr)


def test_the_settings_of_the_page_are_settings(folder: Path) -> None:
    (toml,) = copied("toml")
    (folder / "pyproject.toml").write_text(toml)
    (folder / "own.yaml").write_text(next(text for text in copied("yaml") if text.startswith("rules:")))
    assert [one.level for one in read_settings().rules.values()] == [Level.OFF, Level.WARNING]
    assert read_settings(Path("own.yaml")).rules["timeline-names"].level is Level.OFF
    assert tomllib.loads(toml)["tool"]["companion"]["postmortem"]["lint"] == {"fail-on": "error"}
    assert CliRunner().invoke(app, ["postmortem", "lint", "postmortems"]).exit_code in (0, 1)


def test_the_comment_of_the_page_silences_a_rule_where_it_stands() -> None:
    (comment,) = copied("markdown")
    document = parse(f"# Users could not pay\n\n## Timeline\n\n- 05:00 UTC It breaks.\n{comment}")
    (silence,) = document.silences
    assert silence.rule in ids() and silence.level == "off" and silence.reason.startswith("nobody was at work")
    assert silence.where is not None


def takes(hook: dict[str, Any], path: str) -> bool:
    return bool(re.search(hook["files"], path)) and not re.search(hook["exclude"], path)


def test_both_hooks_take_post_mortems_and_leave_a_folders_own_papers() -> None:
    local = next(one for text in copied("yaml") if "repos:" in text
                 for one in yaml.safe_load(text)["repos"][0]["hooks"])  # fmt: skip
    for hook in (local, HOOK):
        assert takes(hook, "postmortems/2026/checkout.md")
        for path in ("postmortems/README.md", "postmortems/0000-template.md", "src/a.md", "postmortems/a.py"):
            assert not takes(hook, path), (hook["id"], path)
    assert takes(HOOK, "docs/post-mortem/a.qmd")
