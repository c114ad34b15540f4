"""What the commands under `companion pii` do to files: marks in schemas, corrections, and rules to review."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from companion.cli_output import refuse
from companion.schemas.pii.cli import terminal
from companion.schemas.pii.reports.plain import counted
from companion.schemas.pii.rules.loading import Rules, RulesError
from companion.schemas.pii.verdict import Level, Scan


def mark(found: Scan, rules: Rules, paths: Sequence[Path], *, show_diff: bool, write: bool) -> bool:
    """Mark the schemas, or show how; whether anything changed, or would."""
    from companion.schemas.pii.annotation.marking import Marking

    marking = Marking(found, rules, paths)
    for said in marking.refused:
        terminal.say(said)
    if show_diff:
        terminal.show(marking.diff())
    for said in marking.write() if write else marking.plan():
        terminal.say(said)
    if marking.refused:
        raise typer.Exit(2)
    return bool(marking.changed)


def record(
    found: Scan, field: str, level: str | None, pii_type: str | None, reason: str, corrections: Path
) -> None:  # fmt: skip
    """Record that the verdict on a field is wrong."""
    from companion.schemas.pii.learning.corrections import CorrectionsError, correction_of
    from companion.schemas.pii.learning.corrections import record as keep

    if level is None or not reason.strip():
        refuse("pii", "a correction needs a --level and a --reason")
    named = [
        verdict for verdict in found.verdicts
        if f".{verdict.message}.{verdict.field.name}".endswith(f".{field}")
    ]  # fmt: skip
    if len(named) != 1:
        where = ", ".join(verdict.key for verdict in named[:3]) or "none"
        refuse("pii", f"--field {field} must name one field, and names {len(named)}: {where}")
    try:
        correction = correction_of(named[0], Level(level), pii_type, reason)
        keep([correction], corrections)
    except CorrectionsError as error:
        refuse("pii", str(error))
    terminal.say(f"recorded in {corrections}: {correction}")


def propose_rules(found: Scan, corrections: Path, rules: Path | None) -> None:
    """Print the rules that the corrections propose, as a diff; what they would change goes to stderr."""
    from companion.schemas.pii.learning.corrections import CorrectionsError, read_corrections
    from companion.schemas.pii.learning.proposals import propose

    try:
        recorded = read_corrections(corrections)
        proposal = propose(recorded, found.schemas, rules)
    except (CorrectionsError, RulesError) as error:
        refuse("pii", str(error))
    terminal.show(proposal.diff)
    for change in proposal.changed:
        before, after = change.before, change.after
        terminal.say(
            f"would change {after.key}: {before.level} {before.pii_type or ''} -> {after.level} {after.pii_type or ''}"
        )
    for correction in (against for group in proposal.groups for against in group.against):
        terminal.say(f"speaks against it: {correction}")
    for correction in proposal.without_effect:
        terminal.say(f"another rule or a mark has the last word: {correction}")
    for correction in proposal.unplaced:
        terminal.say(f"no such field in these schemas: {correction}")
    if not proposal.groups:
        terminal.say(
            f"{counted(len(recorded), 'correction')}, and a rule takes four that are alike: nothing to propose"
        )
