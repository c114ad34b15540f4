"""Marks laid out as `buf format` would, for the files of a team that uses it: a `buf.yaml` stands above them."""

from __future__ import annotations

import re
from pathlib import Path

from companion.schemas.protobuf import source_text
from companion.schemas.protobuf.insertion_points import Insertion, Layout

_IMPORT = re.compile(rb"^import (?:public |weak )?\"([^\"\n]*)\";", re.MULTILINE)
_LITERAL = re.compile(rb"^(?P<name>.*?) = \{ (?P<inside>.*) \}$", re.DOTALL)
_ENTRY = re.compile(rb"(\w+): (\[[^\]]*\]|\"(?:[^\"\\]|\\.)*\"|\w+)(?:, |$)")


def uses_buf(path: Path) -> bool:
    """Whether a `buf.yaml` stands in a folder above."""
    return any((folder / "buf.yaml").is_file() for folder in path.absolute().parents)


def spread(option: bytes, indent: bytes) -> bytes:
    """Write `(x) = { a: 1, b: 2 }` on as many lines as `buf format` does; `indent` is that of its first line."""
    found = _LITERAL.match(option)
    if found is None:
        return option
    name_of_option: bytes = found["name"]
    entries: list[tuple[bytes, bytes]] = _ENTRY.findall(found["inside"])
    if len(entries) == 1 and not entries[0][1].startswith(b"["):
        return name_of_option + b" = {" + entries[0][0] + b": " + entries[0][1] + b"}"
    lines = []
    for name, value in entries:
        parts = value[1:-1].split(b", ") if value.startswith(b"[") else []
        if len(parts) > 1:
            inner = b",".join(b"\n" + indent + b"    " + part for part in parts)
            value = b"[" + inner + b"\n" + indent + b"  ]"
        lines.append(b"\n" + indent + b"  " + name + b": " + value)
    return name_of_option + b" = {" + b"".join(lines) + b"\n" + indent + b"}"


class BufLayout(Layout):
    """One file that `buf format` has laid out; what stands elsewhere than it would stays there."""

    def into_brackets(self, start: int, end: int, option: bytes) -> list[Insertion]:
        """Put an option behind those that a field has; more than one stand each on a line of its own."""
        indent = self._indent(start)
        found = source_text.brackets(self.masked, start, end)
        if found is None:
            return super().into_brackets(start, end, spread(option, indent))
        opened, closed = found
        inner = indent + b"  "
        if b"\n" not in self.source[opened:closed] and self._last_option(opened, closed) == opened + 1:
            new = b",\n" + inner + spread(option, inner) + b"\n" + indent
            return [Insertion(opened + 1, b"\n" + inner), Insertion(closed, new)]
        return super().into_brackets(start, end, spread(option, inner))

    def into_body(self, start: int, end: int, statement: bytes) -> list[Insertion]:
        """Put a statement first into braces, a step further in than they are."""
        inner = self._indent(start) + b"  "
        return super().into_body(start, end, spread(statement.removesuffix(b";"), inner) + b";")

    def into_method(self, start: int, end: int, option: bytes) -> list[Insertion]:
        """Put an option first into a method's braces; a method without any gets some."""
        if self.masked[end - 1 : end] != b";":
            return self.into_body(start, end, option + b";")
        indent = self._indent(start)
        inner = indent + b"  "
        opening = b" {\n" + inner + spread(option, inner)
        return [Insertion(self._last(start, end - 1), opening), Insertion(end, b"\n" + indent + b"}")]

    def after_imports(self, statement: bytes) -> list[Insertion]:
        """Put an import where the alphabet wants it."""
        for other in _IMPORT.finditer(self.source):
            if self.masked[other.start() : other.start() + 6] == b"import" and other[0] > statement:
                return [Insertion(other.start(), statement + b"\n")]
        return super().after_imports(statement)
