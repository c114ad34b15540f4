"""The language of rpcgen (RFC 4506, section 6.3, and RFC 5531, section 12), read into plain data."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from companion.calls.contracts.idl.contracts import ContractError
from companion.calls.contracts.idl.lexing import Reader, words

WORD = re.compile(
    r"(?P<skip>\s+|/\*(?s:.)*?\*/)|(?P<number>-?(?:0[xX][0-9a-fA-F]+|[0-9]+)(?![0-9A-Za-z_]))"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<mark>[{}()<>\[\];:,=*])"
)
PLAIN = {"int", "hyper", "float", "double", "quadruple", "bool"}
KEYWORDS = PLAIN | {
    "case", "const", "default", "enum", "opaque", "program", "string", "struct", "switch", "typedef", "union",
    "unsigned", "version", "void",
}  # fmt: skip


def parse(text: str) -> dict[str, Any]:
    """Read a contract.

    Returns
    -------
    dict
        Constants, types and programs by name, as lists of what they were made of.

    Raises
    ------
    ContractError
        At the first word that the language does not allow, by line and column; also for a name that is taken, and for
        a type that nobody defines.
    """
    return _Contract(Reader(words(text, WORD))).read()


class _Contract:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.found: dict[str, Any] = {}
        self.used: dict[str, str] = {}

    def read(self) -> dict[str, Any]:
        reader = self.reader
        while reader.next.kind != "end":
            word = reader.skip()
            if word.text == "const":
                name = self.new_name()
                reader.take("=")
                self.found[name] = ["const", self.number()]
            elif word.text == "typedef":
                name, *told = self.declaration(defines=True)
                self.found[name] = ["typedef", *told]
            elif word.text in {"enum", "struct", "union"}:
                name = self.new_name()
                self.found[name] = [word.text, self.body(word.text)]
            elif word.text == "program":
                name = self.new_name()
                self.found[name] = ["program", *self.numbered(self.versions)]
                continue  # which took its semicolon
            else:
                reader.refuse(f"expected a definition, found {word.text[:40]!r}", word)
            reader.take(";")
        for name, place in self.used.items():
            if name not in self.found:
                raise ContractError(f"{place}: there is no type {name!r}")
        return self.found

    def name(self) -> str:
        if self.reader.next.text in KEYWORDS:
            self.reader.refuse(f"{self.reader.next.text!r} is a keyword, and no name")
        return self.reader.kind("name", "a name").text

    def new_name(self) -> str:
        word = self.reader.next
        if (name := self.name()) in self.found:
            self.reader.refuse(f"the name {name!r} is taken", word)
        return name

    def number(self) -> int:
        digits = self.reader.kind("number", "a number").text
        try:
            return int(digits, 16 if "x" in digits.lower() else 8 if digits.lstrip("-")[0] == "0" else 10)
        except ValueError:
            self.reader.refuse(f"{digits[:40]!r} is no number")

    def value(self) -> int | str:
        return self.number() if self.reader.next.kind == "number" else self.name()

    def kind_of(self) -> Any:
        """A type specifier."""
        reader, word = self.reader, self.reader.next
        if word.text in {"enum", "struct", "union"}:
            reader.skip()
            return [word.text, self.body(word.text)]
        unsigned = reader.maybe("unsigned")
        if unsigned and reader.next.text not in {"int", "hyper"}:
            reader.refuse(f"unsigned int or unsigned hyper, not unsigned {reader.next.text[:40]}")
        if reader.next.text in PLAIN:
            return ("unsigned " if unsigned else "") + reader.skip().text
        name = self.name()
        self.used.setdefault(name, f"line {word.line}, column {word.column}")
        return name

    def declaration(self, *, defines: bool = False) -> list[Any]:
        """A name, its type and how often it is there: a name alone for ``void``."""
        reader = self.reader
        if reader.maybe("void"):
            return [None, "void"]
        raw = reader.next.text if reader.next.text in {"opaque", "string"} else ""
        kind = reader.skip().text if raw else self.kind_of()
        optional = not raw and reader.maybe("*")
        name = self.new_name() if defines else self.name()
        told: list[Any] = [name, kind, *(["optional"] if optional else [])]
        for start, end, often in (("[", "]", "exactly"), ("<", ">", "at most")):
            if not optional and reader.maybe(start):
                if raw == "string" and start == "[":
                    reader.refuse("a string has no fixed length")
                most = None if start == "<" and reader.next.text == ">" else self.value()
                reader.take(end)
                return [*told, often, most]
        if raw:
            reader.refuse(f"{raw} has its length in brackets")
        return told

    def body(self, kind: str) -> list[Any]:
        """What stands in braces after ``enum``, ``struct`` or ``union``."""
        reader, members, names = self.reader, [], set()
        reader.deeper()
        if kind == "union":
            reader.take("switch")
            reader.take("(")
            members.append(self.declaration())
            reader.take(")")
        reader.take("{")
        while not members or (kind == "union" and len(members) == 1) or not reader.maybe("}"):
            word = reader.next
            if kind == "enum":
                if members:
                    reader.take(",")
                member: list[Any] = [self.name()]
                reader.take("=")
                member.append(self.value())
                end = reader.next.text == "}"
            elif kind == "struct":
                member, end = self.declaration(), False
                reader.take(";")
            else:
                member, end = self.arm(), False
                reader.take(";")
            label = str(member[0]) if kind != "union" else ""
            if label and label in names:
                reader.refuse(f"the name {label!r} is taken", word)
            names.add(label)
            members.append(member)
            if end:
                reader.take("}")
                break
        reader.depth -= 1
        return members

    def arm(self) -> list[Any]:
        """One case of a union."""
        labels: list[Any] = []
        while self.reader.maybe("case"):
            labels.append(self.value())
            self.reader.take(":")
        if not labels:
            self.reader.take("default")
            self.reader.take(":")
        return [labels or "default", self.declaration()]

    def numbered(self, read_one: Callable[[], list[Any]]) -> list[Any]:
        """``{ ... } = number;``: a program's versions or a version's procedures."""
        reader, inside = self.reader, list[Any]()
        reader.take("{")
        while not inside or not reader.maybe("}"):
            inside.append(read_one())
        reader.take("=")
        number = self.number()
        reader.take(";")
        return [number, inside]

    def versions(self) -> list[Any]:
        self.reader.take("version")
        name = self.name()
        return [name, *self.numbered(self.procedure)]

    def procedure(self) -> list[Any]:
        reader = self.reader
        answer = "void" if reader.maybe("void") else self.kind_of()
        name, asked = self.name(), list[Any]()
        reader.take("(")
        while not asked or not reader.maybe(")"):
            if asked:
                reader.take(",")
            asked.append("void" if reader.maybe("void") else self.kind_of())
        reader.take("=")
        number = self.number()
        reader.take(";")
        return [name, answer, asked, number]
