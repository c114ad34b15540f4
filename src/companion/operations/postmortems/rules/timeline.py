"""To be written."""

from companion.operations.postmortems.rules.outcome import Check

CHECKS: dict[str, Check] = {}
