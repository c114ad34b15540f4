"""Which rules hold for a team: each may be turned off, or down to a warning, or up to an error, with a reason.

In a small YAML file, or in the pyproject.toml of the folder that the command is run in:

    rules:                                            [tool.companion.postmortem.rules]
      timeline-names:                                 timeline-names = { level = "off", reason = "..." }
        level: off
        reason: Our project signs with handles on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from companion.operations.postmortems.document import PostmortemError

LARGEST = 1_000_000
"""Bytes of a file of settings, of which no more are read."""

TABLE = "[tool.companion.postmortem.rules]"


class Profile(StrEnum):
    """Whether a document is still being written; some rules wait until it is not."""

    DRAFT = "draft"
    FINAL = "final"


class Level(StrEnum):
    """What becomes of a rule's findings."""

    OFF = "off"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Setting:
    """What a team made of one rule, and why; only to make it stricter, no reason is asked for."""

    level: Level
    reason: str = ""


@dataclass(frozen=True)
class Settings:
    """What `lint` is told beside the document.

    Attributes
    ----------
    profile : Profile
        Whether rules that wait for the final version are left out.
    rules : mapping of str to Setting
        By the rule's id.
    source : str
        The file that says so.
    """

    profile: Profile = Profile.DRAFT
    rules: Mapping[str, Setting] = field(default_factory=dict)
    source: str = ""


def read_settings(config: Path | None = None, *, profile: Profile = Profile.DRAFT, folder: Path = Path()) -> Settings:
    """Read a YAML file of settings, or without one the table of the folder's pyproject.toml, if there is one.

    Raises
    ------
    PostmortemError
        If the file cannot be read or something in it is wrong; one line names the file and the key.
    """
    file = config or folder / "pyproject.toml"
    if config is None and not file.is_file():
        return Settings(profile)
    found, place = _of_yaml(file) if config else _of_toml(file)
    return Settings(profile, _rules(found, f"{file}: {place}"), str(file)) if found else Settings(profile)


def _content(file: Path) -> str:
    if file.exists() and not file.is_file():
        raise PostmortemError(f"{file}: not a regular file")
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST).decode("utf-8")
    except OSError as error:
        raise PostmortemError(f"{file}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise PostmortemError(f"{file}: not UTF-8") from None


def _of_yaml(file: Path) -> tuple[Any, str]:
    import yaml

    try:
        read = yaml.safe_load(_content(file))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise PostmortemError(f"{file}: not YAML{where}") from None
    if not isinstance(read, dict) or read.keys() - {"rules"}:
        others = (
            ", ".join(f"`{key}`" for key in read.keys() - {"rules"}) if isinstance(read, dict) else "something else"
        )
        raise PostmortemError(f"{file}: a table with the one key `rules` was expected, and there is {others}")
    return read.get("rules") or {}, "rules"


def _of_toml(file: Path) -> tuple[Any, str]:
    text = _content(file)
    if "companion" not in text:
        return {}, TABLE
    import tomllib

    try:
        table: Any = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PostmortemError(f"{file}: not TOML: {error}") from None
    for name in ("tool", "companion", "postmortem", "rules"):
        table = table.get(name, {}) if isinstance(table, dict) else table
    return table, TABLE


def _rules(found: Any, place: str) -> dict[str, Setting]:
    if not isinstance(found, dict):
        raise PostmortemError(f"{place}: a table was expected, a rule's id before each setting")
    from companion.operations.postmortems.rules.outcome import ids

    for name in found:
        if name not in ids():
            raise PostmortemError(f"{place} has `{name}`, which is no rule{_meant(str(name), ids())}")
    return {name: _setting(value, f"{place} `{name}`") for name, value in found.items()}


def _meant(name: str, known: frozenset[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, sorted(known), 1)
    return f"; did you mean `{close[0]}`?" if close else "; `companion postmortem rules` lists them"


def _setting(value: Any, place: str) -> Setting:
    if not isinstance(value, dict):
        raise PostmortemError(f"{place}: `level` and `reason` were expected")
    for key in value:
        if key not in ("level", "reason"):
            raise PostmortemError(f"{place} has `{key}`, which is neither `level` nor `reason`")
    level, reason = value.get("level"), value.get("reason", "")
    level = "off" if level is False else level  # YAML takes the word for a no
    if level not in list(Level):
        raise PostmortemError(f"{place} `level`: off, warning or error was expected, and there is {level!r}")
    if not isinstance(reason, str):
        raise PostmortemError(f"{place} `reason`: a text was expected")
    if level != Level.ERROR and not reason.strip():
        raise PostmortemError(f"{place}: what turns a rule {'off' if level == 'off' else 'down'} needs a `reason`")
    return Setting(Level(level), " ".join(reason.split()))
