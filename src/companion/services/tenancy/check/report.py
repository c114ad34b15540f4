"""What the check has found, for a person and for programs (`check.schema.json`)."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, get_args

from companion.services.tenancy.check.rule import Severity


@dataclass(frozen=True)
class Finding:
    """One hole.

    Attributes
    ----------
    rule, severity, means : str
        As the rule has them.
    object : str
        What has it, by its full name; for a policy, a key or an index, after that of its table.
    proof : str
        What in the catalog says so.
    cure : str
        SQL that mends it. Read it before you run it: it does not know what else relies on the object.
    """

    rule: str
    severity: Severity
    object: str
    means: str
    proof: str
    cure: str


@dataclass(frozen=True)
class Report:
    """All that was found.

    Attributes
    ----------
    database : str
        Its name.
    roles : tuple of str
        Whom the check took for the application.
    findings : tuple of Finding
        In the order of the rules, and of names.
    cut : tuple of str
        The rules that found more than is listed.
    settings : tuple of str
        Tables whose rows are kept apart by a setting alone: whoever runs SQL of their own can change it.
    """

    database: str
    roles: tuple[str, ...]
    findings: tuple[Finding, ...]
    cut: tuple[str, ...]
    settings: tuple[str, ...]

    def summary(self) -> dict[str, int]:
        """Count findings by severity."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in get_args(Severity)}

    def as_json(self) -> dict[str, Any]:
        """Give it as `check.schema.json` describes it."""
        return {
            "database": self.database,
            "roles": list(self.roles),
            "findings": [asdict(finding) for finding in self.findings],
            "cut": list(self.cut),
            "settings": list(self.settings),
            "summary": self.summary(),
        }

    def lines(self) -> list[str]:
        """Give it as lines to read."""
        told = []
        for one in self.findings:
            told += [f"{one.severity}: {one.object}: {one.means} ({one.rule})", f"    {one.proof}", f"    {one.cure}"]
        told += [f"{rule}: there is more than is listed here" for rule in self.cut]
        counts = ", ".join(f"{severity} {count}" for severity, count in self.summary().items())
        told.append(f"{self.database}, as {', '.join(self.roles) or 'nobody'} may use it: {counts}")
        if self.settings:
            told.append(
                f"note: in {len(self.settings)} tables the tenant is a setting, which any SQL may change: "
                "this holds while nobody but the application writes the SQL"
            )
        return told
