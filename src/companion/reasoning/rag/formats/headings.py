"""Headings of Markdown, reStructuredText and plain text, and the sections that they make.

Nothing is taken out of the text: a place in it is a place in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from companion.reasoning.rag.chunks import Section

LONGEST = 200
"""Characters of a title or the name of a section that are kept."""

MARK = "\ufeff"
"""What some editors begin a file with; it has no width and no meaning."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+([^ \t#].*)")
_SETEXT = re.compile(r" {0,3}(={2,}|-{2,})[ \t]*")
_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*")
_KEY = re.compile(r"([A-Za-z][\w .-]{0,40}):(?:[ \t]+(.*))?")
_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])|:[\w:+.-]+:(?=`)|`_+")
_MARKS = re.compile(r"[*`\\]+|(?<!\w)_+|_+(?!\w)")


@dataclass(frozen=True)
class Heading:
    """A heading: where its line begins, where what stands below it begins, its level from 1 on, and its words."""

    start: int
    below: int
    level: int
    name: str


@dataclass(frozen=True)
class Content:
    """What was read of a file; `title` is "" where it has none."""

    text: str
    title: str = ""
    headings: Sequence[Heading] = ()
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """A line of a text and its place."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """Where the next line begins, if there is one."""
        return self.start + len(self.text) + 1


def markdown(text: str) -> Content:
    """Read Markdown: headings with # or underlined, none inside a fence; a head between two lines of dashes."""
    head, behind = front_matter(text)
    headings = list(markdown_headings(text, behind or text.startswith(MARK)))
    title = head.get("title", "") or next((each.name for each in headings[:1] if each.level == 1), "")
    return Content(text, title, headings, head)


def markdown_headings(text: str, behind: int = 0) -> Iterator[Heading]:
    """List the headings of Markdown from a place on."""
    fence = ""
    before, above = Line(behind, ""), Line(behind, "")
    for line in lines_of(text, behind):
        opened = _FENCE.match(line.text)
        if fence:
            if opened and opened[1].startswith(fence) and not line.text.strip(" `~"):
                fence = ""
        elif opened:
            fence = opened[1]
        elif found := _ATX.fullmatch(line.text):
            yield Heading(line.start, line.end, len(found[1]), plain(_without_closing(found[2])))
        elif (found := _SETEXT.fullmatch(line.text)) and _may_be_title(above.text) and not before.text.strip():
            yield Heading(above.start, line.end, 1 if found[1][0] == "=" else 2, plain(above.text))
        before, above = above, (Line(line.start, "") if fence or opened else line)


def _without_closing(name: str) -> str:
    """Take away the signs that may close a heading; those of "C#" are its own."""
    name = name.rstrip(" \t")
    closed = name.rstrip("#")
    return closed if closed[-1:] in (" ", "\t") else name


def restructured(text: str) -> Content:
    """Read reStructuredText: a line over a row of one sign, as often in another row above it, is a heading."""
    head, behind = key_values(text)
    headings = list(_adorned(text, behind or text.startswith(MARK)))
    title = _head_title(head)
    top = [each for each in headings if each.level == 1]
    empty = len(headings) > 1 and not text[headings[0].below : headings[1].start].strip()
    if not title and headings and headings[0] == top[0] and (len(top) == 1 or empty):
        title = top[0].name
    return Content(text, title, headings, head)


def plain_text(text: str) -> Content:
    """Read text without a format: a head of keys and values, or a short line and a blank one, tell its title."""
    content = restructured(text)
    if content.title:
        return content
    lines = [line for line, _ in zip(lines_of(text), range(20), strict=False)]
    first = next((n for n, line in enumerate(lines) if line.text.strip(f"{MARK} \t#")), None)
    if first is None or content.metadata or any(each.start == lines[first].start for each in content.headings):
        return content
    title = lines[first].text.strip(f"{MARK} \t#")
    alone = first + 1 == len(lines) or not lines[first + 1].text.strip()
    if not alone or len(title) > LONGEST // 2 or title[-1] in ".,;" or title.startswith(("..", "|", "<", "[", "{")):
        return content
    return Content(text, title, content.headings, content.metadata)


def sections_of(content: Content) -> tuple[Section, ...]:
    """Give the sections, each named by the headings that it stands below, the document's title aside.

    A heading with nothing below it but a deeper one, and a title with nothing below it, begin the next one's section:
    alone they would be found, and say nothing.
    """
    found, above = list[Section](), list[Heading]()
    ends = [*(each.start for each in content.headings[1:]), len(content.text)][: len(content.headings)]
    begun: int | None = None
    for at, (heading, end) in enumerate(zip(content.headings, ends, strict=True)):
        above = [each for each in above if each.level < heading.level] + [heading]
        last = at + 1 == len(ends)
        titles = not last and (heading.name == content.title or content.headings[at + 1].level > heading.level)
        begun = heading.start if begun is None else begun
        if titles and not content.text[heading.below : end].strip():
            continue
        names = [each.name for each in above if each.name and each.name != content.title]
        found.append(Section(", ".join(names)[:LONGEST], begun, end))
        begun = None
    return tuple(found)


def front_matter(text: str) -> tuple[dict[str, str], int]:
    """Read the simple lines of a head between two lines of dashes; give them, and where the text begins."""
    if not text.lstrip(MARK).startswith("---\n"):
        return {}, 0
    begun = text.index("---\n") + 4
    found = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.M).search(text, begun)
    if found is None:
        return {}, 0
    pairs = [_KEY.fullmatch(line) for line in text[begun : found.start()].splitlines()]
    head = {pair[1].lower(): pair[2].strip("\"' \t")[:LONGEST] for pair in pairs if pair and pair[2]}
    return head, found.end()


