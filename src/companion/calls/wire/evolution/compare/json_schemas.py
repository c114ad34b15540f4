"""JSON Schema: values as text, a reader that validates what it gets and then reads by name."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from companion.calls.wire.evolution.compare.shapes import (
    MAX_DEPTH,
    MAX_NODES,
    Message,
    SchemaError,
    Shape,
    Unreadable,
    read_text,
    word,
)

TRIES = 20
MAX_REFERENCES = 200
"""References that one schema may lead through."""
ROOT = "(root)"
DEFINITIONS = ("$defs", "definitions")


class JsonSchemas:
    """The objects that one file describes: its root, its definitions, and objects within them."""

    format = "JSON Schema"

    def __init__(self, path: Path) -> None:
        from jsonschema import SchemaError as Invalid
        from jsonschema.validators import validator_for

        try:
            self._root = json.loads(read_text(path))
        except json.JSONDecodeError as error:
            raise SchemaError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
        except RecursionError:
            raise SchemaError(f"{path}: nested too deeply") from None
        if not isinstance(self._root, dict):
            raise SchemaError(f"{path}: an object with a JSON Schema was expected")
        try:
            self._class: Any = validator_for(self._root)
            self._class.check_schema(self._root)
        except Invalid as error:
            place = "/".join(map(str, error.path))
            raise SchemaError(f"{path}: no JSON Schema: {place}: {error.message.splitlines()[0][:200]}") from None
        except RecursionError:
            raise SchemaError(f"{path}: nested too deeply") from None
        self._schemas: dict[str, dict[str, Any]] = {}
        try:
            self._add(ROOT, self._root, MAX_DEPTH)
            for place in DEFINITIONS:
                found = self._root.get(place, {})
                for name, schema in found.items() if isinstance(found, dict) else ():
                    self._add(name, schema, MAX_DEPTH)
            self.messages: Mapping[str, Message] = {
                name: {field: self._shape(name, field) for field in schema["properties"]}
                for name, schema in self._schemas.items()
            }
        except SchemaError as error:
            raise SchemaError(f"{path}: {error}") from None

    def _add(self, name: str, schema: Any, depth: int) -> None:
        schema = self._resolved(schema)
        if not isinstance(schema.get("properties"), dict):
            return
        self._schemas[name] = schema
        for field, inner in schema["properties"].items():
            if depth and isinstance(inner, dict) and "$ref" not in inner:
                below = inner.get("items", inner) if inner.get("type") == "array" else inner
                if isinstance(below, dict) and "$ref" not in below:
                    self._add(f"{name}.{field}", below, depth - 1)

    def _resolved(self, schema: Any, left: list[int] | None = None) -> dict[str, Any]:
        """Follow references within the file, and merge what `allOf` demands together."""
        if not isinstance(schema, dict):
            return {} if schema is not False else {"not": {}}
        left = left or [MAX_REFERENCES]
        merged = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
        others = [self._pointed(schema["$ref"])] if "$ref" in schema else []
        for other in (*others, *schema.get("allOf", [])):
            left[0] -= 1
            if left[0] <= 0:
                raise SchemaError("references that lead in a circle")
            found = self._resolved(other, left)
            properties = {**found.get("properties", {}), **merged.get("properties", {})}
            required = sorted({*found.get("required", []), *merged.get("required", [])})
            merged = {**found, **merged}
            merged |= {"properties": properties} if properties else {}
            merged |= {"required": required} if required else {}
        return merged

    def _pointed(self, reference: str) -> Any:
        if not reference.startswith("#"):
            raise SchemaError(f"a reference out of the file is not followed: {reference}")
        found: Any = self._root
        try:
            for part in reference.removeprefix("#").strip("/").split("/") if reference != "#" else []:
                part = part.replace("~1", "/").replace("~0", "~")
                found = found[int(part)] if isinstance(found, list) else found[part]
        except (KeyError, IndexError, ValueError, TypeError):
            raise SchemaError(f"a reference to nothing: {reference}") from None
        return found

    def _shape(self, message: str, field: str) -> Shape:
        given = self._schemas[message]["properties"][field]
        schema = self._resolved(given)
        items = schema.get("items") if schema.get("type") == "array" else given
        inner = _referred(items)
        if not inner and f"{message}.{field}" in self._schemas:
            inner = f"{message}.{field}"
        kind = self._kind(schema) if schema.get("type") == "array" or not inner else inner
        required = field in self._schemas[message].get("required", [])
        return Shape(field, None, kind, None, required, inner if inner in self._schemas else "")

    def _kind(self, schema: Mapping[str, Any]) -> str:
        if "enum" in schema or "const" in schema:
            return "enum " + "|".join(map(str, schema.get("enum", [schema.get("const")])))
        for word_ in ("oneOf", "anyOf"):
            if word_ in schema:
                return " or ".join(_referred(one) or self._kind(self._resolved(one)) for one in schema[word_])
        kind = schema.get("type", "anything")
        if kind == "array":
            items = schema.get("items")
            return f"array of {_referred(items) or self._kind(self._resolved(items))}"
        return " or ".join(kind) if isinstance(kind, list) else str(kind)

    def sample(self, message: str, random_: random.Random) -> dict[str, Any] | None:
        """Draw an object, with all properties, that its own schema accepts."""
        for _ in range(TRIES):
            drawn = self._draw(self._schemas[message], random_, MAX_DEPTH, [MAX_NODES])
            if isinstance(drawn, dict) and not self._errors(message, drawn):
                return drawn
        return None

    def encode(self, message: str, value: Mapping[str, Any]) -> bytes:
        """Write text."""
        return json.dumps(value).encode()

    def decode(self, message: str, data: bytes) -> dict[str, Any]:
        """Validate, then read by name."""
        found = json.loads(data)
        errors = self._errors(message, found)
        if errors:
            fields = {name: _first(error) for error in reversed(errors) for name in _blamed(error, found)}
            partial = {name: found.get(name) for name in self.messages[message]} if isinstance(found, dict) else {}
            raise Unreadable(_first(errors[0]), fields, partial)
        return {name: found.get(name) for name in self.messages[message]}

    def _errors(self, message: str, value: Any) -> list[Any]:
        from referencing import Registry
        from referencing.exceptions import Unresolvable

        schema = self._schemas[message]
        whole = {place: self._root[place] for place in DEFINITIONS if place in self._root}
        try:  # an empty registry: nothing is fetched from anywhere
            return list(self._class({**whole, **schema}, registry=Registry()).iter_errors(value))
        except RecursionError:
            raise SchemaError("references that lead in a circle") from None
        except Unresolvable as error:
            raise SchemaError(f"a reference to nothing: {error}") from None

    def _draw(self, schema: Any, random_: random.Random, depth: int, left: list[int]) -> Any:
        schema = self._resolved(schema)
        left[0] -= 1
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return random_.choice(schema["enum"])
        for choice in ("oneOf", "anyOf"):
            if schema.get(choice) and "properties" not in schema:
                return self._draw(random_.choice(schema[choice]), random_, depth, left)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        kind = random_.choice(kind) if isinstance(kind, list) and kind else kind
        if kind == "object":
            required = schema.get("required", [])
            properties = schema.get("properties", {})
            names = [name for name in properties if name in required or (depth > 0 and left[0] > 0)]
            if depth < -MAX_DEPTH:
                names = []
            return {name: self._draw(properties[name], random_, depth - 1, left) for name in names}
        if kind == "array":
            least = min(int(schema.get("minItems", 1)), 50)
            number = max(least, 1) if left[0] > 0 else least and 1
            return [self._draw(schema.get("items", {}), random_, depth - 1, left)
                    for _ in range(number)] if depth > -MAX_DEPTH else []  # fmt: skip
        return _scalar(str(kind), schema, random_)


def _referred(schema: Any) -> str:
    """Name the definition that a schema is no more than a reference to."""
    return str(schema["$ref"]).rsplit("/", 1)[-1] if isinstance(schema, dict) and "$ref" in schema else ""


def _scalar(kind: str, schema: Mapping[str, Any], random_: random.Random) -> Any:
    if kind in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum", -1000))
        most = schema.get("maximum", schema.get("exclusiveMaximum", max(least, 0) + 1_000_000))
        step = schema.get("multipleOf", 1 if kind == "integer" else None)
        try:
            if step:
                return step * random_.randint(int(least // step), int(most // step))
            return random_.uniform(least, most)
        except (ValueError, OverflowError):  # no room between the bounds, or beyond every double
            return least
    if kind == "boolean":
        return random_.random() < 0.5
    if kind == "null":
        return None
    least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", 12))
    drawn = word(random_, max(1, min(most, 12)))
    if "pattern" in schema:  # which we do not try to satisfy, and against which a long text may take for ever
        return drawn[:most]
    return (drawn * (min(least, 10_000) // len(drawn) + 1))[:most] if len(drawn) < least else drawn[:most]


def _first(error: Any) -> str:
    return str(error.message).splitlines()[0][:160]


def _blamed(error: Any, value: Any) -> list[str]:
    """The properties, at the top, that an error is about."""
    if error.absolute_path:
        return [str(error.absolute_path[0])]
    if error.validator == "required":
        return [
            name for name in error.validator_value if name not in value and str(error.message).startswith(repr(name))
        ]
    if error.validator in ("additionalProperties", "unevaluatedProperties"):
        return [name for name in value if name not in error.schema.get("properties", {})]
    return []
