"""A file becomes a document: bounded, decoded, parsed, and each part taken for what it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from companion.operations.postmortems.document import Block, Document, PostmortemError, Role, Section
from companion.operations.postmortems.reading import front_matter
from companion.operations.postmortems.reading.blocks import blocks_of
from companion.operations.postmortems.reading.chains import whys_of
from companion.operations.postmortems.reading.language import language_of
from companion.operations.postmortems.reading.moments import dates, zone_in
from companion.operations.postmortems.reading.remarks import restricted_of, silences_of
from companion.operations.postmortems.reading.sections import plain, role_of, sections_of
from companion.operations.postmortems.reading.tasks import actions_of, lessons_of
from companion.operations.postmortems.reading.timeline import timeline_of

LARGEST = 2_000_000
"""Bytes of a file; a post mortem is some ten thousand."""

LONGEST = 20_000
"""Characters of a line that are read; a longer one is an embedded picture, or no text."""

_KEY = re.compile(r"^[\s*_-]*([A-Za-z][A-Za-z /-]{1,30}?)[\s*_]*:[\s*_]*(\S.*)$")


def read(path: Path | str) -> Document:
    """Read a file.

    Raises
    ------
    PostmortemError
        If it is too large, no text, empty, or holds nothing that a post mortem could begin with; or if what is
        restricted in it has no clear end.
    OSError
        If it cannot be read.
    """
    with Path(path).open("rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise PostmortemError(f"{path}: larger than {LARGEST:,} bytes; a post mortem is some ten thousand")
    if b"\0" in data[:8000]:
        raise PostmortemError(f"{path}: not a text file (it has null bytes): a post mortem is Markdown in UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PostmortemError(f"{path}:{line}: not UTF-8 (byte {data[error.start]:#04x}); save it as UTF-8") from None
    if not text.strip():
        raise PostmortemError(f"{path}: empty; `companion postmortem new` writes one to fill in")
    document = parse(text, str(path))
    if not (document.title or document.timeline or len(document.sections) > 1):
        raise PostmortemError(f"{path}: no heading and no timeline in it; is this a post mortem in Markdown?")
    return document


def parse(text: str, path: str = "post-mortem.md") -> Document:
    """Read a text; `path` is how it is called in what is said about it.

    Raises
    ------
    PostmortemError
        If what is restricted in it has no clear end.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    values, key_lines, body = front_matter.split(text)
    blocks = blocks_of("\n".join(line[:LONGEST] for line in _without_data(body).split("\n")))
    title, title_line = _title(blocks, values, key_lines)
    heading_line = title_line if any(b.kind == "heading" and b.line == title_line for b in blocks) else None
    sections = sections_of(blocks, heading_line, titled=bool(title))
    meta = _meta(values, key_lines, sections)
    notes = re.findall(r"^\[\^[^\]\s]{1,40}\]:[ \t]*(\S.*)$", body, re.M)
    day = _day(meta, [title, *notes], sections, path)
    zone = _zone(meta, sections)
    last = text.count("\n") + 1
    return Document(
        path=path, title=title, title_line=title_line, meta=meta, date=day, language=language_of(sections, title),
        sections=sections, timeline=timeline_of(sections, day, zone), whys=whys_of(sections),
        lessons=lessons_of(sections), actions=actions_of(sections, day),
        silences=silences_of(blocks, sections, last, values, key_lines),
        restricted=restricted_of(blocks, sections, last, path), source=text,
    )  # fmt: skip


def _without_data(text: str) -> str:
    """Shorten pictures that are embedded by their bytes."""
    return re.sub(r"(data:[\w/+.-]{1,60};base64,)[\w+/=]{100,}", r"\1...", text)


