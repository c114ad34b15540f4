"""Existing scanners, run for real, on what a schema has to show: names, and to one of them comments.

Most were made for other things than schemas: for columns with values in them, for source code, for prose. What is
measured is the part of each that reads names. Most come with ``pip install "companion[scanners]"``; three need an
environment of their own, and their modules say which. `available` lists those that are here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

from companion.schemas.pii.evaluation.scanners.bandit import BANDIT
from companion.schemas.pii.evaluation.scanners.datahub import DATAHUB
from companion.schemas.pii.evaluation.scanners.detect_secrets import DETECT_SECRETS
from companion.schemas.pii.evaluation.scanners.metadata_guardian import METADATA_GUARDIAN
from companion.schemas.pii.evaluation.scanners.openmetadata import OPENMETADATA
from companion.schemas.pii.evaluation.scanners.piicatcher import PIICATCHER
from companion.schemas.pii.evaluation.scanners.presidio import PRESIDIO_CONTEXT, PRESIDIO_PROSE
from companion.schemas.pii.evaluation.scanners.scanner import NamedField, Scanner
from companion.schemas.pii.evaluation.scanners.sentry import SENTRY
from companion.schemas.pii.evaluation.scores import counts
from companion.schemas.pii.verdict import Level

__all__ = ["SCANNERS", "Answers", "NamedField", "Scanner", "available", "figures", "libraries", "measured"]

SCANNERS: tuple[Scanner, ...] = (
    PIICATCHER,
    METADATA_GUARDIAN,
    DATAHUB,
    OPENMETADATA,
    PRESIDIO_CONTEXT,
    PRESIDIO_PROSE,
    DETECT_SECRETS,
    BANDIT,
    SENTRY,
)
"""All of them, those for personal data first, then those for secrets."""


class Answers(TypedDict):
    """What one scanner said: its version, and a level for each field, None where it said nothing."""

    version: str
    levels: list[str | None]


def available() -> list[Scanner]:
    """List the scanners whose packages are installed."""
    return [scanner for scanner in SCANNERS if not scanner.missing]


def measured(fields: Sequence[NamedField]) -> dict[str, Answers]:
    """Run the scanners that are here.

    Parameters
    ----------
    fields
        What they are asked about.

    Returns
    -------
    dict of str to Answers
        Fit for JSON; the levels stand in the order of the fields.
    """
    return {
        scanner.name: Answers(version=scanner.version, levels=[level and level.value for level in scanner(fields)])
        for scanner in available()
    }


def figures(
    fields: Sequence[NamedField], truth: Sequence[Level], scanners: Iterable[Scanner] | None = None
) -> dict[str, float]:
    """Run scanners and count; for `companion.measure.measure`, which records numbers.

    Parameters
    ----------
    fields
        What they are asked about.
    truth
        The labels, in the same order.
    scanners
        Which to run; by default those that are here. Scanners that need an environment of their own need a record of
        their own, too.

    Returns
    -------
    dict of str to float
        The confusion matrix of each; `companion.schemas.pii.evaluation.scores.recorded` makes scores of them again.
    """
    found: dict[str, float] = {}
    for scanner in available() if scanners is None else scanners:
        found |= counts(scanner.name, truth, scanner(fields))
    return found


def libraries() -> tuple[str, ...]:
    """List the packages that are here and whose versions belong to a record of `figures`."""
    return tuple(sorted({scanner.distribution for scanner in available()}))
