"""A part of Smithy's language (version 2), read and written: namespace, service, operations, shapes, members, traits.

Smithy's own compiler is a Java program and is not used. What the part leaves out is refused by name, never skipped:
resources, mixins, ``apply``, ``use``, ``metadata`` and inline structures. Three of the rules of Smithy's model are
held, too: what a shape refers to exists, a trait is known and stands where it may, and names differ by more than case.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any

from companion.calls.contracts.idl.lexing import Reader, Word, words

WORD = re.compile(
    r"(?P<doc>///[^\n]*)|(?P<skip>[\s,]+|//[^\n]*)|(?P<string>\"(?:[^\"\\\n]|\\.)*\")"
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z_.]))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)|(?P<mark>[{}()\[\]:=@$])"
)
SIMPLE = {
    "bigDecimal", "bigInteger", "blob", "boolean", "byte", "document", "double", "float", "integer", "long", "short",
    "string", "timestamp",
}  # fmt: skip
PRELUDE = {name[0].upper() + name[1:] for name in SIMPLE} | {"Unit"}
AGGREGATES = {"structure", "union", "list", "map", "enum", "intEnum"}
PROPERTIES = {
    "service": {"version": str, "operations": list, "errors": list},
    "operation": {"input": str, "output": str, "errors": list},
}
NUMBERS = {"bigDecimal", "bigInteger", "byte", "double", "float", "integer", "long", "short"}
ANYWHERE = AGGREGATES | SIMPLE | set(PROPERTIES) | {"member"}
PLACES = {
    "default": {"member"}, "deprecated": ANYWHERE, "documentation": ANYWHERE, "enumValue": {"member"},
    "error": {"structure"},
    "http": {"operation"}, "httpError": {"structure"}, "httpHeader": {"member"}, "httpLabel": {"member"},
    "httpPayload": {"member"}, "httpQuery": {"member"}, "idempotencyToken": {"member"}, "idempotent": {"operation"},
    "input": {"structure"}, "length": {"blob", "list", "map", "member", "string"}, "output": {"structure"},
    "paginated": {"operation", "service"}, "pattern": {"member", "string"}, "range": NUMBERS | {"member"},
    "readonly": {"operation"}, "required": {"member"}, "retryable": {"structure"}, "sensitive": ANYWHERE - {"member"},
    "streaming": {"blob", "union"}, "title": ANYWHERE, "uniqueItems": {"list"},
}  # fmt: skip
"""The traits of the part, and what each may stand on."""
LEFT_OUT = {"apply", "metadata", "resource", "use"}

Traits = dict[str, Any]
"""By name; a trait without a value has an empty dict."""


@dataclass(frozen=True)
class Member:
    """A member of a shape; an enum's has no target."""

    name: str
    target: str | None = None
    traits: Traits = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """A shape: of a service or an operation the properties, of the others the members."""

    kind: str
    name: str
    members: tuple[Member, ...] = ()
    properties: dict[str, Any] = field(default_factory=dict)
    traits: Traits = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """A file: its namespace and its shapes."""

    namespace: str
    shapes: tuple[Shape, ...] = ()


def parse(text: str) -> Model:
    """Read a model.

    Raises
    ------
    ContractError
        By line and column: the first word that the language does not allow, or the first rule that is broken.
    """
    return _File(Reader(words(text, WORD))).read()


def write(model: Model) -> str:
    """Write a model, so that `parse` gives it back."""
    lines = ['$version: "2"', "", f"namespace {model.namespace}"]
    for shape in model.shapes:
        lines += ["", *_write_traits(shape.traits, "")]
        if shape.kind in SIMPLE:
            lines.append(f"{shape.kind} {shape.name}")
            continue
        lines.append(f"{shape.kind} {shape.name} {{")
        for name, value in shape.properties.items():
            told = f"[{', '.join(value)}]" if isinstance(value, list) else value
            lines.append(f"    {name}: {json.dumps(told) if name == 'version' else told}")
        for member in shape.members:
            lines += _write_traits(member.traits, "    ")
            lines.append(f"    {member.name}" + (f": {member.target}" if member.target else ""))
        lines.append("}")
    return "\n".join(lines) + "\n"


def _write_traits(traits: Traits, indent: str) -> list[str]:
    return [f"{indent}@{name}" + ("" if value == {} else f"({json.dumps(value)})") for name, value in traits.items()]


