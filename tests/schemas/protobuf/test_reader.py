"""A schema is read as its author wrote it: every field with its comment, its options and its place in the file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorSet

from companion.schemas.protobuf.model import Field, Kind, Message, Problem, Schema
from companion.schemas.protobuf.reader import read_schemas

CORPUS = Path(__file__).parents[3] / "data" / "pii" / "development"
Read = Callable[..., tuple[list[Schema], list[Problem]]]
P3 = 'syntax = "proto3";\npackage shop.v1;\n'
P2 = 'syntax = "proto2";\npackage shop.v1;\n'


def one(read: Read, text: str | bytes) -> Schema:
    (schema,), problems = read(text)
    assert problems == []
    return schema


def fields(schema: Schema) -> dict[str, Field]:
    return {f"{message.name}.{field.name}": field for message in schema.messages for field in message.fields}


def written(schema: Schema, thing: Field | Message) -> str:
    return schema.source[thing.span.start : thing.span.end].decode("latin-1")


# Comments


def test_comments_above_and_beside_a_field_are_its_own(read: Read) -> None:
    found = fields(
        one(
            read,
            P3 + "message Person {\n  // above,\n  // two lines\n  string a = 1; // beside\n\n  // stands apart\n\n"
            "  string b = 2;\n  /* a block\n   * of lines */\n  string c = 3;\n}\n",
        )
    )
    assert found["Person.a"].comment == "above,\ntwo lines\nbeside"
    assert found["Person.b"].comment == ""
    assert found["Person.c"].comment == "a block\nof lines"


def test_messages_and_methods_have_comments_too(read: Read) -> None:
    schema = one(
        read,
        P3 + "// Somebody.\nmessage Person {}\nservice S {\n  // Everybody.\n"
        "  rpc All(Person) returns (stream Person);\n}\n",
    )
    method = schema.methods[0]
    assert (schema.messages[0].comment, method.comment) == ("Somebody.", "Everybody.")
    assert (method.service, method.name, method.request, method.streams) == ("S", "All", "shop.v1.Person", True)
    assert (schema.messages[0].line, method.line) == (4, 7)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_comment_in_an_old_encoding_moves_nothing(read: Read, encoding: str) -> None:
    schema = one(read, (P3 + "message P { /* né à */ string ort = 1; string b = 2; // größer\n}\n").encode(encoding))
    found = fields(schema)
    assert [written(schema, field) for field in found.values()] == ["string ort = 1;", "string b = 2;"]
    assert found["P.b"].comment == ("größer" if encoding == "utf-8" else "gr??er")


# Places


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["  ", "\t", " \t ", ""])
def test_a_field_is_found_byte_for_byte_whatever_the_layout(read: Read, end: str, indent: str) -> None:
    text = (
        f"{P3}message Outer {{\n{indent}string a = 1;\tbytes b = 2 [deprecated = true]; "
        f"// ü\n{indent}repeated\n{indent}int32 c\n= 3;\n"
        f"{indent}oneof which {{\n{indent}{indent}string d = 4;\n{indent}}}\n{indent}map<string, Outer> e = 5 "
        f"[\n{indent}deprecated = true\n];\n}}\n"
    ).replace("\n", end)
    schema = one(read, text)
    shown = [" ".join(written(schema, field).split()) for field in schema.messages[0].fields]
    assert shown == [
        "string a = 1;", "bytes b = 2 [deprecated = true];", "repeated int32 c = 3;", "string d = 4;",
        "map<string, Outer> e = 5 [ deprecated = true ];",
    ]  # fmt: skip
    assert [field.line for field in schema.messages[0].fields] == [4, 4, 5, 9, 11]
    assert written(schema, schema.messages[0]).startswith("message Outer {")
    assert written(schema, schema.messages[0]).endswith("}")


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.proto")), ids=lambda path: path.stem)
def test_every_field_of_the_corpus_begins_with_its_label_or_type_and_ends_with_a_semicolon(path: Path) -> None:
    schemas, problems = read_schemas([path])
    assert problems == []
    for schema in (schema for schema in schemas if schema.judged):
        for message in schema.messages:
            for field in message.fields:
                text = written(schema, field)
                first = text.split()[0].partition("<")[0].rpartition(".")[2]
                assert first in {"repeated", "optional", "required", "map", "group", field.type.rpartition(".")[2]}
                assert text[-1] in (";" if field.kind is not Kind.MESSAGE else ";}")
                assert f"{field.name}" in text.lower() or field.name in text
                assert schema.source[: field.span.start].count(b"\n") == field.line - 1


# Types


def test_every_kind_of_field_is_told(read: Read) -> None:
    schema = one(
        read,
        P3 + "enum E { NONE = 0; } message M {}\nmessage All { string a = 1; bytes b = 2; sint64 c = 3; "
        "double d = 4; bool e = 5;\n"
        "E f = 6; M g = 7; repeated string h = 8; map<int32, M> i = 9; optional string j = 10;\n"
        "oneof pick { string k = 11; } map<string, string> l = 12; }",
    )  # fmt: skip
    found = {field.name: field for field in schema.messages[1].fields}
    assert [found[name].kind for name in "abcdefg"] == [
        Kind.TEXT, Kind.BYTES, Kind.NUMBER, Kind.NUMBER, Kind.FLAG, Kind.ENUM, Kind.MESSAGE,
    ]  # fmt: skip
    assert (found["f"].type, found["g"].type, found["c"].type) == ("shop.v1.E", "shop.v1.M", "sint64")
    assert (found["h"].repeated, found["h"].key_type) == (True, None)
    assert (found["i"].kind, found["i"].type, found["i"].key_type, found["i"].repeated) == (
        Kind.MESSAGE, "shop.v1.M", "int32", False,
    )  # fmt: skip
    assert (found["j"].oneof, found["k"].oneof) == (None, "pick")
    assert (found["l"].kind, found["l"].key_type) == (Kind.TEXT, "string")
    assert [field.number for field in schema.messages[1].fields] == list(range(1, 13))
    assert [message.name for message in schema.messages] == ["M", "All"]  # the entries of maps are none


def test_groups_and_extensions_of_proto2_are_read(read: Read) -> None:
    schema = one(
        read,
        P2 + "message A { optional group Part = 1 { required string ssn = 2; } extensions 100 to 200;\n"
        "  message B { extend A { optional bool inner = 101; } } }\n"
        "extend A { optional string loose = 100 [deprecated = true]; }\n",
    )
    found = fields(schema)
    assert list(found) == [".loose", "A.part", "A.Part.ssn", "A.B.inner"]
    assert written(schema, found["A.part"]) == "optional group Part = 1 { required string ssn = 2; }"
    assert written(schema, found[".loose"]) == "optional string loose = 100 [deprecated = true];"
    assert (found["A.part"].kind, found["A.part"].type) == (Kind.MESSAGE, "shop.v1.A.Part")
    by_name = {message.name: message for message in schema.messages if message.declared}
    assert [by_name[name].holds_extensions for name in ("A", "A.B")] == [True, False]
    assert [message.name for message in schema.messages if not message.declared] == ["", "A.B"]


@pytest.mark.parametrize("edition", ["2023", "2024"])
def test_editions_are_read(read: Read, edition: str) -> None:
    schema = one(read, f'edition = "{edition}";\nmessage A {{ string b = 1 [features.field_presence = EXPLICIT]; }}')
    assert fields(schema)["A.b"].options == "features.field_presence = EXPLICIT"


def test_options_are_what_stands_between_the_brackets(read: Read) -> None:
    schema = one(
        read,
        P3
        + 'import "google/protobuf/descriptor.proto";\nextend google.protobuf.FieldOptions { string note = 50001; }\n'
        'message A { string b = 1 [\n  (note) = "x, [y]", // why\n  deprecated = true\n]; string c = 2; }',
    )
    assert [field.options for field in schema.messages[1].fields] == ['(note) = "x, [y]", deprecated = true', ""]


def test_what_is_only_imported_lends_its_types_and_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "asked.proto").write_text(P3 + 'import "lent.proto";\nmessage A { B b = 1; }')
    (tmp_path / "lent.proto").write_text(P3 + "message B { string ssn = 1; }")
    schemas, problems = read_schemas([tmp_path / "asked.proto"])
    assert problems == []
    assert {Path(schema.path).name: schema.judged for schema in schemas} == {"asked.proto": True, "lent.proto": False}


# protoc has the last word


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.proto")), ids=lambda path: path.stem)
def test_what_is_read_is_what_protoc_alone_says(tmp_path: Path, path: Path) -> None:
    out = tmp_path / "set.pb"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{path.parent}", f"--descriptor_set_out={out}", str(path)]
    subprocess.run(command, check=True)
    (file,) = FileDescriptorSet.FromString(out.read_bytes()).file
    expected = [row for message in file.message_type for row in described(message, "")]
    schemas, _ = read_schemas([path])
    (schema,) = [schema for schema in schemas if schema.judged]
    assert [
        (message.name, field.name, field.number, field.repeated, field.key_type is not None, field.type)
        for message in schema.messages
        if message.declared
        for field in message.fields
    ] == expected


def described(message: DescriptorProto, outer: str) -> list[tuple[str, str, int, bool, bool, str]]:
    name = f"{outer}{message.name}"
    entries = {inner.name: inner for inner in message.nested_type if inner.options.map_entry}
    rows = []
    for field in message.field:
        entry = entries.get(field.type_name.rpartition(".")[2]) if field.type_name else None
        value = entry.field[1] if entry is not None else field
        many = field.label == FieldDescriptorProto.LABEL_REPEATED and entry is None
        rows.append((name, field.name, field.number, many, entry is not None, type_of(value)))
    inner = [each for each in message.nested_type if each.name not in entries]
    return rows + [row for each in inner for row in described(each, f"{name}.")]


def type_of(field: FieldDescriptorProto) -> str:
    return field.type_name.lstrip(".") or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