def _title(blocks: Sequence[Block], values: Mapping[str, Any], lines: Mapping[str, int]) -> tuple[str, int | None]:
    """Find the title: the only or first H1 that names no section, the front matter's, or the file's first heading."""
    headings = [block for block in blocks if block.kind == "heading" and not block.quoted]
    tops = [block for block in headings if block.level == 1]
    named = [block for block in tops if not _names_a_section(block.text)]
    if len(named) == len(tops) == 1 and plain(named[0].text) in _GENERIC:  # "Notes" above the real one
        below = [block for block in headings if block.level == 2]
        if len(below) == 1 and role_of(below[0].text) is None:
            named = tops = below
    if named and (len(tops) == 1 or named[0] is tops[0]):
        return named[0].text, named[0].line
    if isinstance(values.get("title"), str) and values["title"].strip():
        return values["title"].strip(), lines.get("title", 1)
    if headings and not tops and not _names_a_section(headings[0].text):
        others = min((block.level for block in headings[1:]), default=7)
        if headings[0].level == 2 or headings[0].level < others:
            return headings[0].text, headings[0].line
    if len(tops) > 2 and headings[0] is tops[0]:  # they are sections, of which we do not know all by name
        return "", None
    return (named[0].text, named[0].line) if named else ("", None)


def _names_a_section(heading: str) -> bool:
    found = role_of(heading)
    return found is not None and found[3]


def _meta(
    values: Mapping[str, Any], lines: Mapping[str, int], sections: Sequence[Section]
) -> dict[str, tuple[str, int]]:
    """Collect what is said of the document itself.

    That is the front matter, ``key: value`` before the first real section and in a review, and a heading such as
    "Authors" with a line below it.
    """
    meta = {key: (front_matter.as_text(value), lines.get(key, 1)) for key, value in values.items() if key != "lint"}
    top = True
    for section in sections:
        top = top and (not section.level or section.role is Role.REVIEW or section is sections[0])
        said: list[tuple[str, str, int]] = []
        if plain(section.heading) in _HEADS and len(section.blocks) == 1 and len(section.text) <= 200:
            said.append((plain(section.heading), section.text, section.blocks[0].line))
        for block in section.blocks if top or section.role is Role.REVIEW else ():
            said += _pairs(block)
        for key, value, line in said:
            meta.setdefault(key.strip(" :*").lower(), (value.strip(" *_"), line))
    return meta


def _pairs(block: Block) -> Iterator[tuple[str, str, int]]:
    """Give what a row of two cells, or each line of a paragraph, says of a key."""
    if block.kind == "row" and len(filled := [cell for cell in block.cells if cell]) == 2:
        yield filled[0], filled[1], block.line
        if len(block.head) == 2 and all(block.head):
            yield block.head[0], block.head[1], block.line
    for offset, line in enumerate(block.text.split("\n") if block.kind in ("paragraph", "item") else []):
        if found := _KEY.match(line):
            yield found[1], found[2], block.line + offset


_GENERIC = {"notes", "note", "incident", "incidents", "incident report", "post mortem", "post mortems", "postmortem",
            "postmortems", "documents", "report", "reports", "wiki"}  # fmt: skip
"""What may stand above a title, and is none."""

_HEADS = {"date", "incident date", "date of incident", "author", "authors", "status", "owner", "owners", "severity",
          "owning team", "time zone"}  # fmt: skip
_DAYS = ("incident date", "date of incident", "date", "incident", "started", "start", "began", "start time", "when")


def _day(
    meta: Mapping[str, tuple[str, int]], titles: Sequence[str], sections: Sequence[Section], path: str
) -> dt.date | None:
    said = [meta[key][0] for key in _DAYS if key in meta]
    heads = [section.heading for section in sections if section.role is Role.TIMELINE]
    first = [block.text for section in sections if section.role is Role.TIMELINE for block in section.blocks[:3]]
    later = (Role.ACTIONS, Role.LESSONS, Role.REVIEW)  # whose days come after it
    early = [section.text[:2000] for section in sections[:2] if section.role not in later]
    for text in [*said, *titles, *heads, *first, *early, Path(path).name.replace("_", "-")]:
        if found := dates(text):
            return found[0]
    return None


def _zone(meta: Mapping[str, tuple[str, int]], sections: Sequence[Section]) -> str:
    """Find the zone that holds for the whole document, where its top names one."""
    named = [value for key, (value, _) in meta.items() if "zone" in key or key == "times"]
    if named:
        return zone_in(named[0]) or named[0][:40]
    said = [block.text for section in sections[:2] for block in section.blocks if block.kind in ("paragraph", "html")]
    return next((zone for text in said if re.search(r"\btimes?\b", text, re.I) and (zone := zone_in(text))), "")
