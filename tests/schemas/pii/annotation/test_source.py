"""Marks go into a schema without moving anything: what is built from it changes in its options alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from companion.schemas.pii import pii_pb2
from companion.schemas.pii.annotation.definitions import DEFINITIONS, place_definitions
from companion.schemas.pii.annotation.source import hidden, insertions, with_marks
from companion.schemas.pii.evidence.api_exposure import method_levels
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.rules.loading import load_rules
from companion.schemas.pii.verdict import Level, MarkedSchema, Scan, Verdict
from companion.schemas.protobuf.insertion_points import apply
from companion.schemas.protobuf.model import Span
from companion.schemas.protobuf.safe_write import Refused, diff

HERE = Path(__file__).parent
TRADES = sorted(path.stem for path in (HERE.parents[3] / "data" / "pii" / "development").glob("*.proto"))
ODD = sorted((HERE.parents[1] / "protobuf" / "odd").glob("*.proto"))
RULES = load_rules()
HIGH_SSN = '(companion.pii.v1.field) = { level: HIGH, type: "SSN", protect: [ENCRYPT, MASK, AUDIT] }'
Labelled = Callable[..., Scan]


def judged(schema: MarkedSchema, *levels: Level) -> list[Verdict]:
    """Verdicts on all fields of a schema that have nothing to do with what they hold: these levels, in turn."""
    turn = cycle(levels)
    return [
        Verdict(schema.path, message.name, field, level, None if level is Level.PUBLIC else "SSN", "", "test")
        for message in schema.messages
        for field in message.fields
        for level in [next(turn)]
    ]


def marked(schema: MarkedSchema, verdicts: Sequence[Verdict], others: Sequence[MarkedSchema] = ()) -> bytes:
    return with_marks(schema, verdicts, RULES, method_levels([schema], verdicts), others)


def read_one(path: Path) -> MarkedSchema:
    schemas, problems = read_marked([path])
    assert problems == []
    return next(schema for schema in schemas if schema.judged)


def written(folder: Path, source: str | bytes, name: str = "a.proto") -> MarkedSchema:
    (folder / name).write_bytes(source if isinstance(source, bytes) else source.encode())
    return read_one(folder / name)


def marked_text(folder: Path, source: str, *levels: Level) -> str:
    schema = written(folder, source)
    return marked(schema, judged(schema, *levels or (Level.HIGH,))).decode()


# ------------------------------------------------------------------------------------ whole files, built by Buf


@pytest.fixture(scope="session")
def buf() -> str:
    found = shutil.which("buf") or shutil.which("buf", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("there is no buf here to build with: pip install 'companion[test]'")
    return found


def built(buf: str, folder: Path) -> dict[str, FileDescriptorProto]:
    """What Buf makes of a folder."""
    out = folder.parent / f"{folder.name}.binpb"
    command = [buf, "build", str(folder), "--as-file-descriptor-set", "-o", str(out)]
    run = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "BUF_CACHE_DIR": str(folder.parent / "cache")}
    )
    assert run.returncode == 0, run.stderr
    return {file.name: file for file in FileDescriptorSet.FromString(out.read_bytes()).file}


def without_marks(original: FileDescriptorProto) -> FileDescriptorProto:
    """The descriptor as it would be if nobody had annotated its source."""
    file = FileDescriptorProto()
    file.CopyFrom(original)
    file.ClearField("source_code_info")
    if DEFINITIONS in file.dependency:
        file.dependency.remove(DEFINITIONS)
    pending: list[DescriptorProto] = list(file.message_type)
    fields: list[FieldDescriptorProto] = list(file.extension)
    for message in pending:
        pending += message.nested_type
        fields += [*message.field, *message.extension]
    methods = [method for service in file.service for method in service.method]
    for things, extension in ((fields, pii_pb2.field), (pending, pii_pb2.message), (methods, pii_pb2.method)):
        for thing in things:
            thing.options.ClearExtension(extension)
            if thing.options.ByteSize() == 0:
                thing.ClearField("options")
    return file


def comments(file: FileDescriptorProto) -> dict[tuple[int, ...], tuple[str, str]]:
    """What is said of each message, field and extension, by its path; of methods, what stands above them."""
    found = {}
    for place in file.source_code_info.location:
        path = tuple(place.path)
        steps = path[::2]
        if len(path) % 2 == 0 and steps[:1] in ((4,), (7,)) and set(steps[1:]) <= {2, 3, 6}:
            found[path] = place.leading_comments, place.trailing_comments
        if len(path) == 4 and steps == (6, 2):
            found[path] = place.leading_comments, ""  # what stood behind the semicolon stands behind a brace now
    return found


@pytest.fixture(scope="module", params=["corpus", "odd, every field", "odd, some fields"])
def both(
    request: pytest.FixtureRequest, labelled: Labelled, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A folder of schemas, and the same annotated."""
    folder = tmp_path_factory.mktemp("both")
    before, after = folder / "before", folder / "after"
    before.mkdir()
    after.mkdir()
    if request.param == "corpus":
        scan = labelled(*TRADES)
        schemas, verdicts = scan.schemas, list(scan.verdicts)
    else:
        schemas = tuple(map(read_one, ODD))
        levels = [Level.HIGH] if "every" in request.param else [Level.LOW, Level.PUBLIC, Level.HIGH, Level.MEDIUM]
        verdicts = [verdict for schema in schemas for verdict in judged(schema, *levels)]
    for schema in schemas:
        if schema.judged:
            name = Path(schema.path).name
            (before / name).write_bytes(schema.source)
            (after / name).write_bytes(marked(schema, verdicts, schemas))
    place_definitions([read_one(next(after.iterdir()))], after)
    return before, after


