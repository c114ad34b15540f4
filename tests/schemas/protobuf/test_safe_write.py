"""A changed schema reaches the disk whole or not at all, and a diff of it can be applied."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from companion.schemas.protobuf.model import Schema
from companion.schemas.protobuf.safe_write import Refused, diff, write

HERE = Path(__file__).parent
OLD, NEW = b"one\n", b"one\ntwo\n"


# The diff


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
