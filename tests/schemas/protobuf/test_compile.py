"""protoc is run on many files at once, and what it says in English is understood."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from grpc_tools import protoc

from companion.schemas.protobuf import compile as compiling
from companion.schemas.protobuf.missing_imports import about_an_option, undefined_type
from companion.schemas.protobuf.sources import bundled_roots

P3, P2 = 'syntax = "proto3";\n', 'syntax = "proto2";\n'
DESCRIPTOR = 'import "google/protobuf/descriptor.proto";\n'


def option(kind: str, value: str, more: str = "") -> str:
    """A field with an option of some type."""
    extended = f"extend google.protobuf.FieldOptions {{ optional {kind} rule = 50001; }}\n{more}\n"
    return f"{P2}{DESCRIPTOR}{extended}message B {{ optional string a = 1 [(rule) = {value}]; }}"


SAYS: dict[str, tuple[str, Callable[[str], object]]] = {
    "a file that is not there": (P3 + 'import "gone.proto";', compiling._BAD_IMPORT.match),
    "a file that has errors": (P3 + 'import "bad.proto";', compiling._BAD_IMPORT.match),
    "a type that nobody defines": (P3 + "message A { gone.Type t = 1; }", undefined_type),
    "a type that is looked for elsewhere": (P3 + "package a.gone;\nmessage A { gone.Type t = 1; }", undefined_type),
    "a type of a file that was not imported": (
        P3 + 'import "near.proto";\nmessage A { far.Far f = 1; }', compiling._ELSEWHERE.search,
    ),
    "a name that is defined twice": (P3 + 'import "far.proto";\npackage far;\nmessage Far {}', compiling._TWICE.match),
    "an option of a field that nobody defines": (P3 + "message A { string a = 1 [(gone.x) = 1]; }", about_an_option),
    "an option of a file that nobody defines": (P3 + "option (gone.x) = 1;", about_an_option),
    "an option whose type lacks a field": (option("A", "{ gone: 1 }", "message A {}"), about_an_option),
    "an option of another type": (option("string", "1"), about_an_option),
    "an option that is too large": (option("int32", "99999999999"), about_an_option),
    "an option whose enum lacks a value": (option("E", "RED", "enum E { X = 0; }"), about_an_option),
    "a default of a message": (P2 + "message A { optional B c = 1 [default = RED]; } message B {}", about_an_option),
    "a word too many": (P3 + "message A { string 1; }", re.compile("Expected").match),
    "a word too few": (P3 + "message A { string a; }", re.compile("Missing").match),
}  # fmt: skip


@pytest.mark.parametrize("what", SAYS)
def test_what_protoc_says_is_understood(what: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, understood = SAYS[what]
    others = {"asked": source, "bad": P3 + "message {", "near": P3 + 'import "far.proto";'}
    for name, text in (others | {"far": P3 + "package far;\nmessage Far {}"}).items():
        (tmp_path / f"{name}.proto").write_text(text)
    include = [f"-I{root}" for root in (tmp_path, *bundled_roots())]
    assert protoc.main(["protoc", *include, "--descriptor_set_out=/dev/null", str(tmp_path / "asked.proto")]) == 1
    said = capfd.readouterr().err
    complaints = compiling._complaints(said, tmp_path)
    assert any(each.file == "asked.proto" and each.line and understood(each.message) for each in complaints), (
        f"grpcio-tools {version('grpcio-tools')} says of {what}:\n{said}"
        "which no pattern of companion.schemas.protobuf (compile, missing_imports) understands any more. Write the new "
        "words into the pattern, then raise the bound of grpcio-tools in pyproject.toml."
    )


def test_a_warning_of_protocs_is_no_complaint(tmp_path: Path) -> None:
    said = (
        f"{tmp_path}/w.proto:2:1: warning: Import far.proto is unused.\nnonsense\n{tmp_path}/a.proto:3:4: Expected.\n"
    )
    (found,) = compiling._complaints(said, tmp_path)
    assert (found.file, found.line, found.column, found.message) == ("a.proto", 3, 4, "Expected.")