def key_values(text: str) -> tuple[dict[str, str], int]:
    """Read a head of two lines or more such as ``Title: Wheels``; give it, and where the text begins.

    A line that begins with white space goes on with the value above it.
    """
    found: dict[str, str] = {}
    key, behind = "", 0
    for line in lines_of(text):
        pair = _KEY.fullmatch(line.text.lstrip(MARK))
        if pair and not pair[1].lower().startswith(("http", "note")):
            key = pair[1].lower()
            found[key] = (pair[2] or "").strip()[:LONGEST]
        elif found and line.text[:1] in " \t" and line.text.strip():
            found[key] = f"{found[key]} {line.text.strip()}".strip()[:LONGEST]
        elif not line.text.strip():
            break
        else:
            return {}, 0
        behind = line.end
    return (found, min(behind, len(text))) if len(found) > 1 else ({}, 0)


def _head_title(head: dict[str, str]) -> str:
    """Give the title of a head, behind its first line where that is a number: ``PEP 8 Style Guide``."""
    title = plain(head.get("title", "") or head.get("subject", ""))
    key, value = next(iter(head.items()), ("", ""))
    return f"{key.upper()} {value} {title}" if title and value.isdigit() else title


def _adorned(text: str, behind: int) -> Iterator[Heading]:
    """List headings by their rows of signs; the first style that comes up is the highest level."""
    styles: list[tuple[str, bool]] = []
    before, above = Line(behind, ""), Line(behind, "")
    for line in lines_of(text, behind):
        found = _ADORNMENT.fullmatch(line.text)
        title = above.text.strip()
        over = bool(found) and before.text.strip() == line.text.strip() and bool(title)
        long_enough = len(line.text.rstrip()) + 2 >= len(above.text.rstrip())
        if found and long_enough and (over or (_may_be_title(above.text) and not before.text.strip())):
            style = (found[1], over)
            if style not in styles:
                styles.append(style)
            start = before.start if over else above.start
            yield Heading(start, line.end, styles.index(style) + 1, plain(title))
            line = Line(line.start, "")  # the row under one heading is none over another
        before, above = above, line


def _may_be_title(line: str) -> bool:
    """Whether a line could be a title: neither indented nor of a list, nor made of signs."""
    return bool(re.match(r"(?![-*+>|] )\S", line)) and bool(re.search(r"\w", line)) and len(line) <= LONGEST


def plain(name: str) -> str:
    """Take the marks of emphasis, code and links from a heading."""
    some = name[: 5 * LONGEST]  # a line may have a million brackets
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", some)).split())[:LONGEST]


def lines_of(text: str, behind: int = 0) -> Iterator[Line]:
    """List the lines from a place on; a form feed or U+2028 ends none, as in a file that is read line by line."""
    ends = (found.start() for found in re.compile("\n|\\Z").finditer(text, behind))
    for last, end in pairwise([behind - 1, *ends]):
        yield Line(last + 1, text[last + 1 : end])
