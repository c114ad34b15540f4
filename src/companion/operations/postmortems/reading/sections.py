"""Which part of a document is what: by the words of its headings and labels, and failing those by what it holds.

A heading that is not known passes on what its parent was taken for. Where nobody wrote a heading for the timeline, the
whys or the actions, a section that looks like one is taken for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Any

import yaml

from companion.operations.postmortems.document import Block, Role, Section
from companion.operations.postmortems.reading.moments import DATE, leading

LONGEST = 200
"""Characters of a heading that are looked at."""

LABEL = 7
"""The level of a section whose heading is a bold label."""

_OWN = {Role.CAUSES, Role.TIMELINE, Role.ACTIONS, Role.LESSONS, Role.GLOSSARY}
"""Below these, a heading has to be another role's whole name to leave them: "Branch A: detection" is still a cause."""


_OPEN = (Role.OTHER, Role.SUMMARY, Role.CONTEXT, Role.RESPONSE)
"""What may turn out to be something else by its content."""

_KINDS = {Role.DETECTION, Role.DIAGNOSIS, Role.MITIGATION, Role.BLAST_RADIUS, Role.COMMUNICATION, Role.RESPONSE}
"""What a heading below the actions names is what they are for: to detect, to mitigate."""


_COLOPHON = re.compile(r"\b(?:draft|first version|review|publish|publication|final)", re.I)


def words_of(name: str) -> dict[str, Any]:
    """Read one of the lists of words beside this file; by the parser in C, where there is one, ten times as fast."""
    text = (resources.files(__package__) / name).read_text("utf-8")
    read: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return read


@cache
def _phrases() -> dict[str, tuple[Role, str, bool]]:
    """Give each phrase with its role, its language, and whether it must be the whole heading."""
    return {
        str(phrase).lstrip("="): (Role(role), language, str(phrase).startswith("="))
        for role, languages in words_of("headings.yaml").items()
        for language, phrases in languages.items()
        for phrase in phrases
    }


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted(_phrases(), key=len, reverse=True)
    spaced = [re.escape(word) for word in words if word.isascii() or word[0] < "\u2e80"]
    dense = [re.escape(word) for word in words if not word.isascii() and word[0] >= "\u2e80"]
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)|(?:{'|'.join(dense)})")


def plain(heading: str) -> str:
    """Reduce a heading to its words: lower case, no marks, pictures or numbers before it."""
    text = unicodedata.normalize("NFC", heading[:LONGEST]).lower().replace("’", "'")
    text = "".join(" " if unicodedata.category(char)[0] in "SPCM" and char not in "'" else char for char in text)
    text = re.sub(r"^\s*(?:[0-9]+|[ivx]+(?=\s))(?:\s+[0-9]+)*\s+", "", text)
    return re.sub(r"\s+", " ", text).strip(" '")


def role_of(heading: str) -> tuple[Role, str, str, bool] | None:
    """Find the role that a heading names.

    Returns
    -------
    tuple or None
        The role, the words that decided, their language, and whether they are the whole heading.
    """
    words = plain(heading)
    found = [match for match in _overlapping(words) if not _phrases()[match[0]][2] or match[0] == words]
    if not found:
        return None
    phrase, _ = max(found, key=lambda match: (len(match[0]), -match[1]))
    role, language, _ = _phrases()[phrase]
    return role, phrase, language, phrase == words


def _overlapping(words: str) -> Iterator[tuple[str, int]]:
    at = 0
    while found := _pattern().search(words, at):
        yield found[0], found.start()
        at = found.end() if found.end() > found.start() else found.start() + 1