def test_buf_builds_what_was_annotated_and_only_options_differ(buf: str, both: tuple[Path, Path]) -> None:
    before, after = (built(buf, folder) for folder in both)
    assert after.keys() - before.keys() <= {DEFINITIONS, "google/protobuf/descriptor.proto"}
    for name in before:
        assert without_marks(after[name]) == without_marks(before[name]), name
        if not name.startswith("google/"):
            assert after[name] != before[name], f"{name} has no marks"
            assert comments(after[name]) == comments(before[name]), name


def test_a_second_run_changes_nothing(both: tuple[Path, Path]) -> None:
    schemas = [read_one(path) for path in sorted(both[1].glob("*.proto"))]
    assert len(schemas) >= 10
    for schema in schemas:
        again = judged(schema, Level.HIGH)
        there = [verdict for verdict in again if verdict.field.mark is not None]
        kept = [replace(verdict, level=verdict.field.mark.level) for verdict in there if verdict.field.mark]
        assert kept and marked(schema, kept, schemas) == schema.source, schema.path


INSERTED = re.compile(
    rb""",  |  \ }
      | (?:,\ |\s+) \(\.?companion\.pii\.v1\.field\)\ =\ \{[^}]*\}
      | \ \[\(\.?companion\.pii\.v1\.field\)\ =\ \{[^}]*\}\]
      | \s+(?:\{\ )?option\ \(\.?companion\.pii\.v1\.(?:message|method)\)\ =\ \{[^}]*\} ;?\ ?
      | \s*import\ "companion/pii/v1/pii\.proto";\s*""",
    re.VERBOSE,
)


def assert_nothing_but_marks_was_inserted(schema: MarkedSchema, verdicts: Sequence[Verdict], new: bytes) -> None:
    rest = iter(new)
    assert all(byte in rest for byte in schema.source), "a byte was removed or moved"
    pieces = insertions(schema, verdicts, RULES, method_levels([schema], verdicts), [schema])
    assert [piece for piece in pieces if not INSERTED.fullmatch(piece.text)] == []
    assert apply(schema.source, pieces) == new


def test_every_byte_that_was_there_is_there_and_all_others_are_marks(both: tuple[Path, Path]) -> None:
    for path in sorted(both[0].glob("*.proto")):
        schema = read_one(path)
        verdicts = judged(schema, Level.HIGH, Level.PUBLIC, Level.LOW)
        assert_nothing_but_marks_was_inserted(schema, verdicts, marked(schema, verdicts, [schema]))


