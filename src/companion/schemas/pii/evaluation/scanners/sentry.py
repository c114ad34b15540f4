"""Sentry's client keeps secrets out of error reports: it blanks what stands under the names of two lists."""

from __future__ import annotations

from collections.abc import Sequence

from companion.schemas.pii.evaluation.scanners.scanner import NamedField, Scanner
from companion.schemas.pii.verdict import Level

MEANINGS = {
    "denylist": (Level.HIGH, "passwords, keys, tokens and session cookies"),
    "pii_denylist": (Level.MEDIUM, "names of headers that hold the caller's IP address"),
}


def find(fields: Sequence[NamedField]) -> list[set[str]]:
    """Let the scrubber go over an event that has a value under each name, and see which list blanked it."""
    from sentry_sdk.scrubber import DEFAULT_PII_DENYLIST, EventScrubber

    event: dict[str, object] = {field.field: "a value" for field in fields}
    EventScrubber().scrub_dict(event)
    # One header stands in both lists; it is an address.
    blanked = {
        name: "pii_denylist" if name.lower() in DEFAULT_PII_DENYLIST else "denylist"
        for name, value in event.items()
        if value != "a value"
    }
    return [{blanked[field.field]} if field.field in blanked else set() for field in fields]


SENTRY = Scanner(
    name="sentry",
    distribution="sentry-sdk",
    how="the event scrubber, with its default lists, on an event that has a value under each name",
    meanings=MEANINGS,
    find=find,
    needs=("sentry_sdk",),
)
