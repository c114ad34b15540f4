"""What the rules read: prose with its lines, quotations left out, and what several rules look for in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from companion.operations.postmortems.document import Document, Role, Section
from companion.operations.postmortems.rules.outcome import Mark, family

NUMBER = (
    r"(?<![\w.,:/#-])(?:\d{1,3}(?:[,.’'\x20]\d{3}(?!\d))+|\d+)(?:\.\d+)?(?:(?-i:[kKM])(?!\w)|\s+(?:thousand"
    r"|million|billion)\b)?"
)
"""An amount; no part of a time, a date, a version, or the number of a ticket."""

CLOCK = r"(?<![\d.:,])(?:[01]?\d|2[0-4])(?::[0-5]\d(?::[0-5]\d)?(?:\s?[ap]\.?m\b\.?)?|\s?[ap]\.?m\b\.?)(?![\d%])"
"""A time of the day."""

SPELLED = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "half an": 0.5,
}  # fmt: skip
"""Numbers as they are spelled before a unit of time."""

STOP = re.compile(
    r"(?<!pprox)(?<!\bca)(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)(?<!\b[Ff]ig)(?<!\bNo)[.!?]\s+(?=[A-Z0-9*_(\[>~$€£])|\|"
)
"""Where a sentence, or the cell of a table, ends."""

PROSE = frozenset({"paragraph", "item", "row"})


@dataclass(frozen=True)
class Passage:
    """One paragraph, item or row, with quotations blanked out so that every place in it keeps its line."""

    line: int
    text: str
    role: Role

    def line_at(self, offset: int) -> int:
        """Tell the line of the file on which a place of the text stands."""
        return self.line + self.text.count("\n", 0, offset)

    def sentences(self) -> Iterator[tuple[int, str]]:
        """Give each sentence with the place where it begins."""
        begin = 0
        for stop in STOP.finditer(self.text):
            yield begin, self.text[begin : stop.start() + 1]
            begin = stop.end()
        yield begin, self.text[begin:]


def unquoted(text: str) -> str:
    """Blank out what stands in quotation marks: it is someone else who says it."""
    if not any(mark in text for mark in '"“«'):
        return text
    return re.sub(r"“[^”]{1,300}”|«[^»]{1,300}»|\"[^\"]{1,300}\"", lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def read(sections: Iterable[Section]) -> tuple[Passage, ...]:
    """List the passages of these sections: no code, no comments, nothing that is quoted or struck out."""
    return tuple(
        Passage(block.line, unquoted(block.text), section.role)
        for section in sections
        for block in section.blocks
        if block.kind in PROSE and not block.quoted and not block.struck and block.text.strip()
    )


def below(document: Document, section: Section) -> tuple[Section, ...]:
    """List a section with the labels and the parts of a summary that stand below it."""
    place = document.sections.index(section)
    found = [section]
    top = not section.heading or section.line == document.title_line
    for following in document.sections[place + 1 :]:
        if following.level <= section.level and not top:
            break
        inline = following.level > 6 and any(block.line == following.line for block in following.blocks[:1])
        part = following.role in PARTS and (following.level > 6 or (section.role == Role.SUMMARY and not top))
        if not inline and not part:
            break
        found.append(following)
    return tuple(found)


PARTS = frozenset({Role.SUMMARY, Role.CONTEXT, Role.IMPACT, Role.COMMUNICATION})
"""What may be a heading of its own within a summary."""


def lead(document: Document) -> tuple[Section, ...]:
    """List what stands under the title, before the first heading of a section, labels included."""
    found: dict[int, Section] = {}
    for section in document.sections:
        if not section.heading or section.line == document.title_line:
            found |= {part.line: part for part in below(document, section)}
    return tuple(found[line] for line in sorted(found))


def summary(document: Document) -> tuple[Passage, ...]:
    """List the passages of the summary; where no section is one, those under the title."""
    sections: dict[int, Section] = {}
    for section in document.of(Role.SUMMARY):
        sections |= {part.line: part for part in below(document, section)}
    named = read(sections[line] for line in sorted(sections))
    return named or read(lead(document))


def title(document: Document) -> tuple[Passage, ...]:
    """Give the title as a passage, if there is one."""
    if document.title_line is None:
        return ()
    return (Passage(document.title_line, unquoted(document.title), Role.SUMMARY),)


def story(document: Document) -> tuple[Passage, ...]:
    """List what tells a reader what happened to the customers: lead, summary, impact, how far it reached."""
    told = {passage.line: passage for passage in (*read(lead(document)), *summary(document))}
    told |= {passage.line: passage for passage in read(document.of(Role.IMPACT, Role.BLAST_RADIUS))}
    return (*title(document), *(told[line] for line in sorted(told) if line != document.title_line))


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Compile an expression in which a blank stands for any white space, and capitals do not matter."""
    return re.compile(re.sub(r" (?![*+?{])", r"\\s+", text), re.IGNORECASE)


@cache
def words(name: str, kind: str = "story") -> str:
    """Write the expression that finds any word of a list in a family's file, the longest first."""
    listed = family(kind)["words"][name].split(", ")
    return "(?:" + "|".join(sorted(listed, key=len, reverse=True)) + ")"


def cut(text: str, most: int = 60) -> str:
    """Shorten a text for a message, white space made single."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + " …"


def few(marks: list[Mark], what: str, most: int = 3, where: str = " further down") -> list[Mark]:
    """Keep the first marks, and let the last of them tell how many more there are."""
    if len(marks) <= most:
        return marks
    last = marks[most - 1]
    left = f"{len(marks) - most} more {what}" if len(marks) - most > 1 else "One more"
    more = f"{last.message} {left}{where}."
    return [*marks[: most - 1], Mark(last.line, more, last.fix, last.severity)]


def enumerated(parts: Iterable[str]) -> str:
    """Join words as a sentence does: ``a, b and c``."""
    *before, last = parts
    return f"{', '.join(before)} and {last}" if before else last
