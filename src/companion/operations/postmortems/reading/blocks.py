"""Markdown as blocks with their lines: a real parser reads it, and this keeps what a judge of post mortems needs.

Text in a table is a row, text in a list an item, whatever the nesting; a comment is kept apart from what is said; code
stays code, so that ``#!/bin/bash`` in a fence is no heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from companion.operations.postmortems.document import Block

NESTING = 40
"""How deep quotations and lists are followed; what is deeper is left out, as the parser does."""

RUN_IN = 6
"""Words of a heading that stands in the line of its paragraph."""

_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.S)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BREAK = re.compile(r"<br\s*/?>", re.I)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,40}\]")


def blocks_of(text: str) -> list[Block]:
    """Read Markdown (CommonMark, tables, struck words) into blocks, in the order of the page.

    Parameters
    ----------
    text
        Without front matter; line ends are ``\\n``.
    """
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": NESTING}).enable(["table", "strikethrough"])
    return list(_Walk().walk(parser.parse(text)))


@dataclass
class _Walk:
    """Where a walk along the parser's tokens stands."""

    lists: list[str] = field(default_factory=list)
    quotes: int = 0
    fresh: bool = False
    marker: str = ""
    head: tuple[str, ...] = ()

    def walk(self, tokens: list[Token]) -> Iterator[Block]:
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "tr_open":
                end = next(n for n in range(at, len(tokens)) if tokens[n].type == "tr_close")
                yield from self._row(tokens[at:end], header=tokens[at - 1].type == "thead_open")
                at = end
            else:
                yield from self._one(token, tokens[at - 1] if at else None)
            at += 1

    def _one(self, token: Token, before: Token | None) -> Iterator[Block]:
        kind, line = token.type, (token.map[0] + 1 if token.map else 0)
        if kind in ("bullet_list_open", "ordered_list_open"):
            self.lists.append(kind)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self.lists.pop()
        elif kind == "list_item_open":
            self.fresh, self.marker = True, token.info or "-"
        elif kind in ("blockquote_open", "blockquote_close"):
            self.quotes += 1 if kind.endswith("open") else -1
        elif kind == "inline" and before is not None:
            yield from self._text(token, line, before)
        elif kind in ("fence", "code_block"):
            yield Block("code", line, token.content.rstrip("\n"), level=len(self.lists), quoted=self.quotes > 0)
        elif kind == "html_block":
            yield from self._html(token.content, line)

    def _text(self, token: Token, line: int, before: Token) -> Iterator[Block]:
        heading = before.type == "heading_open"
        kind = "heading" if heading else "item" if self.fresh and self.lists else "paragraph"
        level = int(before.tag[1]) if heading else len(self.lists)
        marker, self.fresh = self.marker if kind == "item" else "", False
        for number, piece in enumerate(_pieces(token, line)):
            if piece.kind == "comment":
                yield replace(piece, quoted=self.quotes > 0)
                continue
            text, checked = piece.text, None
            if kind == "item" and number == 0 and (box := re.match(r"\[([ xX])\]\s+", text)):
                text, checked = text[box.end() :], box[1] != " "
            if not text.strip() and not piece.images:
                continue
            yield replace(piece, kind=kind, text=text, level=level, marker=marker, checked=checked,
                          quoted=self.quotes > 0)  # fmt: skip
            kind, marker = ("paragraph", "") if kind == "item" else (kind, marker)

    def _html(self, content: str, line: int) -> Iterator[Block]:
        at, begins = 0, line
        for comment in _COMMENT.finditer(content):
            begins += content.count("\n", at, comment.start())
            at = comment.start()
            yield Block("comment", begins, comment[1].strip())
        visible = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), content)
        images = tuple(
            (_attribute(tag, "alt"), _attribute(tag, "src")) for tag in re.findall(r"<img\b[^<>]*>", visible)
        )
        for offset, words in enumerate(_TAG.sub("", _BREAK.sub(" ", visible)).split("\n")):
            if words.strip() or (images and not offset):
                yield Block("html", line + offset, words.strip(), images=images if not offset else (),
                            quoted=self.quotes > 0)  # fmt: skip

    def _row(self, tokens: list[Token], *, header: bool) -> Iterator[Block]:
        inline = [token for token in tokens if token.type == "inline"]
        line = next((token.map[0] + 1 for token in (*tokens, *inline) if token.map), 0)
        cells = [list(_pieces(token, line)) for token in inline]
        yield from (piece for cell in cells for piece in cell if piece.kind == "comment")
        words = [[piece for piece in cell if piece.kind != "comment"] for cell in cells]
        texts = tuple(" ".join(piece.text for piece in cell).strip() for cell in words)
        if header:
            self.head = texts
            return
        parts = [piece for cell in words for piece in cell]
        yield Block(
            "row", line, " | ".join(texts), strong=any(piece.strong for piece in parts),
            struck=bool(parts) and all(piece.struck for piece in parts if piece.text), cells=texts, head=self.head,
            links=tuple(link for piece in parts for link in piece.links),
            images=tuple(image for piece in parts for image in piece.images), quoted=self.quotes > 0,
        )  # fmt: skip


