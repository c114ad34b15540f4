"""Findings about methods that a baseline accepts.

A finding is known by its file, its rule and what it says, which names the method and what it hands out; lines move. By
hand, it is an entry of the list like those of fields:

    {"accepted": [{"file": "a.proto", "rule": "returns-secret", "sensitivity": "HIGH",
                   "message": "Vault.Read returns ...", "reason": "the vault is there to show secrets"}]}
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.schemas.pii.reports.earlier import wrong
from companion.schemas.pii.reports.places import place
from companion.schemas.pii.reports.plain import clipped
from companion.schemas.pii.verdict import Finding, Level

_TEXTS = ("file", "rule", "message", "sensitivity")
_KEYS = {*_TEXTS, "reason"}
FROM_A_REPORT = "it was in that report"


@dataclass(frozen=True)
class FindingEntry:
    """A finding, and why it was accepted; `file` is its path from where the command runs."""

    file: str
    rule: str
    message: str
    level: Level
    reason: str

    def accepts(self, finding: Finding) -> bool:
        """Whether this is the finding, which has not become worse."""
        known = (place(finding.path), finding.rule, finding.message) == (self.file, self.rule, self.message)
        return known and self.level.rank >= finding.level.rank

    def __str__(self) -> str:
        return f"{self.file}: {self.message} ({self.level}, {self.rule})"


def accepted_finding(data: dict[str, Any], entry: str, path: Path) -> FindingEntry:
    """Read an entry of the list written by hand.

    Raises
    ------
    ValueError
        One line that names the file, the entry, and what is wrong.
    """
    read = _entry(data, entry, path, data.get("reason"))
    if data.keys() - _KEYS:
        raise wrong(path, f"{entry} has a key `{min(data.keys() - _KEYS)}` that means nothing here")
    return read


def findings_of_report(summary: dict[str, Any], path: Path) -> tuple[FindingEntry, ...]:
    """Give the findings of an earlier report; the first ones had none."""
    found = summary.get("findings", [])
    if not isinstance(found, list):
        raise wrong(path, f"`summary.findings` is {clipped(repr(found), 40)}, not a list")
    return tuple(_entry(one, f"summary.findings[{n}]", path, FROM_A_REPORT) for n, one in enumerate(found))


def _entry(data: Any, entry: str, path: Path, reason: Any) -> FindingEntry:
    if not isinstance(data, dict):
        raise wrong(path, f"{entry} is not an object")
    for name in _TEXTS:
        if not isinstance(data.get(name), str):
            raise wrong(path, f"{entry} has no text `{name}`")
    if data["sensitivity"] not in list(Level):
        raise wrong(path, f"{entry}.sensitivity is not one of {', '.join(Level)}")
    if not isinstance(reason, str) or not reason.strip():
        raise wrong(path, f"{entry} has no `reason`; say why it is accepted")
    return FindingEntry(data["file"], data["rule"], data["message"], Level(data["sensitivity"]), reason)
