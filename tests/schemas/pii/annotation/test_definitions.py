"""The definitions of the marks go where the imports of marked files lead."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from companion.schemas.pii.annotation.definitions import DEFINITIONS, import_roots, place_definitions
from companion.schemas.pii.annotation.marking import annotate
from companion.schemas.protobuf.model import Schema
from companion.schemas.protobuf.reader import read_schemas
from companion.schemas.protobuf.safe_write import Refused


def tree(folder: Path, **files: str) -> list[Schema]:
    """Schemas in a folder; `acme__v1__a` is acme/v1/a.proto."""
    for name, source in files.items():
        path = folder / f"{name.replace('__', '/')}.proto"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'syntax = "proto3";\n{source}\n')
    schemas, problems = read_schemas([folder])
    assert problems == []
    return schemas


def named(schemas: list[Schema], name: str) -> Schema:
    return next(schema for schema in schemas if schema.path.endswith(f"{name}.proto"))


def test_definitions_go_where_imports_start(tmp_path: Path) -> None:
    schemas = tree(tmp_path / "repo", protos__acme__a='import "acme/b.proto";', protos__acme__b="")
    for name in "ab":
        assert import_roots([named(schemas, name)], tmp_path / "repo", schemas) == [tmp_path / "repo" / "protos"]


def test_definitions_go_where_the_package_starts(tmp_path: Path) -> None:
    schemas = tree(tmp_path / "repo", api__acme__v1__a="package acme.v1;")
    assert import_roots(schemas, tmp_path) == [tmp_path / "repo" / "api"]


def test_definitions_go_into_the_folder_that_the_user_named_when_the_files_tell_nothing(tmp_path: Path) -> None:
    schemas = tree(tmp_path / "repo", deep__a="package other.name;")
    assert import_roots(schemas, tmp_path / "repo") == [tmp_path / "repo"]
    assert import_roots(schemas, Path(schemas[0].path)) == [tmp_path / "repo" / "deep"]


def test_a_file_that_tells_nothing_shares_the_root_of_those_around_it(tmp_path: Path) -> None:
    schemas = tree(tmp_path / "repo", api__acme__v1__a="package acme.v1;", api__misc="package misc.one;")
    assert import_roots(schemas, tmp_path) == [tmp_path / "repo" / "api"]


def test_two_files_of_one_name_do_not_speak_for_each_other(tmp_path: Path) -> None:
    schemas = tree(
        tmp_path, one__types="package a;", one__user='package a; import "types.proto";', two__types="package b;"
    )
    assert import_roots([named(schemas, "one/types")], tmp_path, schemas) == [tmp_path / "one"]
    assert import_roots([named(schemas, "two/types")], tmp_path, schemas) == [tmp_path]


def test_definitions_are_written_once_and_then_left_alone(tmp_path: Path) -> None:
    schemas = tree(tmp_path, a="")
    assert place_definitions(schemas, tmp_path) == [tmp_path / DEFINITIONS]
    assert b"package companion.pii.v1;" in (tmp_path / DEFINITIONS).read_bytes()
    (tmp_path / DEFINITIONS).write_bytes(b"// ours\n")
    assert place_definitions(schemas, tmp_path) == []
    assert (tmp_path / DEFINITIONS).read_bytes() == b"// ours\n"


def test_definitions_that_lack_lines_of_ours_are_brought_up_to_date(tmp_path: Path) -> None:
    schemas = tree(tmp_path, a="")
    place_definitions(schemas, tmp_path)
    ours = (tmp_path / DEFINITIONS).read_bytes()
    older = b"".join(line for line in ours.splitlines(keepends=True) if b"DISCARD" not in line)
    (tmp_path / DEFINITIONS).write_bytes(older)
    assert place_definitions(schemas, tmp_path) == [tmp_path / DEFINITIONS]
    assert (tmp_path / DEFINITIONS).read_bytes() == ours
    changed = older.replace(b"MASK = 2;", b"MASK = 2; // as our lawyers want it")
    (tmp_path / DEFINITIONS).write_bytes(changed)
    assert place_definitions(schemas, tmp_path) == []
    assert (tmp_path / DEFINITIONS).read_bytes() == changed


def test_definitions_follow_no_link_out_of_the_tree(tmp_path: Path) -> None:
    schemas = tree(tmp_path / "repo", a="")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "repo" / "companion").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="companion: a symbolic link"):
        place_definitions(schemas, tmp_path / "repo")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_that_takes_no_definitions_is_named(tmp_path: Path) -> None:
    schemas = tree(tmp_path, a="")
    (tmp_path / "companion").write_text("a file")
    with pytest.raises(Refused, match=r"companion: cannot be made: file exists"):
        place_definitions(schemas, tmp_path)


def test_annotated_files_are_read_with_the_definitions_beside_them(tmp_path: Path) -> None:
    schemas = tree(tmp_path, acme__a="package acme; message A { string ssn = 1; }")
    changed = replace(schemas[0], imports=(DEFINITIONS,))
    place_definitions([changed], tmp_path)
    found, problems = read_schemas([tmp_path])
    assert problems == [] and {Path(schema.path).name for schema in found} == {"a.proto", "pii.proto"}


def go_package(folder: Path) -> str:
    (line,) = [line for line in (folder / DEFINITIONS).read_text().splitlines() if line.startswith("option go_package")]
    return line.split('"')[1]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ('option go_package = "example.org/gen/acme/v1;acmev1";', "example.org/gen/companion/pii/v1;piiv1"),
        ("option go_package='example.org/acme/v1';", "example.org/companion/pii/v1;piiv1"),
        ('option go_package = "example.org/elsewhere";', "companion/pii/v1;piiv1"),
        ("", "companion/pii/v1;piiv1"),
        ('// option go_package = "example.org/acme/v1";', "companion/pii/v1;piiv1"),
        ('option go_package = "x\\n\\"; evil/acme/v1";', "companion/pii/v1;piiv1"),
    ],
    ids=["beside the others", "single quotes", "another layout", "none", "a comment", "no name of a package"],
)
def test_the_go_package_of_the_definitions_lies_beside_those_of_the_annotated_files(
    tmp_path: Path, said: str, wanted: str
) -> None:
    schemas = tree(tmp_path, acme__v1__a=f"package acme.v1;\n{said}")
    place_definitions(schemas, tmp_path)
    assert go_package(tmp_path) == wanted
    assert place_definitions(schemas, tmp_path) == []


def test_definitions_without_a_go_package_get_one_and_one_that_somebody_chose_stays(tmp_path: Path) -> None:
    schemas = tree(tmp_path, a='option go_package = "example.org/a";')
    place_definitions(schemas, tmp_path)
    lines = (tmp_path / DEFINITIONS).read_bytes().splitlines(keepends=True)
    (tmp_path / DEFINITIONS).write_bytes(b"".join(line for line in lines if b"go_package" not in line))
    assert place_definitions(schemas, tmp_path) == [tmp_path / DEFINITIONS]
    assert go_package(tmp_path) == "example.org/a/companion/pii/v1;piiv1"
    chosen = b"".join(line.replace(b"example.org/a/", b"own.example/") for line in lines)
    (tmp_path / DEFINITIONS).write_bytes(chosen)
    assert place_definitions(schemas, tmp_path) == []
    (tmp_path / DEFINITIONS).write_bytes(chosen.replace(b"  HASH", b"//"))
    assert place_definitions(schemas, tmp_path) == []  # somebody has changed them
    (tmp_path / DEFINITIONS).write_bytes(b"".join(line for line in chosen.splitlines(True) if b"HASH" not in line))
    assert place_definitions(schemas, tmp_path) == [tmp_path / DEFINITIONS]
    assert go_package(tmp_path) == "own.example/companion/pii/v1;piiv1"


def test_buf_has_no_complaint_about_the_definitions(tmp_path: Path) -> None:
    buf = shutil.which("buf") or shutil.which("buf", path=str(Path(sys.executable).parent))
    if buf is None:
        pytest.skip("there is no buf here: pip install 'companion[test]'")
    place_definitions(tree(tmp_path, acme__v1__a='package acme.v1;\noption go_package = "e.org/acme/v1";'), tmp_path)
    (tmp_path / "acme" / "v1" / "a.proto").unlink()
    (tmp_path / "buf.yaml").write_text("version: v2\nlint:\n  use: [STANDARD]\n")
    for command in (["lint"], ["format", "--diff", "--exit-code"]):
        done = subprocess.run([buf, *command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_protoc_gen_go_takes_an_annotated_file(tmp_path: Path) -> None:
    if shutil.which("protoc-gen-go") is None:
        pytest.skip("there is no protoc-gen-go here: apt install protoc-gen-go")
    body = 'package acme.v1;\noption go_package = "example.org/acme/v1;acmev1";\nmessage User { string email = 1; }'
    tree(tmp_path, acme__v1__a=body)
    annotate(tmp_path).write()
    out = tmp_path / "out"
    out.mkdir()
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{tmp_path}", f"--go_out={out}", "acme/v1/a.proto"]
    done = subprocess.run([*command, DEFINITIONS], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    made = next(out.rglob("a.pb.go")).read_text()
    assert '_ "example.org/companion/pii/v1"' in made
    assert next(out.rglob("pii.pb.go")).parent == out / "example.org" / "companion" / "pii" / "v1"
