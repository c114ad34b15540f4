"""A changed schema reaches the disk whole or not at all, and a diff of it can be applied."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from companion.schemas.pii.annotate import annotate
from companion.schemas.pii.interface import method_levels
from companion.schemas.pii.layout import Refused
from companion.schemas.pii.model import Level, Scan, Schema
from companion.schemas.pii.read import read_schemas
from companion.schemas.pii.rewrite import diff, import_roots, place_definitions, write
from companion.schemas.pii.sources import DEFINITIONS

HERE = Path(__file__).parent
PROTECT = {Level.HIGH: ("ENCRYPT", "MASK", "AUDIT"), Level.MEDIUM: ("MASK", "AUDIT"), Level.LOW: ("MASK",)}
OLD, NEW = b"one\n", b"one\ntwo\n"


# The diff


@pytest.mark.parametrize("trade", ["clinic", "telecoms", "messaging"])
def test_git_applies_the_diff_and_gets_what_annotate_writes(
    tmp_path: Path, labelled: Callable[..., Scan], trade: str
) -> None:
    scan = labelled(trade)
    schema = next(schema for schema in scan.schemas if schema.judged)
    new = annotate(schema, scan.verdicts, PROTECT, method_levels(scan.schemas, scan.verdicts))
    assert applied(tmp_path, schema, new) == new


@pytest.mark.parametrize("name", ["crlf", "byte_order_mark", "one_line", "comments"])
def test_the_diff_keeps_line_ends_marks_and_a_missing_last_line_end(tmp_path: Path, name: str) -> None:
    source = (HERE / "odd" / f"{name}.proto").read_bytes()
    new = source.replace(b"string ", b"string  ", 2) + b"// more"
    assert applied(tmp_path, Schema(f"{name}.proto", "", source, (), ()), new) == new


def applied(folder: Path, schema: Schema, new: bytes) -> bytes:
    (folder / schema.path).write_bytes(schema.source)
    subprocess.run(
        ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"],
        input=diff(schema, new).encode(),
        cwd=folder,
        check=True,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)},
    )
    return (folder / schema.path).read_bytes()


def test_what_did_not_change_has_no_diff() -> None:
    assert diff(Schema("a.proto", "", OLD, (), ()), OLD) == ""


def test_a_diff_of_a_file_in_an_old_encoding_can_be_shown() -> None:
    assert "+ü" in diff(Schema("/a.proto", "", b"// \xdf\n", (), ()), b"// \xdf\n\xfc\n")


# Writing


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.proto"
    path.write_bytes(OLD)
    return path


def test_a_file_is_replaced_and_keeps_its_permissions(file: Path) -> None:
    file.chmod(0o640)
    write(file, OLD, NEW)
    assert file.read_bytes() == NEW
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["a.proto"]


def test_a_file_that_changed_since_it_was_read_is_left_alone(file: Path) -> None:
    file.write_bytes(b"edited\n")
    with pytest.raises(Refused, match=r"a\.proto: changed since it was read"):
        write(file, OLD, NEW)
    assert [(path.name, path.read_bytes()) for path in file.parent.iterdir()] == [("a.proto", b"edited\n")]


def test_a_file_that_is_gone_stays_gone(file: Path) -> None:
    file.unlink()
    with pytest.raises(Refused, match=r"a\.proto: cannot be written: no such file"):
        write(file, OLD, NEW)
    assert list(file.parent.iterdir()) == []


def test_a_read_only_file_stays_as_it_is_even_for_root(file: Path) -> None:
    file.chmod(0o444)
    with pytest.raises(Refused, match=r"a\.proto: read-only"):
        write(file, OLD, NEW)
    assert file.read_bytes() == OLD


def test_a_link_is_not_followed_nor_replaced(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.proto"
    link.symlink_to(file)
    with pytest.raises(Refused, match=r"link\.proto: a symbolic link; annotate what it leads to, .*a\.proto"):
        write(link, OLD, NEW)
    assert link.is_symlink() and file.read_bytes() == OLD


def test_a_write_that_fails_half_way_leaves_the_old_file_and_no_other(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match=r"a\.proto: cannot be written: no space left on device"):
        write(file, OLD, NEW)
    assert [(path.name, path.read_bytes()) for path in file.parent.iterdir()] == [("a.proto", OLD)]


def test_a_new_file_does_not_replace_one_that_appeared_meanwhile(file: Path) -> None:
    with pytest.raises(Refused, match="changed since"):
        write(file, None, NEW)
    assert file.read_bytes() == OLD


# The definitions


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
