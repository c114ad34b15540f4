"""The bibliography can be read by what makes pages of it; else no page is built, and only a browser's tests tell."""

from __future__ import annotations

from pathlib import Path

from pybtex.database import parse_file  # type: ignore[import-not-found,import-untyped,unused-ignore]

BIBLIOGRAPHY = Path(__file__).parents[2] / "book" / "references.bib"


def test_every_entry_can_be_read_and_has_a_title() -> None:
    entries = parse_file(str(BIBLIOGRAPHY)).entries
    assert len(entries) == BIBLIOGRAPHY.read_text("utf-8").count("\n@") + 1
    assert [key for key, entry in entries.items() if "title" not in entry.fields] == []
