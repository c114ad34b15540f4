"""What all reports share: the order of fields, and words of others made safe to show."""

from __future__ import annotations

import re

from companion.schemas.pii.verdict import Level, Scan, Verdict

WORST_FIRST = tuple(reversed(Level))
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


def judged(scan: Scan) -> list[Verdict]:
    """Give the verdicts of the files that were asked about, message after message in the order of the file."""
    imported = {schema.path for schema in scan.schemas if not schema.judged}
    place: dict[tuple[str, str, str], int] = {}
    for schema in scan.schemas:
        for message in sorted(schema.messages, key=lambda message: message.line):
            for field in message.fields:
                place.setdefault((schema.path, message.name, field.name), len(place))
    found = [verdict for verdict in scan.verdicts if verdict.path not in imported]
    end = len(place)
    return sorted(found, key=lambda verdict: place.get((verdict.path, verdict.message, verdict.field.name), end))


def worst_first(verdicts: list[Verdict]) -> list[Verdict]:
    """Sort HIGH before MEDIUM before LOW; within a level the order stays."""
    return sorted(verdicts, key=lambda verdict: -verdict.level.rank)


def field_name(verdict: Verdict) -> str:
    """Give `Message.field`; an extension at the top of a file has no message."""
    return f"{verdict.message}.{verdict.field.name}".removeprefix(".")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Count in words: "1 field", "1,200 fields", "no fields"."""
    return f"{f'{number:,}' if number else 'no'} {noun if number == 1 else plural or f'{noun}s'}"


def by_level(verdicts: list[Verdict]) -> str:
    """Count per level, worst first, leaving out what there is none of: "3 HIGH, 1 LOW"."""
    numbers = {level: sum(verdict.level is level for verdict in verdicts) for level in WORST_FIRST}
    return ", ".join(f"{number:,} {level}" for level, number in numbers.items() if number)


def public_about_persons(verdicts: list[Verdict]) -> list[Verdict]:
    """Give those that no rule calls personal and that are about a person all the same."""
    return [verdict for verdict in verdicts if verdict.level is Level.PUBLIC and verdict.about is not None]


def judged_nothing(scan: Scan) -> str | None:
    """Say that no field was judged, when that is so: a green scan of nothing has misled many."""
    if judged(scan):
        return None
    files = sum(schema.judged for schema in scan.schemas)
    unread = len({problem.path for problem in scan.problems if problem.fatal})
    said = f"judged nothing: no fields in {counted(files, 'file')}"
    return f"{said}; {counted(unread, 'file')} could not be read" if unread else said


def clean(text: str) -> str:
    """Make a text one line that is shown as it is: no control characters, no reordering, no colours."""
    if not text.isprintable():
        text = _ESCAPES.sub("", text)
        text = "".join(map(_shown, text))
    return " ".join(text.split())


def clipped(text: str, length: int) -> str:
    """Clean a text and cut it to a length."""
    text = clean(text)
    return text if len(text) <= length else f"{text[: length - 3]}..."


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if character.isspace():
        return " "
    return (
        "\N{REPLACEMENT CHARACTER}" if "\ud800" <= character <= "\udfff" else ""
    )  # half a character: a file name's byte
