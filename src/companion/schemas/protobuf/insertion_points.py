"""Where text can be put into a schema so that everything that was there stays as it was.

Nothing here moves or removes a byte: a change is a list of insertions. Where they go follows the layout that the file's
author chose, and comments keep the neighbours that they had.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from companion.schemas.protobuf import source_text

_BOM = b"\xef\xbb\xbf"
_IMPORT = re.compile(rb"(?<![\w.])import\s+(?:(?:public|weak|option)\s+)?(_{2,})\s*;")
_HEADS = (re.compile(rb"(?<![\w.])package\s+[\w.\s]+;"), re.compile(rb"(?<![\w.])(?:syntax|edition)\s*=\s*_{2,}\s*;"))
_REST_OF_LINE = re.compile(rb"[ \t\r\v\f#]*\n")
# protoc takes comment lines below `{` for a remark on what the brace opens when a blank line follows them
_REMARK = re.compile(rb"\n(?:(?:[ \t]*//[^\n]*\n)+|[ \t]*/\*(?:[^*]|\*(?!/))*\*/[ \t\r]*\n)[ \t\r]*(?=\n)")
_BLANK_LINE = re.compile(rb"\n[ \t\r]*\n")
_INDENTED = re.compile(rb"\n(\t| {1,8})(?=[^\s#])")
_OPENING, _CLOSING = b"([{<", b")]}>"


@dataclass(frozen=True)
class Insertion:
    """Bytes to be put in front of the offset `at` of the original."""

    at: int
    text: bytes


def apply(source: bytes, insertions: Iterable[Insertion]) -> bytes:
    """Put every insertion into `source`; those at the same place come in the order given."""
    pieces, done = [], 0
    for insertion in sorted(insertions, key=lambda insertion: insertion.at):
        pieces += [source[done : insertion.at], insertion.text]
        done = insertion.at
    return b"".join([*pieces, source[done:]])


class Layout:
    """One file, and the places in it.

    Offsets `start` and `end` are those of a span: from the first byte of a field, message or method up to and including
    its semicolon or brace.
    """

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.masked = source_text.mask(source)
        self.solid = source_text.solid(source)
        self.newline = b"\r\n" if source[: source.find(b"\n") + 1].endswith(b"\r\n") else b"\n"
        indented = _INDENTED.search(self.solid)
        self.unit = indented.group(1) if indented else b"  "

    # ---------------------------------------------------------------------------------------------- insertions

    def into_brackets(self, start: int, end: int, option: bytes) -> list[Insertion]:
        """Put an option behind those that a field has, in the layout of its list, or give it a list."""
        found = source_text.brackets(self.masked, start, end)
        if found is None:
            stop = end - 1 if self.masked[end - 1 : end] == b";" else self.brace(start, end)
            return [Insertion(self._last(start, stop), b" [" + option + b"]")]
        opened, closed = found
        last = self._last(opened, closed)
        sibling = self._last_option(opened, closed)
        before = self.source[self._line(sibling) : sibling]
        if before.strip():  # the sibling shares its line, so may we
            return [Insertion(last, b", " + option)]
        # behind the sibling's comment, if it has one: in front of it, the comment would seem to speak of our option
        at = self._line_break(last, closed)
        return [Insertion(last, b","), Insertion(last if at is None else at, self.newline + before + option)]

    def into_body(self, start: int, end: int, statement: bytes) -> list[Insertion]:
        """Put a statement first into the braces of a message or method."""
        inside = self.brace(start, end) + 1
        at = self._line_break(inside, end)
        if at is None:
            space = b"" if self.source[inside : inside + 1].isspace() else b" "
            return [Insertion(inside, b" " + statement + space)]
        remark = _REMARK.match(self.source, self.source.find(b"\n", at), end)
        if remark and not self.source[inside:at].strip():
            at = remark.end() - self.source[: remark.end()].endswith(b"\r")
        return [Insertion(at, self.newline + self._indent_inside(inside, start, end) + statement)]

    def into_method(self, start: int, end: int, option: bytes) -> list[Insertion]:
        """Put an option first into a method's braces; a method without any gets some around its own semicolon."""
        if self.masked[end - 1 : end] == b";":
            return [Insertion(self._last(start, end - 1), b" { " + option), Insertion(end, b" }")]
        return self.into_body(start, end, option + b";")

    def after_imports(self, statement: bytes) -> list[Insertion]:
        """Put an import behind the last one, or where the first one would be."""
        ends = [match.end() for match in _IMPORT.finditer(self.masked) if self.source[match.start(1)] in b"\"'"]
        heads = [match for head in _HEADS if (match := head.search(self.masked))]
        if ends:
            end, gap = ends[-1], self.newline
        elif heads:
            end, gap = heads[0].end(), self.newline * 2
        else:
            return [Insertion(self._top(), statement + self.newline * 2)]
        at = self._line_break(end, len(self.source))
        if at is None:
            return [Insertion(end, b" " + statement)]
        return [Insertion(at, gap + self._indent(end) + statement)]

    # -------------------------------------------------------------------------------------------------- places

    def brace(self, start: int, end: int) -> int:
        """The offset of the `{` that opens a body; those of options before it do not count."""
        depth = 0
        for index in range(start, end):
            byte = self.masked[index]
            if byte == 0x7B and depth == 0:  # {
                return index
            depth += (byte == 0x5B) - (byte == 0x5D)  # [ ]
        raise ValueError("no body here")

    def _last(self, start: int, stop: int) -> int:
        """The offset behind the last word before `stop`: a comment between the two stays where it is."""
        return start + len(self.masked[start:stop].rstrip())

    def _last_option(self, opened: int, closed: int) -> int:
        """The offset at which the last option of a list begins."""
        begin, depth = opened + 1, 0
        for index in range(opened + 1, closed):
            byte = self.masked[index]
            depth += (byte in _OPENING) - (byte in _CLOSING)
            if byte == 0x2C and depth == 0:  # ,
                begin = index + 1
        return begin + len(self.masked[begin:closed]) - len(self.masked[begin:closed].lstrip())

    def _line(self, at: int) -> int:
        return self.source.rfind(b"\n", 0, at) + 1

    def _line_break(self, start: int, end: int) -> int | None:
        """The end of the line if only comments follow `start` on it (a comment of several lines counts as one)."""
        match = _REST_OF_LINE.match(self.solid, start, end)
        return match.end() - 1 - self.source[: match.end() - 1].endswith(b"\r") if match else None

    def _indent(self, at: int) -> bytes:
        line = self.source[self._line(at) :]
        return line[: len(line) - len(line.lstrip(b" \t"))]

    def _indent_inside(self, inside: int, start: int, end: int) -> bytes:
        """The indentation of what comes first in a body, or one step more than that of an empty one."""
        first = inside + len(self.masked[inside : end - 1]) - len(self.masked[inside : end - 1].lstrip())
        return self._indent(first) if first < end - 1 else self._indent(start) + self.unit

    def _top(self) -> int:
        """Where a file begins that starts without `syntax` or `package`: below the comment at its head."""
        begin = len(_BOM) if self.source.startswith(_BOM) else 0
        first = re.compile(rb"\S").search(self.masked, begin)
        blank = [match.end() for match in _BLANK_LINE.finditer(self.solid, begin, first.start() if first else begin)]
        return blank[-1] if blank else begin