@dataclass
class _Parting:
    """How far a document is parted: the sections that are closed, and the one that is being filled."""

    now: Section
    blocks: list[Block] = field(default_factory=list)
    done: list[Section] = field(default_factory=list)
    parents: list[tuple[int, Role]] = field(default_factory=list)
    depth: int = 0  # of the item whose label began this section: the next item at that depth leaves it

    @property
    def above(self) -> Role | None:
        """What the heading was taken for under which we are."""
        return self.parents[-1][1] if self.parents else None

    def begin(self, section: Section, depth: int = 0) -> None:
        self.close()
        self.now, self.depth = section, depth

    def close(self) -> None:
        self.done.append(replace(self.now, blocks=tuple(self.blocks)))
        self.blocks = []

    def heading(self, block: Block) -> None:
        inside = self.now.role if self.now.level else None
        if inside in (Role.TIMELINE, Role.ACTIONS) and _is_entry(block, inside):
            self.blocks.append(block)
            return
        while self.parents and self.parents[-1][0] >= block.level:
            self.parents.pop()
        role, matched = _decide(block.text, self.above)
        self.begin(Section(role, block.text, block.line, block.level, (), matched))
        self.parents.append((block.level, role))

    def other(self, block: Block) -> None:
        block = _with_plain_label(block, self.now.role)
        named = _label_role(block, self.above, self.now)
        if named and named[0] is Role.REVIEW and not self.parents and block.text.strip(" :") != block.label:
            named = None  # "Status: draft" among the lines at the top says something of the document
        if self.depth and block.kind == "item" and block.level <= self.depth and not named:
            self.begin(replace(self.now, role=self.above or Role.OTHER, line=block.line, matched=""))
        if not named:
            self.blocks.append(block)
            return
        self.begin(
            Section(named[0], block.label, block.line, LABEL, (), named[1]), block.level if block.kind == "item" else 0
        )
        if rest := block.text.strip()[len(block.label) :].lstrip(" :.\n"):
            self.blocks.append(replace(block, text=rest, label=""))


def sections_of(blocks: Sequence[Block], title_line: int | None, *, titled: bool = True) -> tuple[Section, ...]:
    """Part a document into sections.

    Parameters
    ----------
    blocks
        All of them, comments too, which belong to no section.
    title_line
        Where the title stands: a heading there begins no section.
    titled
        Whether there is a title at all: then what stands before the first heading is a summary.
    """
    parting = _Parting(Section(Role.SUMMARY if titled else Role.OTHER, "", 1, 0, ()))
    for block in blocks:
        if block.kind == "comment" or (block.kind == "heading" and block.line == title_line):
            continue
        if block.kind == "heading" and not block.quoted:
            parting.heading(block)
        else:
            parting.other(block)
    parting.close()
    return tuple(_by_content(_with_colophon([one for one in parting.done if one.blocks or one.heading])))


def _with_colophon(sections: list[Section]) -> list[Section]:
    """Take a last line in italics that says when it was drafted, reviewed and finished for a section of its own."""
    last = sections[-1].blocks[-1] if sections and sections[-1].blocks else None
    if last is None or last.kind != "paragraph" or last.label != last.text.strip(" :") or last.quoted:
        return sections
    told = {word[:4].lower() for word in _COLOPHON.findall(last.text)}
    if len(told) < 2 or not DATE.search(last.text):
        return sections
    review = Section(Role.REVIEW, "", last.line, LABEL, (replace(last, label=""),), "it tells of drafts and reviews")
    return [*sections[:-1], replace(sections[-1], blocks=sections[-1].blocks[:-1]), review]


def _is_entry(block: Block, inside: Role) -> bool:
    """Tell a heading that is one entry of a timeline, or a numbered action, from one that begins something else."""
    if inside is Role.TIMELINE:
        lead = leading(block.text)
        return lead is not None and (lead.clock is not None or not _whole(lead.rest))
    return bool(re.match(r"(?:action\s*)?#?\d+[.:)]?\s|A\d+\b", block.text, re.I)) and not _whole(block.text)


def _whole(heading: str) -> bool:
    """Tell whether a heading is a role's whole name."""
    found = role_of(heading)
    return found is not None and found[3]


def _decide(heading: str, above: Role | None) -> tuple[Role, str]:
    found = role_of(heading)
    if found is None:
        return above or Role.OTHER, ""
    role, matched, _, whole = found
    if above in _OWN and role is not above and (not whole or (above is Role.ACTIONS and role in _KINDS)):
        return above, ""
    return role, matched


