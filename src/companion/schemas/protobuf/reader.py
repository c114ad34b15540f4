"""From descriptors to the schema as its author wrote it: fields with their comments, options and places in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    SourceCodeInfo,
)

from companion.schemas.protobuf import source_text
from companion.schemas.protobuf.compile import compile_sources
from companion.schemas.protobuf.excluding import Excluded
from companion.schemas.protobuf.model import Field, Kind, Message, Method, Problem, Schema, Span, Tell, quiet
from companion.schemas.protobuf.sources import STEP, Source, collect

_P = FieldDescriptorProto
_KINDS = {
    _P.TYPE_STRING: Kind.TEXT,
    _P.TYPE_BYTES: Kind.BYTES,
    _P.TYPE_BOOL: Kind.FLAG,
    _P.TYPE_ENUM: Kind.ENUM,
    _P.TYPE_MESSAGE: Kind.MESSAGE,
    _P.TYPE_GROUP: Kind.MESSAGE,
}
_Path = tuple[int, ...]
# Numbers of fields in descriptor.proto, of which the paths of source locations are made.
_FILE_MESSAGE, _FILE_SERVICE, _FILE_EXTENSION = 4, 6, 7
_MESSAGE_FIELD, _MESSAGE_NESTED, _MESSAGE_EXTENSION = 2, 3, 6
_SERVICE_METHOD = 2


def read_schemas(
    paths: Sequence[Path],
    include: Sequence[Path] = (),
    exclude: Excluded | None = None,
    tell: Tell = quiet,
) -> tuple[list[Schema], list[Problem]]:
    """Read every schema under `paths`.

    Parameters
    ----------
    paths
        Files and folders.
    include
        Folders that imports are relative to; others are guessed.
    exclude
        What is left out, beside what the repository ignores.
    tell
        Told how far we are.

    Returns
    -------
    tuple
        What could be read, in a stable order, and what could not, or only in part. Files that are merely imported come
        too, with `judged` False: a field of their types is as personal as what is inside.
    """
    sources, problems = collect(paths, include, exclude, tell)
    compiled, refused = compile_sources(sources, tell)
    schemas = []
    for count, (source, descriptor) in enumerate(compiled, 1):
        if count % STEP == 0:
            tell(f"read {count:,} of {len(compiled):,} schemas")
        schemas.append(_Reader(source, descriptor).schema())
    return schemas, problems + refused


class _Reader:
    """One file: its bytes, its descriptor, and the locations that connect the two."""

    def __init__(self, source: Source, descriptor: FileDescriptorProto) -> None:
        self.source = source
        self.descriptor = descriptor
        self.masked = source_text.mask(source.content)
        self.starts = source_text.line_starts(source.content)
        self.locations = {tuple(place.path): place for place in descriptor.source_code_info.location}

    def schema(self) -> Schema:
        descriptor = self.descriptor
        package = f"{descriptor.package}." if descriptor.package else ""
        messages = [
            message
            for index, inner in enumerate(descriptor.message_type)
            for message in self._messages(inner, (_FILE_MESSAGE, index), "", package)
        ]
        loose = self._extensions(descriptor.extension, (_FILE_EXTENSION,), "", package)
        return Schema(
            path=self.source.shown,
            package=descriptor.package,
            source=self.source.content,
            messages=(*loose, *messages),
            methods=tuple(self._methods()),
            imports=tuple(name for name, _ in self.source.imports),
            judged=self.source.judged,
        )

    def _messages(self, descriptor: DescriptorProto, path: _Path, outer: str, package: str) -> Iterator[Message]:
        name = f"{outer}{descriptor.name}"
        maps = {f".{package}{name}.{inner.name}": inner for inner in descriptor.nested_type if inner.options.map_entry}
        place = self.locations[path]
        yield Message(
            name=name,
            full_name=f"{package}{name}",
            line=place.span[0] + 1,
            span=self._span(place),
            fields=tuple(
                self._field(inner, (*path, _MESSAGE_FIELD, index), maps, descriptor)
                for index, inner in enumerate(descriptor.field)
            ),
            comment=_comment(place),
            compiled_options=_compiled(descriptor),
            holds_extensions=bool(descriptor.extension_range),
        )
        yield from self._extensions(descriptor.extension, (*path, _MESSAGE_EXTENSION), name, package)
        for index, inner in enumerate(descriptor.nested_type):
            if not inner.options.map_entry:
                yield from self._messages(inner, (*path, _MESSAGE_NESTED, index), f"{name}.", package)

    def _extensions(self, fields: Sequence[_P], path: _Path, scope: str, package: str) -> Iterator[Message]:
        """Extensions belong to no message of this file; they get one that is only a place."""
        if fields:
            read = tuple(self._field(inner, (*path, index), {}, None) for index, inner in enumerate(fields))
            yield Message(scope, f"{package}{scope}".rstrip("."), read[0].line, Span(0, 0), read, declared=False)

    def _field(self, field: _P, path: _Path, maps: dict[str, DescriptorProto], parent: DescriptorProto | None) -> Field:
        place = self.locations[path]
        span = self._span(place)
        key_type, value = None, field
        if field.type_name in maps:
            key, value = maps[field.type_name].field
            key_type = _type_name(key)
        found = source_text.brackets(self.masked, span.start, span.end)
        oneof = field.HasField("oneof_index") and not field.proto3_optional and parent is not None
        return Field(
            name=field.name,
            number=field.number,
            kind=_KINDS.get(value.type, Kind.NUMBER),
            type=_type_name(value),
            line=place.span[0] + 1,
            span=span,
            repeated=field.label == _P.LABEL_REPEATED and key_type is None,
            key_type=key_type,
            comment=_comment(place),
            options=source_text.without_comments(self.source.content[found[0] + 1 : found[1]]) if found else "",
            oneof=parent.oneof_decl[field.oneof_index].name if oneof and parent is not None else None,
            compiled_options=_compiled(field),
            extends=field.extendee.removeprefix("."),
        )

    def _methods(self) -> Iterator[Method]:
        for index, service in enumerate(self.descriptor.service):
            for number, method in enumerate(service.method):
                place = self.locations[(_FILE_SERVICE, index, _SERVICE_METHOD, number)]
                yield Method(
                    service=service.name,
                    name=method.name,
                    request=method.input_type.removeprefix("."),
                    response=method.output_type.removeprefix("."),
                    line=place.span[0] + 1,
                    span=self._span(place),
                    streams=method.server_streaming,
                    comment=_comment(place),
                    compiled_options=_compiled(method),
                )

    def _span(self, place: SourceCodeInfo.Location) -> Span:
        line, column, *end = place.span
        end_line, end_column = end if len(end) == 2 else (line, end[0])
        content = self.source.content
        return Span(
            source_text.offset(content, self.starts, line, column),
            source_text.offset(content, self.starts, end_line, end_column),
        )


def _comment(place: SourceCodeInfo.Location) -> str:
    lines = f"{place.leading_comments}\n{place.trailing_comments}".splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())


def _type_name(field: _P) -> str:
    return field.type_name.removeprefix(".") or _P.Type.Name(field.type).removeprefix("TYPE_").lower()


def _compiled(thing: FieldDescriptorProto | DescriptorProto | MethodDescriptorProto) -> bytes:
    return thing.options.SerializeToString(deterministic=True) if thing.HasField("options") else b""
