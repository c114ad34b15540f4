"""The programs of the wheel are found, and copied for an account that cannot get at them where they are."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path

import pytest

from companion.services.database import NotInstalled, programs
from companion.services.database.programs import Account, closed_to, data_home, installed, make_open, server_account

NOBODY = Account("nobody", 65534, 65534)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs a server as somebody else")


def version(folder: Path) -> str:
    return subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout


def test_the_newer_of_the_wheels_two_servers_is_taken() -> None:
    assert installed().name == "pginstall18" and (installed().parent / "pginstall").is_dir()
    assert version(programs.programs()).startswith("postgres (PostgreSQL) 18.")


def test_without_the_wheel_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotInstalled, match=r"pip install 'companion\[services\]'"):
        programs.programs()


def test_a_folder_is_closed_to_who_may_not_enter_it(place: Path) -> None:
    inner = place / "inner" / "most"
    inner.mkdir(parents=True)
    assert closed_to(NOBODY, inner / "file") is None
    inner.parent.chmod(0o700)
    assert closed_to(NOBODY, inner / "file") == inner.parent
    owner = inner.stat()
    assert closed_to(Account("owner", owner.st_uid, 1), inner) is None
    inner.parent.chmod(0o710)
    assert closed_to(Account("group", 65533, owner.st_gid), inner) is None
    assert closed_to(NOBODY, inner) == inner.parent


def test_a_folder_that_we_make_is_open_whatever_the_umask_and_one_that_is_there_stays(place: Path) -> None:
    before = os.umask(0o077)
    try:
        make_open(place / "one" / "two")
        (place / "kept").mkdir()
        make_open(place / "kept")
    finally:
        os.umask(before)
    assert closed_to(NOBODY, place / "one" / "two") is None
    assert closed_to(NOBODY, place / "kept") == place / "kept"


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close the wheel's own folder to everybody else, as a home of mode 0700 does."""
    where = installed()
    real = closed_to
    monkeypatch.setattr(
        programs, "closed_to", lambda account, path: where if path == where / "bin" else real(account, path)
    )


def test_programs_below_a_closed_home_are_copied_once_with_their_libraries(closed: None, place: Path) -> None:
    folder = programs.programs(NOBODY, place)
    assert folder.is_relative_to(place) and closed_to(NOBODY, folder) is None
    assert not (folder.parent / "include").exists()
    assert version(folder) == version(installed() / "bin")
    assert subprocess.run([folder / "psql", "--version"], capture_output=True, check=False).returncode == 0
    made = folder.stat().st_ino
    assert programs.programs(NOBODY, place) == folder and folder.stat().st_ino == made
    assert len(list(place.iterdir())) == 1, "nothing half copied lies about"


@as_root
def test_nobody_executes_the_copy(closed: None, place: Path) -> None:
    folder = programs.programs(NOBODY, place)
    ran = subprocess.run([folder / "postgres", "--version"], user="nobody", group=NOBODY.gid, extra_groups=[],
                         cwd="/", capture_output=True, text=True, check=False)  # fmt: skip
    assert "18." in ran.stdout, ran.stderr


def test_a_copy_that_cannot_be_made_or_entered_is_said_in_one_line(closed: None, place: Path) -> None:
    (place / "file").touch()
    with pytest.raises(NotInstalled, match="cannot be copied to"):
        programs.programs(NOBODY, place / "file")
    place.chmod(0o700)
    with pytest.raises(NotInstalled, match=f"`nobody` is to run PostgreSQL, and may not enter {place}"):
        programs.programs(NOBODY, place / "inner")


def test_root_keeps_its_data_where_others_may_pass_and_everybody_else_at_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_home() == Path("/var/lib/companion")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert data_home() == tmp_path / "companion" and server_account() is None
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "ada")
    assert data_home() == tmp_path / "ada" / ".local" / "share" / "companion"


def test_root_without_an_account_for_it_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("pwd.getpwnam", {}.__getitem__)
    with pytest.raises(NotInstalled, match="no account `nobody`"):
        server_account()
