"""What of a restricted post mortem may be shared: marked parts leave, and what looks secret in the rest is pointed out.

Whatever is unclear is refused rather than guessed, since what has been shared cannot be taken back: a passage that is
opened twice or never closed, a mark in a block of code, "(restricted)" at the end of a line that is no heading.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt

from companion.operations.postmortems.document import PostmortemError
from companion.operations.postmortems.reading import front_matter
from companion.operations.postmortems.writing.secrets import Secret, secrets

_MARK = re.compile(r"<!--\s*(/?)\s*restricted\s*-->", re.I)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_ALMOST = re.compile(r"<!--\W*(?:(?:end|begin|start|close|open|not)\b\W*)?restrict", re.I)
_SAID = re.compile(r"[\[({（]\s*restricted\s*[\])}）]", re.I)
_ENDS = re.compile(r"[(（]\s*restricted\s*[)）][\s#*_:.]*\Z", re.I)
_HEADING = re.compile(r"[\s>*+-]*#{1,6}\s")
_NOTE = re.compile(r" {0,3}\[(\^?[^\]]+)\]:", re.M)


@dataclass(frozen=True)
class Shared:
    """What is left, and what to say of it.

    Attributes
    ----------
    text : str
        What may be shared, once `secrets` is empty.
    sections, passages, comments : int
        How many left. Comments leave, since no reader of the page has seen them.
    secrets : tuple of Secret
        What looks secret or personal in the text; lines are those of the whole document.
    """

    text: str
    sections: int
    passages: int
    comments: int
    secrets: tuple[Secret, ...]


def share(text: str, path: str = "post-mortem.md", allowed: Sequence[str] = ()) -> Shared:
    """Leave out what is marked as restricted.

    Parameters
    ----------
    text : str
        The whole document.
    path : str
        How it is called in what is said about it.
    allowed : sequence of str
        Words that look secret or personal and may stay, such as the address of a public mailbox.

    Raises
    ------
    PostmortemError
        If it is unclear what is restricted, or nothing would be left; with the line.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    page = _Page(text, path)
    passages, comments = _passages(page)
    sections = _sections(page, passages)
    kept = _without(text, [*passages, *sections, *comments])
    if not re.search(r"\w", "".join(piece for _, piece in kept)):
        raise PostmortemError(f"{path}: all of it is restricted; nothing is left to share")
    return Shared(_tidy(kept), len(sections), len(passages), len(comments), tuple(_secrets(page, kept, allowed)))


