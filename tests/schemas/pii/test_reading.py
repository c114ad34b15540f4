"""A schema is read with what its author says of it: marks, and fields that are to be passed over."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import companion.schemas.pii
from companion.schemas.pii.annotation.definitions import DEFINITIONS
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.verdict import Level, Mark, MarkedField, MarkedSchema
from companion.schemas.protobuf.model import Problem
from companion.schemas.protobuf.sources import bundled_roots

PACKAGE = Path(companion.schemas.pii.__file__).parent
Read = Callable[..., tuple[list[MarkedSchema], list[Problem]]]
P3 = 'syntax = "proto3";\npackage shop.v1;\n'


def one(read: Read, text: str) -> MarkedSchema:
    (schema,), problems = read(text)
    assert problems == []
    return schema


def fields(schema: MarkedSchema) -> dict[str, MarkedField]:
    return {f"{message.name}.{field.name}": field for message in schema.messages for field in message.fields}


@pytest.mark.parametrize(
    ("comment", "reason", "left"),
    [
        ("// pii:ignore shown on every parcel", "shown on every parcel", ""),
        ("// The code. pii:ignore: printed outside", "printed outside", "The code."),
        ("// pii:ignored fields are none", None, "pii:ignored fields are none"),
        ("// The code.", None, "The code."),
    ],
)
def test_a_field_is_ignored_for_a_reason(read: Read, comment: str, reason: str | None, left: str) -> None:
    field = fields(one(read, f"{P3}message A {{\n  string b = 1; {comment}\n}}"))["A.b"]
    assert (field.ignored, field.comment) == (reason, left)


def test_ignoring_without_a_reason_changes_nothing_and_is_said(read: Read) -> None:
    (schema,), (problem,) = read(f"{P3}message A {{\n  string b = 1; // pii:ignore\n}}")
    assert fields(schema)["A.b"].ignored is None
    assert (problem.fatal, problem.line) == (False, 4)
    assert "without a reason" in problem.message


def test_our_marks_are_read_back(read: Read) -> None:
    schema = one(
        read,
        P3 + 'import "companion/pii/v1/pii.proto";\nmessage A {\n'
        "  option (companion.pii.v1.message) = {level: HIGH, audit: true};\n"
        '  string b = 1 [(companion.pii.v1.field) = {level: MEDIUM, type: "EMAIL_PERSONAL", protect: [MASK, AUDIT]}];\n'
        "  string c = 2 [(companion.pii.v1.field).level = LOW];\n  string d = 3 [(companion.pii.v1.field) = {}];\n"
        "  string e = 4;\n}\n"
        "service S { rpc G(A) returns (A) { option (companion.pii.v1.method).level = HIGH; } }",
    )
    marks = [field.mark for field in schema.messages[0].fields]
    assert marks == [
        Mark(Level.MEDIUM, "EMAIL_PERSONAL", ("MASK", "AUDIT")),
        Mark(Level.LOW),
        Mark(Level.HIGH),  # somebody meant something
        None,
    ]
    assert schema.messages[0].mark == Mark(Level.HIGH, None, ("AUDIT",))
    assert schema.methods[0].mark == Mark(Level.HIGH)


def test_the_definitions_of_our_marks_are_not_judged_where_they_are_a_copy_of_ours(tmp_path: Path) -> None:
    ours = (bundled_roots()[0] / DEFINITIONS).read_bytes()
    below = Path(DEFINITIONS)
    for folder, content in (("copy", ours), ("changed", ours.replace(b"FieldOptions {", b"FieldOptions{"))):
        (tmp_path / folder / below).parent.mkdir(parents=True)
        (tmp_path / folder / below).write_bytes(content)
    (tmp_path / "other.proto").write_bytes(ours.replace(b"companion.pii.v1", b"other").replace(b"54823", b"54824"))
    for path, expected in ((Path("copy") / below, False), (Path("changed") / below, True), ("other.proto", True)):
        schemas, problems = read_marked([tmp_path / path])
        assert problems == []
        assert schemas[-1].path == (tmp_path / path).as_posix() and schemas[-1].judged is expected
    schemas, problems = read_marked([tmp_path / "copy"])
    assert [problems, [schema for schema in schemas if schema.judged]] == [[], []]


def test_protoc_makes_the_generated_code_that_is_committed(tmp_path: Path) -> None:
    root = PACKAGE.parent / "protos"
    proto = root / "companion" / "pii" / "v1" / "pii.proto"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{root}", f"--python_out={tmp_path}", str(proto)]
    subprocess.run(command, check=True)
    made = tmp_path / "companion" / "pii" / "v1" / "pii_pb2.py"
    committed = (PACKAGE / "pii_pb2.py").read_text()
    assert ast.dump(ast.parse(made.read_text())) == ast.dump(ast.parse(committed))  # however it is laid out
