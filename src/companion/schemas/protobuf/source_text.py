"""Looking at Protocol Buffer source as text, where a descriptor does not say enough.

Descriptors know where a field begins and ends, but not where its brackets are. `mask` blanks everything that could
mislead a search (comments, strings) and keeps every other byte where it is.
"""

from __future__ import annotations

import re

_OPAQUE = re.compile(
    rb"""//[^\n]*                         # a line comment
      |  /\*.*?(?:\*/|\Z)                # a block comment, closed or not
      |  "(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\Z)  # a string, closed or not
      |  '(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_IMPORT = re.compile(rb"(?<![\w.])import\s+(?:(?:public|weak|option)\s+)?(_{2,})\s*;")
_PACKAGE = re.compile(rb"(?<![\w.])package\s+([\w.\s]+?)\s*;")
TAB = 8  # protoc moves to the next multiple of eight at a tab, and counts bytes


def _blank(match: re.Match[bytes]) -> bytes:
    found = match.group()
    filler = b"_" if found[:1] in b"\"'" else b" "
    return re.sub(rb"[^\n]", filler, found)


def mask(source: bytes) -> bytes:
    """Blank comments and strings; every other byte, and every line's length, stays as it was."""
    return _OPAQUE.sub(_blank, source)


def solid(source: bytes) -> bytes:
    """Fill comments with `#`, and strings as `mask` does: a line break that is left here is inside neither."""
    return _OPAQUE.sub(lambda match: (b"_" if match.group()[:1] in b"\"'" else b"#") * len(match.group()), source)


def imports(source: bytes) -> list[tuple[str, int]]:
    """Name and line of each import, in the order of the file; those inside comments are none."""
    return [
        (
            source[match.start(1) + 1 : match.end(1) - 1].decode("utf-8", "replace"),
            source.count(b"\n", 0, match.start()) + 1,
        )
        for match in _IMPORT.finditer(mask(source))
        if source[match.start(1)] in b"\"'"
    ]


def package(source: bytes) -> str:
    """The package that a file says it belongs to; nothing when it says none."""
    found = _PACKAGE.search(mask(source))
    return re.sub(r"\s", "", found.group(1).decode("utf-8", "replace")) if found else ""


def line_starts(source: bytes) -> list[int]:
    """The offset at which each line begins."""
    return [0, *(match.end() for match in re.finditer(rb"\n", source))]


def offset(source: bytes, starts: list[int], line: int, column: int) -> int:
    """Where protoc's `line` and `column`, both from 0, lie in the file: protoc counts a tab as up to eight columns."""
    start = starts[line]
    end = starts[line + 1] if line + 1 < len(starts) else len(source)
    text = source[start:end]
    if b"\t" not in text:
        return min(start + column, end)
    seen = 0
    for index, byte in enumerate(text):
        if seen >= column:
            return start + index
        seen += TAB - seen % TAB if byte == 0x09 else 1
    return end


def brackets(masked: bytes, start: int, end: int) -> tuple[int, int] | None:
    """The offsets of the `[` that opens a field's options and of the `]` that closes them, or None."""
    depth = 0
    opened = None
    for index in range(start, end):
        byte = masked[index]
        if byte == 0x5B:  # [
            opened = index if depth == 0 else opened
            depth += 1
        elif byte == 0x5D and depth:  # ]
            depth -= 1
            if depth == 0 and opened is not None:
                return opened, index
        elif byte == 0x7B and depth == 0:  # the brace of a group: its options come before it
            return None
    return None


def without_comments(text: bytes) -> str:
    """Source on one line, its comments removed: how options are shown and searched."""
    kept = _OPAQUE.sub(lambda match: b" " if match.group().startswith(b"/") else match.group(), text)
    return " ".join(kept.decode("utf-8", "replace").split())