def _with_plain_label(block: Block, inside: Role) -> Block:
    """Take ``Diagnosis: 25 minutes`` for a label, though nothing is bold, where parts of the response are told."""
    if block.label or block.kind != "paragraph" or block.level or inside not in (Role.RESPONSE, *_KINDS):
        return block
    found = re.match(r"([A-Z][A-Za-z ]{2,30}):\s", block.text)
    named = role_of(found[1]) if found else None
    return replace(block, label=found[1]) if found and named and named[3] and named[0] in _KINDS else block


def _label_role(block: Block, above: Role | None, now: Section) -> tuple[Role, str] | None:
    """Tell whether a block's bold label stands for a heading, and of what."""
    if not block.label or block.quoted or block.kind not in ("paragraph", "item") or len(block.label.split()) > 6:
        return None
    found = role_of(block.label)
    labelled = now.level == LABEL
    if found is None or found[0] is (now.role if labelled else above) or (found[0] is Role.OTHER and not labelled):
        return None
    role, matched, _, whole = found
    if above in _OWN and (not whole or block.kind == "item"):
        return None
    alone = len(block.text.strip(" :.")) <= len(block.label)
    if not whole and not (alone and block.kind == "paragraph"):
        return None
    return role, matched


# What has no heading that we know


def _by_content(sections: list[Section]) -> list[Section]:
    """Take a section for a timeline, for whys or for actions where no heading names one and it looks like it."""
    looks = (
        (Role.CAUSES, _like_whys, "it asks why"),
        (Role.ACTIONS, _like_actions, "it has boxes, or owners and dates"),
    )
    if not any(one.role is Role.TIMELINE and one.blocks for one in sections):
        sections = [part for one in sections for part in (_timed(one) if one.role in _OPEN else [one])]
    for role, like, why in looks:
        if not any(one.role is role and one.blocks for one in sections):
            sections = [
                replace(one, role=role, matched=why) if one.role in _OPEN and like(one) else one for one in sections
            ]
    return sections


def _timed(section: Section) -> list[Section]:
    """Cut out of a section the blocks that are a timeline: three or more in a row that begin with a time."""
    begin, end, lines = 0, 0, 0
    for kind, run in groupby(enumerate(section.blocks), key=lambda pair: _times_in(pair[1]) > 0):
        places = [place for place, _ in run]
        count = sum(_times_in(section.blocks[place]) for place in places)
        if kind and count > lines:
            begin, end, lines = places[0], places[-1] + 1, count
    said = [block for block in section.blocks if block.kind != "code" and not block.quoted]
    timed = [block for block in said if _times_in(block)]
    why = "its lines begin with times"
    if len(timed) >= 3 and 2 * len(timed) >= len(said):  # most of it, with words between
        return [replace(section, role=Role.TIMELINE, matched=why)]
    if lines < 3:
        return [section]
    blocks = section.blocks
    parts = [replace(section, blocks=blocks[:begin]),
             replace(section, role=Role.TIMELINE, blocks=blocks[begin:end], matched=why, line=blocks[begin].line),
             replace(section, blocks=blocks[end:], line=blocks[end].line if end < len(blocks) else 0)]  # fmt: skip
    return [part for part in parts if part.blocks]


def _times_in(block: Block) -> int:
    """Count the lines of a block that begin with a time, if most do."""
    if block.kind == "code" or block.quoted:
        return 0
    lines = block.cells[:1] if block.kind == "row" else block.text.split("\n")
    timed = sum(1 for line in lines if (lead := leading(line)) and lead.clock)
    return timed if timed and (block.kind == "item" or 2 * timed >= len(lines)) else 0


def _like_whys(section: Section) -> bool:
    return sum(1 for block in section.blocks if re.search(r"\bwhy\b[^.?]{0,300}\?", block.text, re.I)) >= 2


def _like_actions(section: Section) -> bool:
    heads = {plain(cell) for block in section.blocks for cell in block.head}
    if heads & {"owner", "assignee", "responsible"} and heads & {"action", "action item", "task", "due", "deadline"}:
        return True
    return sum(1 for block in section.blocks if block.checked is not None) >= 2