class _Page:
    """A text with its lines, and the places where Markdown sees code and headings."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.path = text, path
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        body = front_matter.split(text)[2]
        shift = text.count("\n") - body.count("\n")
        tokens = MarkdownIt("commonmark").parse(body)
        self.code = [
            (token.map[0] + shift, token.map[1] + shift)
            for token in tokens
            if token.type in ("fence", "code_block") and token.map
        ]
        self.headings = [
            (token.map[0] + shift, int(token.tag[1]), following.content, token.map[1] + shift)
            for token, following in itertools.pairwise(tokens)
            if token.type == "heading_open" and token.map and not token.level
        ]

    def line(self, at: int) -> int:
        return bisect.bisect_right(self.starts, at)

    def in_code(self, line: int) -> bool:
        return any(first < line <= last for first, last in self.code)

    def at(self, line: int) -> int:
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def refuse(self, line: int, why: str) -> PostmortemError:
        return PostmortemError(f"{self.path}:{line}: {why}")


Spans = list[tuple[int, int]]


def _passages(page: _Page) -> tuple[Spans, Spans]:
    """Find the passages between marks, and the other comments."""
    passages, marks = Spans(), list(_MARK.finditer(page.text))
    opened: int | None = None
    for mark in marks:
        line = page.line(mark.start())
        if page.in_code(line):
            raise page.refuse(line, f"{mark[0]} stands in a block of code; set it outside, on a line of its own")
        if not mark[1]:
            if opened is not None:
                raise page.refuse(line, f"restricted since line {page.line(opened)} already; close that first")
            opened = mark.start()
        elif opened is None:
            raise page.refuse(line, f"{mark[0]} closes nothing")
        else:
            passages.append((opened, mark.end()))
            opened = None
    if opened is not None:
        raise page.refuse(page.line(opened), "<!-- restricted --> is never closed by <!-- /restricted -->")
    exact = {mark.start() for mark in marks}
    for almost in _ALMOST.finditer(page.text):
        if almost.start() not in exact:
            line = page.line(almost.start())
            raise page.refuse(line, "unclear what is restricted: write <!-- restricted --> or <!-- /restricted -->")
    return passages, _comments(page, passages, exact)


def _comments(page: _Page, passages: Spans, marks: set[int]) -> Spans:
    """Find the comments outside of code and of passages; one that holds a mark has no end of its own."""
    found, at = Spans(), 0
    while comment := _COMMENT.search(page.text, at):
        start, at = comment.span()
        if start in marks or _inside(start, passages):
            continue
        line = page.line(start)
        if page.in_code(line):
            at = start + 4
        elif any(start < mark < at for mark in marks):
            raise page.refuse(line, "a comment that is not closed; close it by -->")
        else:
            found.append(comment.span())
    return found


def _sections(page: _Page, passages: Spans) -> Spans:
    """Find the sections whose heading ends in "(restricted)", and refuse such words where they mark no section."""
    found, marked = Spans(), set[int]()
    for n, (first, level, words, after) in enumerate(page.headings):
        if _ENDS.search(words):
            ends = (begin for begin, other, *_ in page.headings[n + 1 :] if other <= level)
            marked.update(range(first, after))
            found.append((page.at(first), page.at(next(ends, len(page.starts)))))
    for number, text in enumerate(page.text.split("\n")):
        if number in marked:
            continue
        begin = page.at(number)  # of a line that begins within what leaves, the rest counts
        text = text[max((last - begin for first, last in [*passages, *found] if first <= begin < last), default=0) :]
        if _SAID.search(text) and (_ENDS.search(text) or _HEADING.match(text)):
            why = 'unclear what is restricted: "(restricted)" ends a heading, and else there are the marks'
            raise page.refuse(number + 1, why)
    outer = Spans()
    for span in found:  # a section below a restricted one leaves with it
        if not _inside(span[0], outer):
            outer.append(span)
    return outer


def _inside(at: int, spans: Spans) -> bool:
    return any(first <= at < last for first, last in spans)


def _without(text: str, spans: Spans) -> list[tuple[int, str]]:
    """Cut spans out: what is left, each piece with its place."""
    kept, at = [], 0
    for first, last in sorted(spans):
        if first > at:
            kept.append((at, text[at:first]))
        at = max(at, last)
    return [*kept, (at, text[at:])]


def _tidy(kept: list[tuple[int, str]]) -> str:
    """Join what is left, without blanks at the ends of cut lines, and with one empty line where there are several."""
    joined = kept[0][1]
    for _, piece in kept[1:]:
        joined = joined.rstrip(" \t") + piece if piece[:1] in ("\n", "") else joined + piece
    return re.sub(r"\n{3,}", "\n\n", joined).strip("\n") + "\n"


def _secrets(page: _Page, kept: list[tuple[int, str]], allowed: Sequence[str]) -> list[Secret]:
    """Look at what is left, line by line of the whole, and for notes that only what has left refers to."""
    lines: dict[int, str] = {}
    for at, piece in kept:
        first = page.line(at)
        for n, words in enumerate(piece.split("\n")):
            lines[first + n] = lines.get(first + n, "") + words
    found = [secret for line, words in sorted(lines.items()) for secret in secrets(words, line, allowed)]
    left = "\n".join(words for _, words in sorted(lines.items()))
    for line, words in sorted(lines.items()):
        if (note := _NOTE.match(words)) and _uses(note[1], page.text) > 1 and _uses(note[1], left) == 1:
            found.append(Secret(line, "note to a restricted passage", f"[{note[1]}]"))
    return sorted(found, key=lambda secret: secret.line)


def _uses(label: str, text: str) -> int:
    return text.lower().count(f"[{label.lower()}]")
