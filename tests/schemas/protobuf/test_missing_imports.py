"""One import that is not there costs nobody the fields of the whole file, and nothing moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from companion.schemas.protobuf.missing_imports import Draft
from companion.schemas.protobuf.model import Field, Problem, Schema
from companion.schemas.protobuf.source_text import line_starts

Read = Callable[..., tuple[list[Schema], list[Problem]]]
P3 = 'syntax = "proto3";\npackage shop.v1;\nimport "gone/types.proto";\n'
P2 = P3.replace("proto3", "proto2")
SSN = "message Last { string before = 1; string ssn = 2; }\n"

LACKING = {
    "types": P3 + "message X { gone.Type t = 1; .gone.Other o = 2; repeated gone.Type many = 3; string z = 4; }\n",
    "nested types": P3 + "message X { gone.Outer.Inner i = 1; gone.Outer o = 2; gone.Outer.Inner.Core c = 3; }\n",
    "types of the same package": P3 + "message X { Elsewhere e = 1; string z = 2; }\n",
    "types without a package": 'syntax = "proto3";\nimport "gone/types.proto";\n'
    "message X { Foo f = 1; Bar.Baz b = 2; }\n",
    "map values": P3 + "message X { map<string, gone.Thing> things = 1; map<int32, gone.Outer.Inner> more = 2; }\n",
    "oneofs": P3 + "message X { oneof pick { gone.Type t = 1; string z = 2; } }\n",
    "rpc types": P3 + "service S { rpc A(gone.Req) returns (stream gone.Res); rpc B(Last) returns (gone.Res) {} }\n",
    "the only option": P3 + "message X { string a = 1 [(gone.rule) = 1]; string z = 2; }\n",
    "the first option": P3 + "message X { string a = 1 [(gone.rule) = 1, deprecated = true]; string z = 2; }\n",
    "the last option": P3 + "message X { string a = 1 [deprecated = true, (gone.rule) = 1]; string z = 2; }\n",
    "options with braces and commas": P3
    + 'message X { string a = 1 [(gone.rules).string = {min: 1, in: ["a,b", "]"], pattern: "^[x,y]{1}$"}, '
    "deprecated = true,\n"
    '    (gone.note) = "p, [q]; {r}"]; string z = 2; }\n',
    "options over lines": P3 + "message X {\n  string a = 1 [\n    (gone.a) = {\n      b: 1\n    },\n"
    "    (gone.c) = 2\n  ];\n\tint32 z = 2;\n}\n",
    "option statements": P3
    + 'option (gone.file) = { one: "}" two { three: "a;b" } };\nmessage X {\n  option (gone.msg) = { k: "v;" };\n'
    "  string a = 1;\n"
    "  oneof p { option (gone.one) = true; string z = 2; }\n}\n"
    'enum E { option (gone.enum) = 1; NONE = 0 [(gone.value) = "q"]; }\n'
    "service S { option (gone.s) = true; rpc G(Last) returns (Last) { option (gone.m) = { "
    'get: "/v1/{name=a/*}" body: "*" }; } }\n',
    "extensions of missing messages": P2 + "message X { optional string z = 1; }\n"
    "extend gone.Base { optional string note = 100; }\n",
    "default values of missing enums": P2
    + 'message X { optional gone.Color c = 1 [default = RED]; optional string z = 2 [default = "none"]; }\n',
    "groups": P2 + "message X { optional group Part = 1 { optional gone.Type t = 1; "
    "optional string z = 2 [(gone.x) = 1]; } }\n",
    "options of missing types": P2
    + 'import "google/protobuf/descriptor.proto";\nextend google.protobuf.FieldOptions { '
    "optional gone.Rule rule = 50001; }\n"
    "message X { optional string a = 1 [(rule) = { a: 1 }]; optional string z = 2 [(rule).a = 3, deprecated = "
    "true]; }\n",
    "comments between": P3 + "message X { string a = 1 [/* ] */ (gone.a) = 1 /* , */, // ];\n"
    " deprecated = true]; string z = 2; }\n",
}


def last_of(text: str) -> str:
    return SSN if "proto3" in text else SSN.replace("string", "optional string")


def written(schema: Schema, field: Field) -> str:
    return schema.source[field.span.start : field.span.end].decode()


@pytest.mark.parametrize("text", LACKING.values(), ids=LACKING.keys())
def test_a_file_that_lacks_something_is_read_with_every_field_in_its_place(read: Read, text: str) -> None:
    text += last_of(text)
    (schema,), problems = read(text)
    assert [str(problem).partition(": ")[2] for problem in problems] == [
        'warning: import "gone/types.proto" was not found; what is defined there stays unknown'
    ]
    assert problems[0].line == text[: text.index("import")].count("\n") + 1
    assert schema.source == text.encode()
    every = [field for message in schema.messages for field in message.fields]
    assert every[-1].name == "ssn"
    for field in every:
        shown = written(schema, field)
        assert shown[-1] in ";}"
        assert field.name in shown.lower()
        assert text.encode()[: field.span.start].count(b"\n") == field.line - 1
        assert f"{field.type.rpartition('.')[2]}" in shown or field.key_type


def test_the_options_that_protoc_never_saw_are_still_read(read: Read) -> None:
    (schema,), _ = read(LACKING["options with braces and commas"])
    assert "(gone.rules).string" in schema.messages[0].fields[0].options
    assert schema.messages[0].fields[0].options.endswith('(gone.note) = "p, [q]; {r}"')


def test_a_type_that_is_missing_keeps_its_full_name(read: Read) -> None:
    (schema,), _ = read(LACKING["nested types"])
    assert [field.type for field in schema.messages[0].fields] == [
        "gone.Outer.Inner", "gone.Outer", "gone.Outer.Inner.Core",
    ]  # fmt: skip


def test_of_what_everybody_imports_nothing_is_said(read: Read) -> None:
    (schema,), problems = read(
        'syntax = "proto3";\nimport "google/api/annotations.proto";\nimport "google/api/field_behavior.proto";\n'
        'import "buf/validate/validate.proto";\nimport "validate/validate.proto";\n'
        'import "google/protobuf/timestamp.proto";\n'
        "message X { string ssn = 1 [(google.api.field_behavior) = REQUIRED, (buf.validate.field).string = "
        "{min_len: 9, max_len: 11}];\n"
        "  string m = 2 [(validate.rules).string.email = true]; google.protobuf.Timestamp t = 3; }\n"
        'service S { rpc Get(X) returns (X) { option (google.api.http) = { get: "/v1/{ssn=*}" additional_bindings { '
        'post: "/v1" body: "*" } }; } }\n'
    )  # fmt: skip
    assert problems == []
    assert [field.name for field in schema.messages[0].fields] == ["ssn", "m", "t"]


def test_two_files_that_lack_the_same_type_share_it(read: Read) -> None:
    schemas, problems = read(
        {
            "a.proto": P3 + "message A { gone.Type t = 1; }\n",
            "b.proto": P3.replace("shop", "bank")
            + 'import "a.proto";\nmessage B { gone.Type t = 1; shop.v1.A a = 2; }\n',
        }
    )
    assert [field.type for schema in schemas for message in schema.messages for field in message.fields] == [
        "gone.Type", "gone.Type", "shop.v1.A",
    ]  # fmt: skip
    assert [problem.fatal for problem in problems] == [False, False]


# What protoc refuses


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ("  A = 1;\n  B = 2;\n", "must be zero"),
        ("  A = 0;\n  B = 0;\n", "same enum value"),
        (" A = 1; ", "must be zero"),
    ],
)
def test_a_file_with_an_enum_that_protoc_refuses_is_judged_with_a_warning(
    read: Read, values: str, complaint: str
) -> None:
    text = f'syntax = "proto3";\nenum E {{{values}}}  message X {{ E e = 1; string ssn = 2; }}\n'
    (schema,), (problem,) = read(text)
    assert not problem.fatal
    assert problem.message.startswith("read without the values of this enum: ")
    assert complaint in problem.message
    assert [written(schema, field) for field in schema.messages[0].fields] == ["E e = 1;", "string ssn = 2;"]


def test_a_file_that_protoc_refuses_is_named_with_its_line_and_the_others_are_read(read: Read, tmp_path: Path) -> None:
    schemas, (problem,) = read(
        {
            "good.proto": 'syntax = "proto3";\n' + SSN,
            "bad.proto": 'syntax = "proto3";\npackage b;\nmessage X {\n  string ssn 1;\n}\n',
            "user.proto": 'syntax = "proto3";\npackage u;\nimport "bad.proto";\n'
            "message U { b.X x = 1; string ssn = 2; }\n",
        }
    )
    assert (Path(problem.path).name, problem.line, problem.fatal) == ("bad.proto", 4, True)
    assert [Path(schema.path).name for schema in schemas] == ["good.proto", "user.proto"]


def test_a_cycle_of_imports_is_named_and_the_others_are_read(read: Read) -> None:
    schemas, problems = read(
        {
            "a.proto": 'syntax = "proto3"; import "b.proto";',
            "b.proto": 'syntax = "proto3"; import "a.proto";',
            "c.proto": 'syntax = "proto3";\n' + SSN,
        }
    )
    assert any("recursively imports itself" in problem.message for problem in problems)
    assert {Path(problem.path).name for problem in problems} == {"a.proto", "b.proto"}
    assert [Path(schema.path).name for schema in schemas] == ["c.proto"]


# A draft


@pytest.mark.parametrize(
    ("source", "at", "left"),
    [
        ("string a = 1 [(x) = 1];", "(x)", "string a = 1          ;"),
        ("string a = 1 [(x) = 1, b = 2];", "(x)", "string a = 1 [         b = 2];"),
        ("string a = 1 [b = 2, (x) = 1];", "(x)", "string a = 1 [b = 2         ];"),
        ("message M { option (x) = {a: 1; b: 2}; int32 "
        "c = 1; }", "(x)", "message M {                            int32 c = 1; }"),
    ],
)  # fmt: skip
def test_an_option_is_blanked_and_all_else_keeps_its_column(source: str, at: str, left: str) -> None:
    draft = Draft(source.encode())
    assert draft.drop_option(1, source.index(at) + 1)
    assert draft.source.decode() == left
    assert line_starts(bytes(draft.source)) == line_starts(source.encode())


@pytest.mark.parametrize(("line", "column"), [(1, 8), (9, 1), (0, 0)])
def test_where_there_is_no_option_nothing_is_blanked(line: int, column: int) -> None:
    draft = Draft(b"message M { string a = 1; }")
    assert not draft.drop_option(line, column)
    assert draft.source == b"message M { string a = 1; }"


def test_an_enum_keeps_a_zero_and_its_lines() -> None:
    source = b"enum Colour {\n  RED = 1;\n  BLUE = 2;\n}\nmessage M {}\n"
    draft = Draft(source)
    assert draft.empty_enum(2, 9)
    assert b"=0;" in draft.source
    assert b"RED" not in draft.source and b"BLUE" not in draft.source
    assert draft.source.splitlines()[3:] == source.splitlines()[3:]
    assert not Draft(source).empty_enum(5, 1)
