"""A temporary directory whose Python was killed is removed by the next one; what is in use is not."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from companion.services.database import scratch
from companion.services.database.server import locked


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def left(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / f"{scratch.PREFIX}{name}"
    folder.mkdir()
    (folder / "lock").touch()
    os.utime(folder, (0, 0))
    return folder


def test_a_directory_is_there_as_long_as_its_context(tmp_path: Path) -> None:
    with scratch.directory() as made:
        assert made.parent == tmp_path and made.stat().st_mode & 0o777 == 0o711
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    dead = left(tmp_path, "dead")
    with scratch.directory() as made:
        assert not dead.exists() and made.is_dir()


def test_what_is_locked_or_not_ours_or_no_such_directory_stays(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "lock").touch()
    (tmp_path / f"{scratch.PREFIX}link").symlink_to(other)
    left(tmp_path, "young").touch()
    os.utime(other, (0, 0))
    (left(tmp_path, "unlocked") / "lock").unlink()
    with locked(left(tmp_path, "used")) as used:
        os.utime(used, (0, 0))
        before = sorted(tmp_path.iterdir())
        scratch.sweep()
        assert sorted(tmp_path.iterdir()) == before and other.is_dir()


def test_what_is_left_of_a_removal_that_was_broken_off_is_removed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = shutil.rmtree

    def broken_off(path: Path, ignore_errors: bool) -> None:
        really(path, ignore_errors=ignore_errors)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt), scratch.directory() as made:
        with locked(made):
            (made / "data").mkdir()
        patched.setattr(shutil, "rmtree", broken_off)
    assert [found.name for found in made.iterdir()] == ["lock"]
    os.utime(made, (0, 0))
    scratch.sweep()
    assert not made.exists()
