"""A tool: a name, what it is for, what it takes as a JSON Schema, and what it says.

    class Conversion(Arguments):
        amount: float = Field(description="In dollars.")

    euros = make_tool("euros", "Convert dollars to euros.", Conversion, lambda said: f"{said.amount * 0.92:.2f}")
    euros.call('{"amount": 100}')

A tool says what it takes twice: to the model in its schema, and to itself, since a model that has read the schema need
not have kept to it. What does not fit is refused with what would, and what the tool does not know it says it does not
know. A zero in its place would be taken for a figure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from companion.errors import CompanionError

LONGEST = 4_000
"""Characters that a tool may be given."""


class ToolError(CompanionError):
    """A tool has no answer; the message says why, to the model that asked."""


class Arguments(BaseModel):
    """What a tool takes: exactly the fields that it names, and no text where a number belongs."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Taken = TypeVar("Taken", bound=Arguments)


@dataclass(frozen=True)
class Tool:
    """Something that a model may ask for.

    Attributes
    ----------
    name, description : str
        What the model chooses by.
    parameters : mapping
        What the tool takes, as a JSON Schema.
    work : callable
        Does it: takes the arguments by name, gives a text, and raises a `ToolError` where there is none.
    """

    name: str
    description: str
    parameters: Mapping[str, Any] = field(hash=False)
    work: Callable[[Mapping[str, Any]], str]

    @property
    def schema(self) -> dict[str, Any]:
        """The tool as a model is given it, in the form that all of them know."""
        function = {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}
        return {"type": "function", "function": function}

    def call(self, said: str) -> str:
        """Call the tool with what stands behind Action Input: a JSON object, or a text for the one text that it takes.

        Raises
        ------
        ToolError
            If it cannot be called so, or has no answer.
        """
        if len(said) > LONGEST:
            raise ToolError(f"{self.name} takes {LONGEST} characters at most, and was given {len(said)}")
        told: object = self.work(self._arguments(said))
        if not isinstance(told, str):
            raise ToolError(f"{self.name} gave no text, but {type(told).__name__}")
        return told

    def _arguments(self, said: str) -> dict[str, Any]:
        try:
            read = json.loads(said)
        except (ValueError, RecursionError):
            read = said
        if isinstance(read, dict):
            return read
        properties = self.parameters.get("properties", {})
        required = self.parameters.get("required", ())
        if len(required) == 1 and properties.get(required[0], {}).get("type") == "string":
            return {required[0]: said}
        raise ToolError(f"{self.name} takes a JSON object with {', '.join(required) or 'nothing in it'}")


def make_tool(name: str, description: str, arguments: type[Taken], function: Callable[[Taken], str]) -> Tool:
    """Make a tool of a function of checked arguments; its schema is theirs.

    Parameters
    ----------
    name, description : str
        What a model chooses by: say what the tool knows, and what it does not.
    arguments : type of Arguments
        What it takes; the fields' descriptions are read by the model too.
    function : callable
        Gives the answer as a text.
    """

    def work(given: Mapping[str, Any]) -> str:
        try:
            checked = arguments.model_validate_json(json.dumps(given), strict=True)
        except ValidationError as error:
            raise ToolError(f"{name}: {_in_words(error)}") from None
        return function(checked)

    return Tool(name, description, _plain(arguments.model_json_schema()), work)


def _in_words(error: ValidationError) -> str:
    """Give the first few complaints in one line, without Pydantic's addresses."""
    told = []
    for each in error.errors(include_url=False, include_input=False)[:3]:
        where = ".".join(map(str, each["loc"]))
        told.append(f"{where}: {each['msg']}" if where else each["msg"])
    return "; ".join(told)


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave out the titles that Pydantic makes of names: the model has the names."""
    properties = {
        name: {key: value for key, value in form.items() if key != "title"}
        for name, form in schema.get("properties", {}).items()
    }
    kept = {key: value for key, value in schema.items() if key not in ("title", "description")}
    return {**kept, "properties": properties}