def test_a_file_in_an_old_encoding_keeps_it(tmp_path: Path) -> None:
    source = "// B\xfcro\r\nsyntax='proto2';message Kunde{optional string Name=1;/* \xdf */optional int32 Alter=2;}"
    schema = written(tmp_path, source.encode("latin-1"))
    new = marked(schema, judged(schema, Level.LOW))
    assert_nothing_but_marks_was_inserted(schema, judged(schema, Level.LOW), new)
    assert "/* \xdf */optional int32 Alter=2 [(companion" in new.decode("latin-1")


# --------------------------------------------------------------------------------------------- where marks go


def person(*lines: str, head: str = 'syntax = "proto3";\n') -> str:
    return head + "message Person {\n" + "".join(f"{line}\n" for line in lines) + "}\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  string ssn = 1;", f"  string ssn = 1 [{HIGH_SSN}];"),
        ("  string ssn = 1 ; // ;", f"  string ssn = 1 [{HIGH_SSN}] ; // ;"),
        ("  string ssn = 1 // ]\n  ;", f"  string ssn = 1 [{HIGH_SSN}] // ]\n  ;"),
        ("  string ssn = 1 [deprecated = true];", f"  string ssn = 1 [deprecated = true, {HIGH_SSN}];"),
        ('  string ssn = 1 [json_name="];"];', f'  string ssn = 1 [json_name="];", {HIGH_SSN}];'),
        ("  map<string, bytes> ssn = 1;", f"  map<string, bytes> ssn = 1 [{HIGH_SSN}];"),
        ("  oneof id { string ssn = 1; }", f"  oneof id {{ string ssn = 1 [{HIGH_SSN}]; }}"),
        (
            "  string ssn = 1 [\n    deprecated = true\n  ];",
            f"  string ssn = 1 [\n    deprecated = true,\n    {HIGH_SSN}\n  ];",
        ),
        (
            "  string ssn = 1 [\n\t\tdeprecated = true // for now\n  ];",
            f"  string ssn = 1 [\n\t\tdeprecated = true, // for now\n\t\t{HIGH_SSN}\n  ];",
        ),
        (
            "  string ssn = 1 [deprecated = true,\n                  ctype = CORD];",
            f"  string ssn = 1 [deprecated = true,\n                  ctype = CORD,\n                  {HIGH_SSN}];",
        ),
        (
            "  string ssn = 1 [\n    deprecated = true /* a\n    b */\n  ];",
            f"  string ssn = 1 [\n    deprecated = true, /* a\n    b */\n    {HIGH_SSN}\n  ];",
        ),
    ],
)
def test_a_mark_follows_the_layout_of_its_field(tmp_path: Path, old: str, new: str) -> None:
    text = marked_text(tmp_path, person(old))
    assert new in text.replace("  option (companion.pii.v1.message) = { level: HIGH };\n", "")


def test_a_group_has_its_mark_before_the_brace_and_its_message_one_behind_it(tmp_path: Path) -> None:
    text = marked_text(tmp_path, person("  optional group Id = 1 {", "    optional string ssn = 2;", "  }", head=""))
    assert (
        f"  optional group Id = 1 [{HIGH_SSN}] {{\n    option (companion.pii.v1.message) = {{ level: HIGH }};\n" in text
    )


