"""A file is whole at every moment: the old one, or the new one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from companion.files import replace_file, write_output


def test_the_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    replace_file(file, "first\r\n")
    replace_file(file, b"second\0")
    assert file.read_bytes() == b"second\0"
    assert list(tmp_path.iterdir()) == [file]


def test_a_new_file_has_the_permissions_of_any_other_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    plain, file = tmp_path / "plain", tmp_path / "file"
    plain.write_text("")
    replace_file(file, "")
    assert file.stat().st_mode == plain.stat().st_mode
    file.chmod(0o640)
    replace_file(file, "again")
    assert file.stat().st_mode & 0o777 == 0o640
    replace_file(file, "again", mode=0o600)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("breaks", ["write", "replace", "look"])
def test_whatever_fails_the_old_file_stays_and_nothing_is_left_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if breaks == "write":
        monkeypatch.setattr(os, "fsync", fail)
    elif breaks == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        replace_file(file, "new", last_look=(lambda: fail()) if breaks == "look" else None)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_is_not_there_is_an_error_that_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "a"
    with pytest.raises(FileNotFoundError) as caught:
        replace_file(file, "text")
    assert caught.value.filename == str(file)


def test_what_a_command_writes_goes_through_a_link_and_into_a_pipe(tmp_path: Path) -> None:
    file, link, pipe = tmp_path / "file", tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(file)
    for content in ("first", b"second"):
        write_output(link, content)
    assert link.is_symlink() and file.read_text() == "second"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_output(pipe, "third")
    assert os.read(reader, 100) == b"third"
    os.close(reader)
    assert pipe.is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link", "pipe"]
