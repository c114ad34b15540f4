"""Making a copy of a schema that protoc accepts although something that it imports is not there.

protoc reads a schema whole or not at all: one missing import, and a thousand fields stay unread. Where an import is
missing, we put empty definitions (stubs) in the place of the types that protoc asks for, and blanks over the options
that it cannot interpret. Every line and column of the copy stays where it was, so what protoc then says of places holds
for the original. The options are not lost: we read them from the original's text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from companion.schemas.protobuf import source_text

_NAME = r'"?\.?(?P<name>[\w.]+)"?'
_UNDEFINED = [
    re.compile(r'"[\w.]+" is resolved to "(?P<name>[\w.]+)", which is not defined'),
    re.compile(_NAME + r" is not defined\.?$"),
]
_ABOUT_AN_OPTION = re.compile(
    r"^(Option |Error while parsing option|Value (must|out of range)|Extension |Messages can't have default|"
    r"Unknown enumeration value|.*\boption\b|.*\bdefault value|.*requires? .*value for)"
)
_ENUM = re.compile(rb"\benum\s+(\w+)\s*\{")
STAND_INS = "companion/stand_ins/"  # where they live in the tree of imports
_OPENING, _CLOSING = b"([{", b")]}"


def undefined_type(message: str) -> str | None:
    """The full name that protoc looked for in vain, or None when it complains of something else."""
    for pattern in _UNDEFINED:
        match = pattern.search(message)
        if match:
            return match["name"]
    return None


def about_an_option(message: str) -> bool:
    """Whether protoc's complaint is of an option or a default value."""
    return bool(_ABOUT_AN_OPTION.match(message))


class Draft:
    """A copy of a schema while it is mended: a change blanks something, and leaves all else in its line and column."""

    def __init__(self, source: bytes) -> None:
        self.source = bytearray(source)
        self.masked = bytearray(source_text.mask(source))
        self.starts = source_text.line_starts(source)

    def drop_option(self, line: int, column: int) -> bool:
        """Blank the option at a place: an element of `[...]`, or an `option ...;` statement; False if there is none."""
        at = self._offset(line, column)
        start, opener = (0, None) if at is None else _backwards(self.masked, at)
        if at is None or opener is None:
            return False
        end = _forwards(self.masked, at)
        if opener in b"[,":
            if self.masked[end : end + 1] == b",":
                end += 1
            elif opener in b",":
                start -= 1
            else:
                start, end = start - 1, end + 1
        elif re.match(rb"\s*option\b", self.masked[start:end]):
            end += 1
        else:
            return False
        self._blank(start, end)
        return True

    def empty_enum(self, line: int, column: int) -> bool:
        """Leave a single zero of the values of the enum at a place; False if there is no enum."""
        at = self._offset(line, column)
        for match in () if at is None else _ENUM.finditer(bytes(self.masked)):
            close = self.masked.find(b"}", match.end())
            if match.start() <= (at or 0) <= close:
                body = bytes(self.masked[match.end() : close])
                zero = b"%s__=0;" % match.group(1)
                first = re.match(rb"\s*(\w+)", body)
                if first and b"\n" not in body and len(body) < len(zero):
                    zero = first.group(1) + b"=0;"  # which has room, for it is there already
                self._blank(match.end(), close)
                end = match.end() + min(len(zero), len(body.partition(b"\n")[0]))  # what follows keeps its column
                self.source[match.end() : end] = zero
                self.masked[match.end() : end] = zero
                self.starts = source_text.line_starts(bytes(self.source))
                return True
        return False

    def _offset(self, line: int, column: int) -> int | None:
        if not 0 < line <= len(self.starts):
            return None
        start, *after = self.starts[line - 1 : line + 1]
        return start + source_text.offset(bytes(self.source[start : after[0] if after else None]), [0], 0, column - 1)

    def _blank(self, start: int, end: int) -> None:
        for content in (self.source, self.masked):
            content[start:end] = re.sub(rb"[^\n]", b" ", content[start:end])


def _backwards(masked: bytearray, at: int) -> tuple[int, bytes | None]:
    """Where the element around `at` starts, and the character that it comes after."""
    depth = 0
    for index in range(at - 1, -1, -1):
        character = masked[index : index + 1]
        if character in _CLOSING and not (depth == 0 and character == b"}"):
            depth += 1
        elif depth and character in _OPENING:
            depth -= 1
        elif depth == 0 and character in b"[,;{}":
            return index + 1, bytes(character)
    return 0, None


def _forwards(masked: bytearray, at: int) -> int:
    """The offset of the comma, bracket or semicolon that ends the element around `at`."""
    depth = 0
    for index in range(at, len(masked)):
        character = masked[index : index + 1]
        if depth == 0 and character in b",;]":
            return index
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
    return len(masked)


def stand_ins(types: Collection[str]) -> dict[str, bytes]:
    """Files that define `types`, full names, as messages that hold anything; one file a package."""
    packages: dict[str, list[str]] = {}
    for name in sorted(types):
        if not any(name.startswith(f"{other}.") for other in types):
            packages.setdefault(name.rpartition(".")[0], []).append(_message(name, types))
    return {
        f"{STAND_INS}{package or 'root'}.proto": (
            'syntax = "proto2";\n' + (f"package {package};\n" if package else "") + "".join(messages)
        ).encode()
        for package, messages in packages.items()
    }


def _message(name: str, types: Collection[str]) -> str:
    """The message `name`, and inside it whatever of `types` is named inside it."""
    depth = name.count(".") + 2
    inside = sorted({".".join(other.split(".")[:depth]) for other in types if other.startswith(f"{name}.")})
    inner = " ".join(_message(other, types) for other in inside)
    return f"message {name.rpartition('.')[2]} {{ extensions 1 to max; {inner} }}\n"


def empty_import(imports: Iterable[str]) -> bytes:
    """What stands for a missing file: it passes on everything that has a stand-in."""
    lines = "".join(f'import public "{name}";\n' for name in imports)
    return f'syntax = "proto2";\n{lines}'.encode()