def test_an_extension_is_marked_where_it_is_declared(tmp_path: Path) -> None:
    source = 'syntax = "proto2";\nmessage A { extensions 1 to 9; }\nextend A { optional string ssn = 1; }\n'
    text = marked_text(tmp_path, source)
    assert f"extend A {{ optional string ssn = 1 [{HIGH_SSN}]; }}" in text
    assert "message A { extensions 1 to 9; }" in text  # extensions are no fields of A's author


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rpc Get(Person) returns (Person);", "rpc Get(Person) returns (Person) { OPTION; }"),
        ("rpc Get(Person) returns (Person) ; // x", "rpc Get(Person) returns (Person) { OPTION ; } // x"),
        ("rpc Get(Person) returns (Person) {}", "rpc Get(Person) returns (Person) { OPTION; }"),
        (
            "rpc Get(Person) returns (Person) {\n    // none\n  }",
            "rpc Get(Person) returns (Person) {\n    OPTION;\n    // none\n  }",
        ),
        (
            "rpc Get(Person) returns (Person) {\n      option deprecated = true;\n  }",
            "rpc Get(Person) returns (Person) {\n      OPTION;\n      option deprecated = true;\n  }",
        ),
        ("rpc Get(stream Person) returns (stream Person)\n;", "(stream Person) { OPTION\n; }"),
    ],
)
def test_a_method_says_what_it_may_return(tmp_path: Path, old: str, new: str) -> None:
    text = marked_text(tmp_path, person("  string ssn = 1;") + f"service S {{\n  {old}\n}}\n")
    assert new.replace("OPTION", "option (companion.pii.v1.method) = { level: HIGH, audit: true }") in text


def test_a_message_and_a_method_have_the_highest_level_of_what_they_hold(tmp_path: Path) -> None:
    source = (
        person("  string a = 1;", "  string b = 2;", "  string c = 3;")
        + "service S { rpc Get(Person) returns (Person); }"
    )
    low = marked_text(tmp_path, source, Level.PUBLIC, Level.LOW, Level.PUBLIC)
    assert "option (companion.pii.v1.message) = { level: LOW };" in low
    assert "option (companion.pii.v1.method) = { level: LOW };" in low  # nobody need be told who reads names
    assert "level: MEDIUM, audit: true" in marked_text(tmp_path, source, Level.LOW, Level.MEDIUM, Level.PUBLIC)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('syntax = "proto3";\n', 'syntax = "proto3";\n\nIMPORT\nmessage'),
        ('syntax = "proto3";\npackage a;\n\n', "package a;\n\nIMPORT\n\nmessage"),
        (
            'syntax = "proto3";\nimport "google/protobuf/any.proto"; // why\n\n',
            'import "google/protobuf/any.proto"; // why\nIMPORT\n\nmessage',
        ),
        ("", "IMPORT\n\nmessage"),
        ("// Licence.\n\n// A person.\n", "// Licence.\n\nIMPORT\n\n// A person.\nmessage"),
        ("// A person.\n", "IMPORT\n\n// A person.\nmessage"),
        ('/* import "x.proto"; */ syntax = "proto3"; ', 'syntax = "proto3"; IMPORT message'),
    ],
)
def test_the_import_goes_where_its_author_would_have_put_it(tmp_path: Path, head: str, expected: str) -> None:
    label = "" if "syntax" in head else "optional "
    text = marked_text(tmp_path, person(f"  {label}string ssn = 1;", head=head))
    assert expected.replace("IMPORT", f'import "{DEFINITIONS}";') in text


def test_what_is_public_gets_nothing_and_its_file_stays_as_it_is(tmp_path: Path) -> None:
    schema = written(tmp_path, person("  string size = 1;"))
    assert marked(schema, judged(schema, Level.PUBLIC)) == schema.source


def test_a_field_that_is_ignored_gets_no_mark_and_does_not_count_for_its_message(tmp_path: Path) -> None:
    source = person("  string plate = 1; // pii:ignore painted on every parcel", "  string name = 2;")
    text = marked_text(tmp_path, source, Level.HIGH, Level.LOW)
    assert "plate = 1;" in text and text.count("HIGH") == 0 and text.count("level: LOW") == 2


def test_what_a_person_has_decided_is_not_overwritten(tmp_path: Path) -> None:
    source = f"""syntax = "proto3";
import "{DEFINITIONS}";
message Person {{
  option (companion.pii.v1.message) = {{ level: LOW }};
  string ssn = 1 [(companion.pii.v1.field) = {{ level: PUBLIC }}];
  string name = 2 [(companion.pii.v1.field).level = LOW];
}}
service S {{
  rpc Get(Person) returns (Person) {{ option (companion.pii.v1.method).level = PUBLIC; }}
}}
"""
    assert marked_text(tmp_path, source) == source


