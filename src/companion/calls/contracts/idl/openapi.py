"""The part of an OpenAPI 3.1 document that a contract of plain calls uses, as Pydantic models.

The official schema of the format is not in the book's environment, so these models stand for it: like that schema they
refuse a field that the specification does not name, and demand those that it demands. (The two agreed on every edit of
the table when they were compared.) What is in ``schema`` is JSON Schema, and read as such.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST = 200
"""Of paths, schemas, parameters and answers."""
Schema = dict[str, Any] | bool
Status = Annotated[str, StringConstraints(pattern=r"^([1-5](\d\d|XX)|default)$")]
Address = Annotated[str, StringConstraints(pattern="^/")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    description: str | None = None


class _Info(_Part):
    title: str
    version: str


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    schema_: Schema = Field(alias="schema", default=True)


class _Parameter(_Part):
    name: str
    in_: Literal["path", "query", "header", "cookie"] = Field(alias="in")
    required: bool = False
    schema_: Schema = Field(alias="schema", default=True)


class _Body(_Part):
    content: dict[str, _Content]
    required: bool = False


class _Answer(_Part):
    description: str  # which must be there, and only here
    content: dict[str, _Content] = {}


class _Call(_Part):
    operation_id: str | None = Field(alias="operationId", default=None)
    parameters: Annotated[list[_Parameter], Field(max_length=MOST)] = []
    request_body: _Body | None = Field(alias="requestBody", default=None)
    responses: Annotated[dict[Status, _Answer], Field(min_length=1, max_length=MOST)]


class _Path(_Part):
    get: _Call | None = None
    put: _Call | None = None
    post: _Call | None = None
    patch: _Call | None = None
    delete: _Call | None = None


class _Components(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    schemas: Annotated[dict[str, dict[str, Any]], Field(max_length=MOST)] = {}


class Document(BaseModel):
    """A contract."""

    model_config = ConfigDict(extra="forbid", strict=True)
    openapi: Annotated[str, StringConstraints(pattern=r"^3\.1\.\d+$")]
    info: _Info
    paths: Annotated[dict[Address, _Path], Field(max_length=MOST)]
    components: _Components = _Components()
