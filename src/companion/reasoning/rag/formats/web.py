"""The text of an HTML page: what a reader sees, its title, its headings; rows of tables on lines of their own."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from companion.reasoning.rag.formats.headings import LONGEST, Content, Heading

UNSEEN = frozenset({"script", "style", "template", "noscript", "nav", "svg", "button", "select", "iframe", "object"})
"""What is left out, with all that is in it."""

BLOCKS = frozenset(
    re.findall(
        r"\w+",
        """address article aside blockquote body br center dd details div dl dt fieldset figcaption figure footer form
        h1 h2 h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody tfoot thead tr ul""",
    )
)
"""What begins and ends a line."""

PARAGRAPHS = BLOCKS - frozenset(
    re.findall(r"\w+", "body br center dd div dt fieldset form hr html li summary tbody tfoot thead tr")
)
"""What a blank line stands before and after."""

_BEGUN = re.compile(r"<[a-zA-Z/!?]")
_LEVEL = {f"h{level}": level for level in range(1, 7)}


def web_page(text: str) -> Content:
    """Read an HTML page; one that is not well-formed is read as far as a browser would guess."""
    reader = _Reader()
    reader.feed(_ended(text))
    reader.close()
    return reader.content()


def _ended(text: str) -> str:
    """Take away comments, and a tag or comment at the end that nothing ends.

    The library's parser looks for the end of each such thing anew, and takes hours over a page of a million.
    """
    parts, at = list[str](), 0
    while (start := text.find("<!--", at)) >= 0:
        parts.append(text[at:start])
        end = text.find("-->", start + 4)
        at = len(text) if end < 0 else end + 3
    whole = "".join([*parts, text[at:]])
    last = whole.rfind(">") + 1
    begun = _BEGUN.search(whole, last)
    return whole[: begun.start()] if begun else whole


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.headings: list[Heading] = []
        self._parts: list[str] = []
        self._length = 0
        self._wanted = 0  # how many line ends have to stand before what comes next
        self._apart = False  # whether a space stands before what comes next
        self._unseen: list[str] = []
        self._preserved = 0
        self._in_title = False
        self._heading: tuple[int, int, int] | None = None  # its level, where it begins, and in which part

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen.append(tag)
        elif tag == "title" and not self.title:
            self._in_title = True
        elif tag in _LEVEL:
            self._end_heading()
            self._break(2)
            self._heading = (_LEVEL[tag], self._length + self._wanted, len(self._parts))
        elif tag in BLOCKS:
            self._break(2 if tag in PARAGRAPHS else 1)
            self._preserved += tag == "pre"
        elif tag in ("td", "th") and self._parts and not self._wanted:
            self._write(" | ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self._break(1)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            while self._unseen.pop() != tag:
                pass
        elif tag == "title":
            self._in_title = False
        elif tag in _LEVEL:
            self._end_heading()
        elif tag in BLOCKS:
            self._break(2 if tag in PARAGRAPHS else 1)
            self._preserved -= tag == "pre" and self._preserved > 0

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._unseen:
            self._say(data)

    def _say(self, data: str) -> None:
        if self._preserved:
            self._write(data)
            return
        words = " ".join(data.split())
        if data[:1].isspace() or self._apart:
            self._apart = False
            words = f" {words}" if words and self._parts and not self._wanted else words
        if words:
            self._write(words)
        self._apart = data[-1:].isspace()  # a space is written when a word follows on the line

    def _break(self, lines: int) -> None:
        if self._parts:
            self._wanted = max(self._wanted, lines)
            self._apart = False

    def _write(self, text: str) -> None:
        if self._wanted:
            self._parts.append("\n" * self._wanted)
            self._length += self._wanted
            self._wanted = 0
        if text:
            self._parts.append(text)
            self._length += len(text)

    def _end_heading(self) -> None:
        if self._heading is None:
            return
        level, start, part = self._heading
        name = " ".join("".join(self._parts[part:]).split())
        if name:
            self.headings.append(Heading(start, self._length, level, name[:LONGEST]))
        self._heading = None
        self._break(2)

    def content(self) -> Content:
        """Give what was read."""
        self._end_heading()
        title = " ".join(self.title.split()) or next((each.name for each in self.headings if each.level == 1), "")
        return Content("".join(self._parts), title[:LONGEST], self.headings)


def charset_of(data: bytes) -> str:
    """Give the character set that a page names for itself in its first kilobytes, or ""."""
    found = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w:.-]{1,40})", data[:4096], re.I)
    return found[1].decode("ascii") if found else ""
