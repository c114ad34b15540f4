"""The chains of whys: numbered, nested, in branches, as questions with answers, or as answers alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from companion.operations.postmortems.document import Block, Role, Section, Why
from companion.operations.postmortems.reading.sections import plain

_WHY = re.compile(r"(?:^|[\s\"“'(:.])(?:why|how come|pourquoi|warum|por qu[eé])\b", re.I)
_QUESTION = re.compile(r"^(.*?\?)[\s)*_\"”]*(.*)$", re.S)
_ARROW = re.compile(r"^\s*(?:->|=>|→|⇒|➔|—|–|-|>|:)+\s*|^\s*(?:a(?:nswer)?\s*:|because(?! of)[:,]?)\s*", re.I)
_NUMBER = re.compile(r"^\(?(?:why\s*)?#?(\d{1,2}(?:\.\d{1,2})*)[.):]*\s+(?!\d)", re.I)
_BRANCH = re.compile(r"\(?\b(\d{1,2})\.x\b\)?", re.I)
_WHYS = re.compile(r"\bwhys?\b|causal chain|chain of causes|なぜ|pourquoi|warum", re.I)


@dataclass
class _Chains:
    """What has been read so far, and where the next question belongs."""

    found: list[Why] = field(default_factory=list)
    branch: str = "1"
    named: bool = False
    level: int = 0  # of the last question

    def begin(self, heading: str) -> None:
        """Begin another branch, if the words of a heading or a label say so, or if one was read before."""
        named = _BRANCH.search(heading)
        if named:
            self.branch, self.named = named[1], True
        elif self.found and self.found[-1].branch == self.branch:
            self.branch, self.named = str(len({why.branch for why in self.found}) + 1), False

    def add(self, line: int, number: str, question: str, answer: str, level: int) -> None:
        """Take in one question."""
        again = number == "1" and level <= 1 and any(why.branch == self.branch for why in self.found)
        back = not number and level == 1 < self.level  # a bullet at the left edge after nested ones
        if "." in number and not self.named:
            self.branch = number.split(".")[0]
        elif again or back:
            self.begin("")
        self.level = level
        depth = 1 + sum(1 for why in self.found if why.branch == self.branch)
        self.found.append(Why(line, number, self.branch, depth, question.strip(), answer.strip()))

    def answer(self, words: str) -> None:
        """Give the last question its answer, or more of it."""
        last = self.found[-1]
        self.found[-1] = Why(last.line, last.number, last.branch, last.depth, last.question,
                             f"{last.answer} {words}".strip())  # fmt: skip


def whys_of(sections: Sequence[Section]) -> tuple[Why, ...]:
    """Read the whys out of the sections that were taken for causes."""
    chains = _Chains()
    headed = [section for section in sections if section.role is Role.CAUSES and _asks(section.heading)]
    for section in sections:
        if len(headed) > 1 and section in headed:  # a heading for each question
            number, question = _typed(section.heading)
            chains.add(section.line, number, question, _ARROW.sub("", section.text), 2)
        elif section.role is Role.CAUSES:
            asks = [block for block in section.blocks if _says(block) and _question(block)]
            listed = bool(_WHYS.search(plain(section.heading))) and any(b.kind == "item" for b in section.blocks)
            if asks or listed:
                chains.begin(section.heading)
                _read(section, chains, answers_alone=not asks)
    return tuple(_settled(chains.found))


def _settled(found: list[Why]) -> Iterator[Why]:
    """Put ``2`` at the head of 2.1, 2.2, where numbers have dots, and count each branch from 1."""
    dotted = any("." in why.number for why in found)
    depths: Counter[str] = Counter()
    for why in found:
        branch = why.number if dotted and why.number.isdigit() else why.branch
        depths[branch] += 1
        yield replace(why, branch=branch, depth=depths[branch])


def _says(block: Block) -> bool:
    return block.kind in ("item", "paragraph", "row", "heading", "html") and not block.quoted


def _question(block: Block) -> bool:
    return _asks(block.text)


def _asks(text: str) -> bool:
    return "?" in text and bool(_WHY.search(text))


def _read(section: Section, chains: _Chains, *, answers_alone: bool) -> None:
    waiting = False  # whether the last question has no answer yet
    for block in filter(_says, section.blocks):
        if block.label and not _question(block) and (_BRANCH.search(block.text) or block.kind == "paragraph"):
            rest = block.text[len(block.label) :].strip(" :\n")
            if not rest or _BRANCH.search(block.text):
                chains.begin(block.text)
                continue
        if block.kind == "row":
            _row(block, chains)
        elif answers_alone:
            if block.kind == "item":
                number, text = _numbered(block)
                chains.add(block.line, number, "", _ARROW.sub("", text), block.level)
        elif _question(block):
            waiting = _ask(block, chains)
        elif waiting or (chains.found and block.level > 1 and block.kind == "item") or _ARROW.match(block.text):
            if chains.found:
                chains.answer(_ARROW.sub("", block.text))
            waiting = False


def _ask(block: Block, chains: _Chains) -> bool:
    """Take in the question of a block, or several in its lines; tell whether the last waits for an answer."""
    number, text = _numbered(block)
    waiting, line = False, block.line
    for part in re.split(r"\n(?=[^\n]{0,300}\bwhy\b[^\n?]{0,300}\?)", text, flags=re.I):
        own, words = (number, part) if part is text or line == block.line else _typed(part)
        found = _QUESTION.match(words.strip())
        question, rest = (found[1], found[2]) if found else (words, "")
        question = re.sub(r"^(?:q(?:uestion)?\s*:|->|→)\s*", "", question, flags=re.I)
        answer = _ARROW.sub("", rest.strip())
        chains.add(line, own, question, answer, block.level)
        waiting = not answer
        line += part.count("\n") + 1
    return waiting


def _row(block: Block, chains: _Chains) -> None:
    cells = [cell for cell in block.cells if cell]
    number = cells.pop(0) if cells and re.fullmatch(r"(?:why\s*)?#?\d+(?:\.\d+)*\.?", cells[0], re.I) else ""
    if cells:
        asks = "?" in cells[0] or len(cells) > 1
        chains.add(block.line, re.sub(r"[^\d.]", "", number).strip("."), cells[0] if asks else "",
                   " ".join(cells[1:] if asks else cells), 1)  # fmt: skip


def _numbered(block: Block) -> tuple[str, str]:
    """Give the number of an item, typed or its list's, and its text without it."""
    number, text = _typed(block.text)
    return number or (block.marker if block.marker.isdigit() else ""), text


def _typed(text: str) -> tuple[str, str]:
    found = _NUMBER.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)