def test_the_definitions_and_what_they_import_are_never_annotated(tmp_path: Path) -> None:
    for package in ("companion.pii.v1", "google.protobuf"):
        schema = written(
            tmp_path, f'syntax = "proto2"; package {package}; message FieldOptions {{ optional string a = 1; }}'
        )
        assert marked(schema, judged(schema, Level.HIGH)) == schema.source


def test_a_vendored_copy_of_the_definitions_is_not_imported_twice(tmp_path: Path) -> None:
    schema = replace(written(tmp_path, person("  string ssn = 1;")), imports=(f"third_party/{DEFINITIONS}",))
    assert b"import" not in marked(schema, judged(schema, Level.HIGH))


def test_verdicts_on_other_files_are_passed_over(tmp_path: Path) -> None:
    schema = written(tmp_path, person("  string ssn = 1;"))
    elsewhere = [replace(verdict, path="other.proto") for verdict in judged(schema, Level.HIGH)]
    assert with_marks(schema, elsewhere, RULES, {}) == schema.source


def test_a_field_that_is_not_where_it_should_be_spoils_no_file(tmp_path: Path) -> None:
    schema = written(tmp_path, person("  string ssn = 1;"))
    moved = replace(schema.messages[0].fields[0], span=Span(3, 9))
    schema = replace(schema, messages=(replace(schema.messages[0], fields=(moved,)),))
    with pytest.raises(Refused, match=r"a\.proto:3: cannot tell where ssn ends"):
        marked(schema, judged(schema, Level.HIGH))


def test_a_type_with_quotes_in_its_name_stays_one_string(tmp_path: Path) -> None:
    schema = written(tmp_path, person("  string ssn = 1;"))
    strange = [replace(verdict, pii_type='A"; ]\\') for verdict in judged(schema, Level.HIGH)]
    again = written(tmp_path, marked(schema, strange))
    mark = again.messages[0].fields[0].mark
    assert mark is not None and mark.type == 'A"; ]\\'


@pytest.mark.parametrize(
    "enum", ["enum E { X = 1; Y = 2; }", "enum Long {X=1;}", "enum Longer { X = 1;\n Y = 2; }", "enum E {\n X = 1; }"]
)
def test_a_schema_that_was_mended_to_be_read_is_marked_in_the_right_place(tmp_path: Path, enum: str) -> None:
    (tmp_path / "a.proto").write_text(f'syntax = "proto3"; {enum} message A {{ string ssn = 1; string b = 2; }}')
    (schema,), problems = read_marked([tmp_path])
    assert {problem.fatal for problem in problems} == {False}  # protoc wants a first value of 0
    assert f"ssn = 1 [{HIGH_SSN}]; string b = 2 [{HIGH_SSN}]; }}".encode() in marked(schema, judged(schema, Level.HIGH))


# ------------------------------------------------------------------------------------------ names that hide ours


@pytest.mark.parametrize(
    ("package", "body", "needed"),
    [
        ("acme.companion.v1", "", True),
        ("acme.companion", "", True),
        ("acme.shop", "message companion { string a = 1; }", True),
        ("acme.shop", "message Outer { enum companion { NONE = 0; } string a = 1; }", True),
        ("acme.shop", "", False),
        ("acme.companions", "message Companion { string companion = 1; }", False),
        ("companion.shop", "", False),
        ("companion", "", False),
    ],
)
def test_a_leading_dot_is_written_where_something_nearer_has_our_name(
    tmp_path: Path, buf: str, package: str, body: str, needed: bool
) -> None:
    schema = written(tmp_path, f'syntax = "proto3";\npackage {package};\nmessage A {{ string ssn = 1; }}\n{body}\n')
    assert hidden(schema) is needed
    new = marked(schema, judged(schema, Level.HIGH))
    assert (b"(.companion.pii.v1.field)" in new) is needed
    folder = tmp_path / "tree"
    folder.mkdir()
    place_definitions([written(folder, new)], folder)
    built(buf, folder)


