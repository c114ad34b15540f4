"""Bandit reads Python; each field becomes a line that puts a string under its name."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

from companion.schemas.pii.evaluation.scanners.scanner import NamedField, Scanner
from companion.schemas.pii.verdict import Level

MEANINGS = {"B105": (Level.HIGH, "hard-coded password: its one pattern is of passwords, secrets and tokens")}


def find(fields: Sequence[NamedField]) -> list[set[str]]:
    """Write the fields as a Python file, scan it, and see which lines are reported."""
    logging.getLogger("stevedore").setLevel(logging.CRITICAL)  # it tells of formats of reports that are not there
    from bandit.core.config import BanditConfig
    from bandit.core.manager import BanditManager

    # A key, not a variable: a field may be called `from`, which would spoil the file.
    text = "".join(f'fields["{field.field}"] = "a value"\n' for field in fields)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "fields.py")
        file.write_text(text, "utf-8")
        manager = BanditManager(BanditConfig(), "file", profile={"include": ["B105"]})
        manager.discover_files([str(file)])
        manager.run_tests()
    lines = {issue.lineno for issue in manager.get_issue_list()}
    return [{"B105"} if line in lines else set() for line, _ in enumerate(fields, start=1)]


BANDIT = Scanner(
    name="bandit",
    distribution="bandit",
    how='test B105 on the Python line fields["NAME"] = "a value"',
    meanings=MEANINGS,
    find=find,
    needs=("bandit",),
)
