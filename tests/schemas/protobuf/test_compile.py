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
from companion.schemas.protobuf.sources import bundled_roots, collect

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


# Time


GOOD = P3 + "message A { string ssn = 1; }\n"


def compiled(tmp_path: Path, *texts: str) -> tuple[list[str], list[str]]:
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.proto").write_text(text)
    sources, _ = collect([tmp_path])
    found, problems = compiling.compile_sources(sources)
    return [source.path.name for source, _ in found], [problem.message for problem in problems]


def test_time_in_which_others_have_the_processor_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "SECONDS", 1)
    monkeypatch.setattr(compiling, "RUN_PROTOC", f"import time\ntime.sleep(1.5)\n{compiling.RUN_PROTOC}")
    assert compiled(tmp_path, GOOD) == (["0.proto"], [])


BUSY = (
    "\nif b'slow' in open(sys.argv[-1].replace('all', 'files/0'), 'rb').read():\n    while True:\n        pass\nfrom "
)


def test_a_file_that_takes_protoc_too_long_is_named_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("resource", reason="only some systems count the time of a process for us")
    monkeypatch.setattr(compiling, "SECONDS", 0)
    monkeypatch.setattr(compiling, "RUN_PROTOC", compiling.RUN_PROTOC.replace("\nfrom ", BUSY, 1))
    found, said = compiled(tmp_path, f"// slow\n{GOOD}", GOOD.replace("message A", "message B"))
    assert found == ["1.proto"]
    assert said == ["protoc could not read it in 0 s of computing"]


def test_one_is_told_how_far_the_compiling_is(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.proto").write_text(GOOD)
    said: list[str] = []
    compiling.compile_sources(collect([tmp_path])[0], said.append)
    assert said[0] == "compiled 0 of 3 schemas" and len(said) > 1  # three that define the same go their own ways


def test_a_warning_of_protocs_is_no_complaint(tmp_path: Path) -> None:
    said = (
        f"{tmp_path}/w.proto:2:1: warning: Import far.proto is unused.\nnonsense\n{tmp_path}/a.proto:3:4: Expected.\n"
    )
    (found,) = compiling._complaints(said, tmp_path)
    assert (found.file, found.line, found.column, found.message) == ("a.proto", 3, 4, "Expected.")