class _File:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.shapes: dict[str, Shape] = {}
        self.used: list[tuple[str, Word]] = []

    def read(self) -> Model:
        reader = self.reader
        reader.take("$")
        reader.take("version")
        reader.take(":")
        version = reader.next
        if not self.string().startswith("2"):
            reader.refuse('only $version: "2" is read here', version)
        reader.take("namespace")
        namespace = reader.kind("name", "a namespace").text
        while reader.next.kind != "end":
            self.shape()
        for target, word in self.used:
            if target not in self.shapes and target not in PRELUDE:
                reader.refuse(f"there is no shape {target!r}", word)
        return Model(namespace, tuple(self.shapes.values()))

    def shape(self) -> None:
        reader, (traits, places) = self.reader, self.traits()
        word = reader.kind("name", "a shape")
        if word.text in LEFT_OUT:
            reader.refuse(f"{word.text} is not in the part of Smithy that is read here", word)
        if word.text not in SIMPLE | AGGREGATES | set(PROPERTIES):
            reader.refuse(f"{word.text[:40]!r} is no kind of shape", word)
        name = self.new_name({shape.lower() for shape in self.shapes})
        self.may_stand(places, word.text)
        if word.text not in SIMPLE:
            reader.take("{")
        members, properties = [], {}
        if word.text in PROPERTIES:
            properties = self.properties(word.text)
        elif word.text in AGGREGATES:
            members = self.members(word.text)
            needed = {"list": ["member"], "map": ["key", "value"]}.get(word.text)
            if needed and [member.name for member in members] != needed:
                reader.refuse(f"a {word.text} has {' and '.join(needed)}, and no other member", word)
        if {"readonly", "idempotent"} <= traits.keys():
            reader.refuse("readonly and idempotent exclude each other", word)
        self.shapes[name] = Shape(word.text, name, tuple(members), properties, traits)

    def properties(self, kind: str) -> dict[str, Any]:
        reader, found = self.reader, dict[str, Any]()
        while not reader.maybe("}"):
            word = reader.kind("name", f"a property of a {kind}")
            if word.text in found or word.text not in PROPERTIES[kind]:
                reader.refuse(f"{word.text[:40]!r} is here already, or is no property of a {kind} that is read", word)
            reader.take(":")
            if word.text == "version":
                found["version"] = self.string()
            elif PROPERTIES[kind][word.text] is list:
                reader.take("[")
                found[word.text] = []
                while not reader.maybe("]"):
                    found[word.text].append(self.target())
            else:
                found[word.text] = self.target()
        return found

    def members(self, kind: str) -> list[Member]:
        reader, found = self.reader, list[Member]()
        while not reader.maybe("}"):
            traits, places = self.traits()
            self.may_stand(places, "member")
            name = self.new_name({member.name.lower() for member in found})
            target = None
            if not kind.lower().endswith("enum"):
                reader.take(":")
                target = self.target()
            if reader.maybe("="):
                traits["enumValue" if target is None else "default"] = self.value()
            found.append(Member(name, target, traits))
        return found

    def new_name(self, taken: set[str]) -> str:
        """A name that differs from all beside it by more than case, as Smithy demands of shapes and of members."""
        word = self.reader.kind("name", "a name")
        if "." in word.text:
            self.reader.refuse("a name has no dot", word)
        if word.text.lower() in taken:
            self.reader.refuse(f"{word.text[:40]!r} differs from another name at most by case", word)
        return word.text

    def target(self) -> str:
        word = self.reader.kind("name", "the name of a shape")
        self.used.append((word.text, word))
        return word.text

    def traits(self) -> tuple[Traits, list[Word]]:
        reader, found, places, told = self.reader, dict[str, Any](), list[Word](), list[str]()
        while reader.next.text == "@" or reader.next.kind == "doc":
            if reader.next.kind == "doc":
                places.append(reader.next._replace(text="documentation"))
                told.append(reader.skip().text[3:].removeprefix(" "))
                continue
            reader.take("@")
            word = reader.kind("name", "a trait")
            if word.text not in PLACES:
                reader.refuse(f"@{word.text[:40]} is no trait that is known here", word)
            if word.text in found:
                reader.refuse(f"@{word.text} stands here already", word)
            places.append(word)
            found[word.text] = self.trait_value() if reader.maybe("(") else {}
        if told:
            found["documentation"] = "\n".join(told)
        return found, places

    def may_stand(self, places: list[Word], kind: str) -> None:
        for word in places:
            if kind not in PLACES[word.text]:
                self.reader.refuse(f"@{word.text} does not belong to: {kind}", word)

    def trait_value(self) -> Any:
        """What stands in a trait's parentheses: a value, or the pairs of an object without its braces."""
        following = self.reader.words[min(self.reader.at + 1, len(self.reader.words) - 1)]
        if self.reader.next.text == ")" or following.text == ":":
            return self.pairs(")")
        value = self.value()
        self.reader.take(")")
        return value

    def pairs(self, end: str) -> dict[str, Any]:
        reader, found = self.reader, dict[str, Any]()
        while not reader.maybe(end):
            word = reader.next
            key = self.string() if word.kind == "string" else reader.kind("name", "a key").text
            if key in found:
                reader.refuse(f"the key {key[:40]!r} is here already", word)
            reader.take(":")
            found[key] = self.value()
        return found

    def value(self) -> Any:
        reader, word = self.reader, self.reader.next
        if word.kind == "string":
            return self.string()
        if word.kind == "number":
            number = json.loads(reader.skip().text) if len(word.text) <= 40 else math.inf
            if not math.isfinite(number):
                reader.refuse("a number that is too large", word)
            return number
        if word.text in {"true", "false", "null"}:
            return json.loads(reader.skip().text)
        reader.deeper()
        found: Any
        if reader.maybe("["):
            found = []
            while not reader.maybe("]"):
                found.append(self.value())
        elif reader.maybe("{"):
            found = self.pairs("}")
        else:
            reader.refuse(f"expected a value, found {word.text[:40]!r}")
        reader.depth -= 1
        return found

    def string(self) -> str:
        word = self.reader.kind("string", "a string")
        try:
            found = json.loads(word.text)
        except ValueError:
            self.reader.refuse("a string with a bad escape or a bare control character", word)
        return str(found)
