"""Which part of a document is what: by the words of its headings and labels, and failing those by what it holds.

A heading that is not known passes on what its parent was taken for. Where nobody wrote a heading for the timeline, the
whys or the actions, a section that looks like one is taken for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

import yaml

from companion.operations.postmortems.document import Block, Role, Section
from companion.operations.postmortems.reading.moments import leading

LABEL = 7
"""The level of a section whose heading is a bold label."""

_OWN = {Role.CAUSES, Role.TIMELINE, Role.ACTIONS, Role.LESSONS, Role.GLOSSARY}
"""Below these, a heading has to be another role's whole name to leave them: "Branch A: detection" is still a cause."""


@cache
def _phrases() -> dict[str, tuple[Role, str, bool]]:
    """Give each phrase with its role, its language, and whether it must be the whole heading."""
    listed = yaml.safe_load((resources.files(__package__) / "headings.yaml").read_text("utf-8"))
    return {
        str(phrase).lstrip("="): (Role(role), language, str(phrase).startswith("="))
        for role, languages in listed.items()
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
    text = unicodedata.normalize("NFC", heading).lower().replace("’", "'").replace("'s ", "'s ")
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
class _Open:
    """A section that is being filled, and what was decided about its heading."""

    section: Section
    blocks: list[Block]
    depth: int = 0

    def closed(self) -> Section:
        return replace(self.section, blocks=tuple(self.blocks))


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
    done: list[Section] = []
    parents: list[tuple[int, Role]] = []
    now = _Open(Section(Role.SUMMARY if titled else Role.OTHER, "", 1, 0, ()), [])
    for place, block in enumerate(blocks):
        if block.kind == "comment":
            continue
        if block.kind == "heading" and block.line != title_line and not block.quoted:
            inside = now.section.role if now.section.level else None
            if inside in (Role.TIMELINE, Role.ACTIONS) and _is_entry(block, inside):
                now.blocks.append(block)
                continue
            while parents and parents[-1][0] >= block.level:
                parents.pop()
            above = parents[-1][1] if parents else None
            role, matched = _decide(block.text, above)
            done.append(now.closed())
            now = _Open(Section(role, block.text, block.line, block.level, (), matched), [])
            parents.append((block.level, role))
            continue
        if block.line == title_line and block.kind == "heading":
            continue
        above = parents[-1][1] if parents else None
        if (
            now.depth
            and block.kind == "item"
            and block.level <= now.depth
            and not _label_role(block, above, blocks, place)
        ):
            done.append(now.closed())
            now = _Open(
                replace(now.section, role=above or Role.OTHER, heading=done[-1].heading, line=block.line, matched=""),
                [],
            )
        if found := _label_role(block, above, blocks, place):
            done.append(now.closed())
            role, matched = found
            now = _Open(Section(role, block.label, block.line, LABEL, (), matched), [],
                        block.level if block.kind == "item" else 0)  # fmt: skip
            if rest := block.text.strip()[len(block.label) :].lstrip(" :\n"):
                now.blocks.append(replace(block, text=rest, label=""))
            continue
        now.blocks.append(block)
    done.append(now.closed())
    kept = [one for one in done if one.blocks or one.heading]
    return tuple(_by_content(kept))


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
    if above in _OWN and role is not above and not whole:
        return above, ""
    return role, matched


def _label_role(block: Block, above: Role | None, blocks: Sequence[Block], place: int) -> tuple[Role, str] | None:
    """Tell whether a block's bold label stands for a heading, and of what."""
    if not block.label or block.quoted or block.kind not in ("paragraph", "item") or len(block.label.split()) > 6:
        return None
    found = role_of(block.label)
    if found is None or found[0] in (Role.OTHER, above):
        return None
    role, matched, _, whole = found
    if above in _OWN and (not whole or block.kind == "item"):
        return None
    alone = len(block.text.strip(" :")) <= len(block.label)
    if not whole and not (alone and block.kind == "paragraph"):
        return None
    return role, matched


# What has no heading that we know


def _by_content(sections: list[Section]) -> list[Section]:
    """Take a section for a timeline, for whys or for actions where no heading names one and its content looks like it."""
    looks = ((Role.TIMELINE, _like_timeline, "its lines begin with times"), (Role.CAUSES, _like_whys, "it asks why"),
             (Role.ACTIONS, _like_actions, "it has boxes, or owners and dates"))  # fmt: skip
    for role, like, why in looks:
        if not any(one.role is role and one.blocks for one in sections):
            sections = [
                replace(one, role=role, matched=why)
                if one.role in (Role.OTHER, Role.SUMMARY, Role.CONTEXT, Role.RESPONSE) and like(one) else one
                for one in sections
            ]  # fmt: skip
    return sections


def _like_timeline(section: Section) -> bool:
    lines = [line for block in section.blocks if block.kind != "code" and not block.quoted
             for line in (block.cells[:1] if block.kind == "row" else block.text.split("\n"))]  # fmt: skip
    timed = sum(1 for line in lines if (lead := leading(line)) and lead.clock)
    return timed >= 3 and 2 * timed >= len(lines)


def _like_whys(section: Section) -> bool:
    return sum(1 for block in section.blocks if re.search(r"\bwhy\b[^.]*\?", block.text, re.I)) >= 2


def _like_actions(section: Section) -> bool:
    heads = {plain(cell) for block in section.blocks for cell in block.head}
    if heads & {"owner", "assignee", "responsible"} and heads & {"action", "action item", "task", "due", "deadline"}:
        return True
    return sum(1 for block in section.blocks if block.checked is not None) >= 2