@dataclass
class _Line:
    """What stands between two hard line ends of a paragraph."""

    line: int
    texts: list[str] = field(default_factory=list)
    bolds: list[str] = field(default_factory=list)
    strucks: list[str] = field(default_factory=list)
    slants: list[str] = field(default_factory=list)
    begun: bool = False
    bold_first: bool = False
    links: list[tuple[str, str]] = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)

    def add(self, words: str, *, strong: bool, struck: bool, slanted: bool) -> None:
        if words.strip() and not self.begun:
            self.begun, self.bold_first = True, strong
        self.texts.append(words)
        if strong:
            self.bolds.append(words)
        if struck:
            self.strucks.append(words)
        if slanted:
            self.slants.append(words)

    def block(self) -> Block:
        text, bold = "".join(self.texts), "".join(self.bolds)
        said = text.strip()
        line = self.line + text[: len(text) - len(text.lstrip())].count("\n")
        return Block(
            "paragraph", line, said, label=self._label(said, bold), strong=bool(bold.strip("\0 \n")),
            struck=bool(said) and "".join(self.strucks).strip() == said, links=tuple(self.links),
            images=tuple(self.images),
        )  # fmt: skip

    def _label(self, said: str, bold: str) -> str:
        if said and said.rstrip(":") == "".join(self.slants).strip().rstrip(":"):
            return said.rstrip(":")  # a line in italics
        if head := self._run_in(said):
            return head
        bold = bold.split("\0", 1)[0].strip() if self.bold_first else ""
        rest = said[len(bold) :].strip()
        if not bold or not (bold.endswith(":") or not rest or rest.startswith(":")):
            return ""
        return bold.rstrip(":").strip()

    def _run_in(self, said: str) -> str:
        """Find a heading in the line of its paragraph: bold or italic words that end with a full stop."""
        for words in (self.bolds if self.bold_first else [], self.slants):
            head = words[0].strip() if words else ""
            if head.endswith(".") and said.startswith(head) and len(head.split()) <= RUN_IN and head != said:
                return head[:-1]
        return ""


def _pieces(token: Token, line: int) -> Iterator[Block]:
    """Give a paragraph's text, one block for each hard line end, and its comments as blocks of their own."""
    now, strong, struck, slanted, target = _Line(line), 0, 0, 0, ""
    for child in token.children or []:
        kind = child.type
        if kind in ("text", "code_inline", "softbreak"):
            words = "\n" if kind == "softbreak" else child.content
            line += kind == "softbreak"
            if target and words.startswith("^") and now.links[-1] == ("", target):  # a footnote's mark
                now.links.pop()
                target = ""
                continue
            words = _FOOTNOTE.sub("", words) if kind == "text" else words
            now.add(words, strong=strong > 0, struck=struck > 0, slanted=slanted > 0)
            if target and now.links:
                now.links[-1] = (now.links[-1][0] + words, target)
        elif kind in ("strong_open", "strong_close"):
            strong += 1 if kind == "strong_open" else -1
            now.bolds += [] if strong else ["\0"]
        elif kind in ("em_open", "em_close"):
            slanted += 1 if kind == "em_open" else -1
        elif kind in ("s_open", "s_close"):
            struck += 1 if kind == "s_open" else -1
        elif kind == "link_open":
            target = str(child.attrs.get("href", ""))
            now.links.append(("", target))
        elif kind == "link_close":
            target = ""
        elif kind == "image":
            now.images.append((child.content, str(child.attrs.get("src", ""))))
        elif kind == "html_inline" and child.content.startswith("<!--"):
            yield Block("comment", line, child.content.removeprefix("<!--").removesuffix("-->").strip())
            line += child.content.count("\n")
        elif kind == "hardbreak" or (kind == "html_inline" and _BREAK.fullmatch(child.content)):
            yield now.block()
            line += kind == "hardbreak"
            now = _Line(line)
    yield now.block()


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"\b{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", tag)
    return next((part for part in found.groups() if part is not None), "") if found else ""