@pytest.mark.parametrize("imported", [True, False])
def test_a_package_of_another_file_hides_ours_only_where_it_is_imported(
    tmp_path: Path, buf: str, imported: bool
) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    line = 'import "pets.proto";\n' if imported else ""
    (folder / "pets.proto").write_text(
        'syntax = "proto3";\npackage acme.companion;\nmessage Pet { string name = 1; }\n'
    )
    (folder / "shop.proto").write_text(
        f'syntax = "proto3";\npackage acme.shop;\n{line}message A {{ string ssn = 1; }}\n'
    )
    schemas, _ = read_marked([folder])
    shop = next(schema for schema in schemas if schema.package == "acme.shop")
    new = marked(shop, judged(shop, Level.HIGH), schemas)
    assert (b"(.companion" in new) is imported
    (folder / "shop.proto").write_bytes(new)
    place_definitions([shop], folder)
    built(buf, folder)


# ------------------------------------------------------------------------------------------------- any layout

SCHEMA = """
    syntax = "proto3" ; package PACKAGE ;
    message Person {
        string name = 1 ; int64 tax_id = 2 [ deprecated = true , json_name = "];//" ] ;
        map < string , string > notes = 3 ; oneof way { string mail = 4 ; }
        message Inner { bytes key = 1 [ deprecated = false ] ; } repeated Inner inner = 5 ;
    }
    service Desk {
        rpc Get ( Person ) returns ( stream Person ) ; rpc Put ( Person ) returns ( Person ) { }
    }
"""
TOKENS = SCHEMA.split()
BLANKS = ["", " ", " ", " ", "\t", "  ", "\n", "\n", "\n  ", "\r\n", "\n\n\t"]
GAPS = st.sampled_from([*BLANKS, " // it; ends ] }\n", "/* [ */", " /* {\n ; */ "])
FILES = st.lists(st.lists(GAPS, min_size=len(TOKENS), max_size=len(TOKENS)), min_size=8, max_size=8)


def laid_out(gaps: Sequence[str], package: str) -> str:
    """The schema with these gaps behind its words, and a blank where two of them would run into each other."""
    text = ""
    for token, gap in zip(TOKENS, gaps, strict=True):
        word = package if token == "PACKAGE" else token
        text += (" " if re.fullmatch(r"\w\w", text[-1:] + word[:1]) else "") + word + gap
    return text


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(FILES)
def test_whatever_stands_between_the_words_of_a_schema_marks_fit_in(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("layouts")
    for index, gaps in enumerate(files):
        (folder / f"{index}.proto").write_bytes(laid_out(gaps, f"p{index}").encode())
    before, problems = read_marked([folder])
    assert problems == [] and len(before) == len(files)
    for schema in before:
        new = marked(schema, judged(schema, Level.HIGH), before)
        assert_nothing_but_marks_was_inserted(schema, judged(schema, Level.HIGH), new)
        Path(schema.path).write_bytes(new)
    after, problems = read_marked([folder])
    assert problems == []
    for old, schema in zip(before, (schema for schema in after if schema.judged), strict=True):
        assert all(message.mark for message in schema.messages) and all(method.mark for method in schema.methods)
        for was, now in zip(old.messages, schema.messages, strict=True):
            assert was.comment == now.comment
            for one, other in zip(was.fields, now.fields, strict=True):
                assert other.mark is not None and other.mark.level is Level.HIGH
                assert (one.name, one.type, one.comment, one.oneof) == (
                    other.name,
                    other.type,
                    other.comment,
                    other.oneof,
                )
        assert marked(schema, judged(schema, Level.HIGH), after) == schema.source


@pytest.mark.parametrize("trade", ["clinic", "telecoms", "messaging"])
def test_git_applies_the_diff_and_gets_what_is_written(
    tmp_path: Path, labelled: Callable[..., Scan], trade: str
) -> None:
    scan = labelled(trade)
    schema = next(schema for schema in scan.schemas if schema.judged)
    new = with_marks(schema, scan.verdicts, RULES, method_levels(scan.schemas, scan.verdicts))
    (tmp_path / schema.path).write_bytes(schema.source)
    subprocess.run(
        ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"],
        input=diff(schema, new).encode(),
        cwd=tmp_path,
        check=True,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)},
    )
    assert (tmp_path / schema.path).read_bytes() == new
