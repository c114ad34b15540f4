"""Words of others made safe to show, and numbers said in words."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


def clean(text: str) -> str:
    """Make a text one line that is shown as it is: no control characters, no reordering, no colours."""
    if not text.isprintable():
        text = "".join(map(_shown, _ESCAPES.sub("", text)))
    return " ".join(text.split())


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if character.isspace():
        return " "
    # Half a character is a byte of a file's name that is no UTF-8.
    return "\N{REPLACEMENT CHARACTER}" if "\ud800" <= character <= "\udfff" else ""


def clipped(text: str, length: int) -> str:
    """Clean a text and cut it to a length."""
    text = clean(text)
    return text if len(text) <= length else f"{text[: length - 3]}..."


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Count in words: "1 document", "1,200 documents", "no documents"."""
    return f"{f'{number:,}' if number else 'no'} {noun if number == 1 else plural or f'{noun}s'}"
