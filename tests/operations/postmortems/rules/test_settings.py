"""Settings of a team: both places they may stand in, and what is said when something in them is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.operations.postmortems.document import PostmortemError
from companion.operations.postmortems.rules.settings import Level, Profile, Setting, Settings, read_settings

TOML = '[tool.companion.postmortem.rules]\nsilence = {level = "off", reason = "a trial\\n month"}\n'
YAML = "rules:\n  silence:\n    level: off\n    reason: a trial month\n"
OFF = {"silence": Setting(Level.OFF, "a trial month")}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_table_of_the_folders_pyproject_is_read(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(TOML)
    assert read_settings() == Settings(Profile.DRAFT, OFF, "pyproject.toml")


def test_a_file_of_ones_own_is_read_in_its_place_and_its_off_is_no_boolean(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.companion.postmortem.rules]\nnonsense = 3\n")
    (folder / "own.yaml").write_text(YAML)
    found = read_settings(Path("own.yaml"), profile=Profile.FINAL)
    assert found == Settings(Profile.FINAL, OFF, "own.yaml")


@pytest.mark.parametrize(
    "text", [None, "", "[project]\nname = 'companion'\n", "[tool.companion.pii.scan]\nall = true\n"]
)
def test_without_settings_every_rule_holds_as_it_is(folder: Path, text: str | None) -> None:
    if text is not None:
        (folder / "pyproject.toml").write_text(text)
    assert read_settings() == Settings()


@pytest.mark.parametrize("text", ["rules:\n", "rules: {}\n"])
def test_a_file_may_be_there_and_set_nothing(folder: Path, text: str) -> None:
    (folder / "own.yaml").write_text(text)
    assert read_settings(Path("own.yaml")).rules == {}


def test_to_make_a_rule_stricter_needs_no_reason(folder: Path) -> None:
    (folder / "own.yaml").write_text("rules: {silence: {level: error}}\n")
    assert read_settings(Path("own.yaml")).rules == {"silence": Setting(Level.ERROR)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: [", "not YAML at line 1"),
        ("[1]", "one key `rules`"),
        ("", "one key `rules`"),
        ("rule: {}", "there is `rule`"),
        ("rules: 3", "a table was expected"),
        ("rules: {silense: {level: off, reason: x}}", "`silense`, which is no rule; did you mean `silence`?"),
        ("rules: {zzz: {level: off, reason: x}}", "`zzz`, which is no rule; `companion postmortem rules`"),
        ("rules: {silence: off}", "`silence`: `level` and `reason` were expected"),
        ("rules: {silence: {level: low, reason: x}}", "`silence` `level`: off, warning or error"),
        ("rules: {silence: {level: [off], reason: x}}", "`silence` `level`: off, warning or error"),
        ("rules: {silence: {reason: x}}", "there is None"),
        ("rules: {silence: {level: off}}", "turns a rule off needs a `reason`"),
        ("rules: {silence: {level: warning, reason: ' '}}", "turns a rule down needs a `reason`"),
        ("rules: {silence: {level: off, reason: 3}}", "`reason`: a text was expected"),
        ("rules: {silence: {level: off, why: x}}", "`why`, which is neither"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_file_and_key(folder: Path, text: str, said: str) -> None:
    (folder / "own.yaml").write_text(text)
    with pytest.raises(PostmortemError) as caught:
        read_settings(Path("own.yaml"))
    assert str(caught.value).startswith("own.yaml: ")
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.companion.postmortem.rules", "not TOML"),
        ("[tool.companion.postmortem]\nrules = 3\n", "[tool.companion.postmortem.rules]: a table"),
        ("[tool.companion.postmortem.rules]\nsilense = {}\n", "[tool.companion.postmortem.rules] has `silense`"),
    ],
)
def test_what_is_wrong_in_a_pyproject_names_the_table(folder: Path, text: str, said: str) -> None:
    (folder / "pyproject.toml").write_text(text)
    with pytest.raises(PostmortemError, match=r"^pyproject\.toml: ") as caught:
        read_settings()
    assert said in str(caught.value)


def test_a_file_that_cannot_be_read_is_one_line(folder: Path) -> None:
    (folder / "bytes.yaml").write_bytes(b"rules: \xff")
    for name, said in (("none.yaml", "no such file"), (".", "not a regular file"), ("bytes.yaml", "not UTF-8")):
        with pytest.raises(PostmortemError, match=said):
            read_settings(Path(name))
