"""detect-secrets looks for values under names that sound secret; every field gets the same value."""

from __future__ import annotations

from collections.abc import Sequence

from companion.schemas.pii.evaluation.scanners.scanner import NamedField, Scanner
from companion.schemas.pii.verdict import Level

MEANINGS = {"Secret Keyword": (Level.HIGH, "its list is of passwords, secrets and keys")}


def find(fields: Sequence[NamedField]) -> list[set[str]]:
    """Ask the keyword plugin about one line for each field."""
    from detect_secrets.plugins.keyword import KeywordDetector

    plugin = KeywordDetector()
    lines = [f'{field.field} = "k3yV4lue"' for field in fields]
    return [{secret.type for secret in plugin.analyze_line(filename="fields.py", line=line)} for line in lines]


DETECT_SECRETS = Scanner(
    name="detect-secrets",
    distribution="detect-secrets",
    how='the keyword plugin on the Python line NAME = "k3yV4lue"',
    meanings=MEANINGS,
    find=find,
    needs=("detect_secrets",),
)
