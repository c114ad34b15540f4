"""A server says itself when it is ready, keeps what it has acknowledged, and is gone when it should be."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import companion
from companion.services.database import (
    AlreadyRunning,
    DatabaseError,
    NotInstalled,
    Server,
    StartFailed,
    connect,
    running,
)
from companion.services.database import server as module
from companion.services.database.pid_file import lives, read_pid_file, running_server
from companion.services.database.programs import programs, server_account
from companion.services.database.server import locked, running_in, start, stop, stop_in

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is dead")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run it as root, and as somebody else")


def throwaway(directory: Path, port: int = 0) -> AbstractContextManager[Server]:
    return running(directory, port=port, throwaway=True)


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def kill(server: Server) -> None:
    os.kill(server.pid, signal.SIGKILL)
    server.process.wait(10)


@pytest.fixture(scope="module")
def used(shared_place: Path) -> Path:
    """Give a directory that has been set up; it is kept from test to test."""
    return shared_place / "used"


@pytest.fixture
def crashed(used: Path) -> Iterator[Path]:
    """Give that directory, locked, to start servers in it that may be killed."""
    with locked(used) as directory:
        yield directory
        if running_server(directory / "data") is not None:
            stop_in(directory)


# Ready


def test_a_server_says_that_it_is_ready_in_a_file_of_its_own(server: Server) -> None:
    found = read_pid_file(server.directory / "data")
    assert found is not None
    assert (found.pid, found.port, found.status) == (server.pid, server.port, "ready")
    assert lives(server.pid, server.directory / "data") and not lives(os.getpid(), server.directory / "data")


def test_a_port_that_answers_is_no_sign_that_ours_is_ready(server: Server, used: Path) -> None:
    socket.create_connection(("127.0.0.1", server.port)).close()  # ready, says who asks the port
    with pytest.raises(StartFailed, match=r"could not bind.*in use"), throwaway(used, server.port):
        pass
    assert running_server(used / "data") is None


def test_a_free_port_that_is_taken_before_we_come_is_no_matter(
    server: Server, used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = module._free_port
    ports = iter([server.port, free()])
    monkeypatch.setattr(module, "_free_port", lambda: next(ports))
    with throwaway(used) as second:
        assert second.port != server.port


@pytest.fixture(scope="module")
def elsewhere(shared_place: Path) -> Iterator[Server]:
    """Run a server whose path is long, for somebody in another time zone, language and search path."""
    there = {"TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8", "PGDATA": "/nowhere"}
    with contextlib.ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patched:
            for name, value in there.items():
                patched.setenv(name, value)
            server = stack.enter_context(throwaway(shared_place / ("long" * 40)))
        yield server
    shutil.rmtree(server.directory)


def test_a_path_too_long_for_a_socket_is_no_matter(elsewhere: Server) -> None:
    with connect(elsewhere.address) as connection:
        assert len(str(elsewhere.directory)) > 107
        assert connection.execute("show unix_socket_directories").fetchone() == ("",)


def test_words_have_one_order_and_one_lower_case_and_the_server_one_time_on_all_machines(elsewhere: Server) -> None:
    with connect(elsewhere.address) as connection:
        words = "select lower('ÄI'), 'a' < 'B', to_tsvector('ÄPFEL')::text"
        assert connection.execute(words.encode()).fetchone() == ("äi", False, "'äpfel':1")
        assert connection.execute("select reset_val from pg_settings where name = 'TimeZone'").fetchone() == ("UTC",)


def test_nobody_is_let_in_without_the_password(server: Server) -> None:
    for password in ("", "guess"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://postgres:{password}@127.0.0.1:{server.port}/postgres")
    for name in ("password", "server.log", "lock"):
        assert (server.directory / name).stat().st_mode & 0o077 == 0


def test_the_wheel_has_two_extensions(server: Server) -> None:
    with connect(server.address) as connection:
        rows = connection.execute("select name from pg_available_extensions order by name").fetchall()
        assert rows == [("plpgsql",), ("vector",)]
        assert connection.execute("select current_setting('server_version_num')::int / 10000").fetchone() == (18,)


# One at a time


def test_a_second_start_in_a_directory_is_refused_in_one_line(server: Server) -> None:
    with pytest.raises(AlreadyRunning) as refused, running(server.directory):
        pass
    said = str(refused.value)
    assert f"process {server.pid}, port {server.port}" in said and "\n" not in said
    assert running_in(server.directory) == (server.pid, server.port)


def test_two_starts_at_once_do_not_set_up_one_directory_together(place: Path) -> None:
    with locked(place), pytest.raises(AlreadyRunning, match="another process is starting or stopping a server in"):
        throwaway(place).__enter__()
    assert {path.name for path in place.iterdir()} == {"lock"}


def test_elsewhere_than_on_linux_and_macos_it_is_said_that_a_server_must_be_named(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.name", "nt")
    with pytest.raises(NotInstalled, match="runs on Linux and macOS"):
        locked(place).__enter__()


def test_a_directory_that_cannot_be_is_said_in_one_line(shared_place: Path) -> None:
    (shared_place / "file").touch()
    with pytest.raises(DatabaseError, match="cannot be made"), running(shared_place / "file" / "database"):
        pass


def test_a_setup_that_fails_leaves_nothing_that_is_trusted(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(module, "LOCALE", ("--locale=nowhere",))
        with pytest.raises(StartFailed, match="invalid locale"), throwaway(place):
            pass
    assert {path.name for path in place.iterdir()} == {"lock", "password", "server.log"}
    with throwaway(place) as server:
        assert running_in(place)[0] == server.pid


# Killed


def write_until_it_breaks(address: str, writer: int, acknowledged: list[tuple[int, int]], setting: str) -> None:
    with contextlib.suppress(psycopg.OperationalError), connect(address) as connection:
        connection.execute(setting.encode())
        for number in range(1_000_000):
            connection.execute("insert into kept values (%s, %s)", [writer, number])
            acknowledged.append((writer, number))


def lost_and_unheard(directory: Path, setting: str, *, throwaway: bool) -> tuple[int, int, int]:
    """Kill a server under two writers: how many rows it acknowledged, lost of these, and kept beside them."""
    server = start(directory, throwaway=throwaway)
    with connect(server.address) as connection:
        connection.execute("drop table if exists kept")
        connection.execute("create table kept (writer int, number int)")
    acknowledged: list[tuple[int, int]] = []
    writers = [
        threading.Thread(target=write_until_it_breaks, args=(server.address, writer, acknowledged, setting))
        for writer in range(2)
    ]
    for writer in writers:
        writer.start()
    until(lambda: len(acknowledged) > 200)
    kill(server)
    for writer in writers:
        writer.join()
    server = start(directory, throwaway=throwaway)
    with connect(server.address) as connection:
        kept = set(connection.execute("select writer, number from kept").fetchall())
    stop(server)
    return len(acknowledged), len(set(acknowledged) - kept), len(kept - set(acknowledged))


@pytest.mark.parametrize("throwaway", [True, False], ids=["fsync off", "fsync on"])
def test_what_was_acknowledged_survives_a_kill_whatever_fsync_says(crashed: Path, throwaway: bool) -> None:
    acknowledged, lost, unheard = lost_and_unheard(crashed, "select", throwaway=throwaway)
    assert acknowledged > 200 and lost == 0
    assert unheard <= 2  # one a writer: committed, and its client never heard of it


def test_without_synchronous_commit_a_kill_loses_what_was_acknowledged(crashed: Path) -> None:
    _, lost, _ = lost_and_unheard(crashed, "set synchronous_commit = off", throwaway=True)
    assert lost > 0


@linux
def test_a_start_right_after_a_kill_waits_until_the_old_processes_are_gone(crashed: Path) -> None:
    server = start(crashed, throwaway=True)
    with connect(server.address) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)  # it cannot notice that its server is dead, and keeps the shared memory
        kill(server)
        with pytest.raises(StartFailed, match="pre-existing shared memory block"):
            module._start_once(programs(server_account()), crashed, server_account(),
                               module._free_port(), True, time.monotonic() + 5)  # fmt: skip
        waker = threading.Timer(0.5, os.kill, (backend, signal.SIGCONT))
        waker.start()
        second = start(crashed, throwaway=True)
        waker.join()
        stop(second)


def test_one_backend_that_is_killed_takes_everybodys_connection_with_it(crashed: Path) -> None:
    server = start(crashed, throwaway=True)
    with psycopg.connect(server.address) as one, psycopg.connect(server.address) as other:
        os.kill(one.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            until(lambda: not other.execute("select pg_sleep(0.01)"))
        until(lambda: accepts(server))  # and it goes on by itself
    assert server.process.poll() is None
    stop(server)


def accepts(server: Server) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(server.address, connect_timeout=2).close()
        return True
    return False


def segments() -> set[int]:
    """List the System V segments of shared memory on this machine."""
    lines = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return {int(line.split()[1]) for line in lines}


def shared_files(pid: int) -> set[Path]:
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {Path(line.split()[5]) for line in lines if "/dev/shm/PostgreSQL" in line}


@linux
def test_a_killed_server_leaves_shared_memory_and_the_next_one_in_its_directory_frees_it(crashed: Path) -> None:
    server = start(crashed, throwaway=True)
    found, files = read_pid_file(crashed / "data"), shared_files(server.pid)
    assert found is not None and found.shared_memory in segments() and files
    kill(server)
    assert found.shared_memory in segments() and all(file.exists() for file in files)
    stop(start(crashed, throwaway=True))
    assert found.shared_memory not in segments() and not any(file.exists() for file in files)


@linux
def test_a_killed_server_of_a_temporary_directory_leaves_nothing() -> None:
    with running() as server:
        found, files = read_pid_file(server.directory / "data"), shared_files(server.pid)
        assert found is not None and found.shared_memory in segments() and files
        kill(server)
    assert found.shared_memory not in segments() and not any(file.exists() for file in files)
    assert not server.directory.exists()


# Stopped


def test_an_idle_client_holds_up_a_stop_by_sigterm_and_not_ours(crashed: Path) -> None:
    server = start(crashed, throwaway=True)
    with connect(server.address):
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.5)
        with pytest.raises(psycopg.OperationalError, match="shutting down"):
            psycopg.connect(server.address)
        begun = time.monotonic()
        stop(server)
        assert time.monotonic() - begun < 5
    assert server.process.returncode == 0
    assert not (crashed / "data" / "postmaster.pid").exists()


def test_a_server_is_gone_with_its_context_and_so_is_its_temporary_directory(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with running() as server:
        psycopg.connect(server.address)  # and never closed
    assert server.process.returncode == 0
    assert not server.directory.exists() and not lives(server.pid, server.directory / "data")
    assert capfd.readouterr() == ("", "")


def test_what_was_written_to_a_directory_is_there_at_the_next_start(used: Path) -> None:
    for expected in (0, 1):
        with throwaway(used) as server, connect(server.address) as connection:
            connection.execute("create table if not exists noted (number int)")
            assert connection.execute("select count(*) from noted").fetchone() == (expected,)
            connection.execute("insert into noted values (1)")


# As whom


@as_root
def test_root_runs_it_as_nobody(server: Server) -> None:
    status = Path(f"/proc/{server.pid}/status").read_text()
    import pwd

    nobody = pwd.getpwnam("nobody")
    assert f"\nUid:\t{nobody.pw_uid}\t{nobody.pw_uid}\t{nobody.pw_uid}" in status
    assert f"\nGid:\t{nobody.pw_gid}\t{nobody.pw_gid}\t{nobody.pw_gid}" in status
    assert "\nGroups:\t \n" in status


@as_root
def test_root_is_told_which_folder_is_closed_to_who_runs_it(place: Path) -> None:
    place.chmod(0o700)
    said = f"`nobody` runs PostgreSQL for root, and may not enter {place}:"
    with pytest.raises(DatabaseError, match=said), running(place / "database"):
        pass


@as_root
def test_a_normal_user_runs_it_as_itself(place: Path) -> None:
    code = (
        "import os; from companion.services.database import open_database, connect\n"
        "with open_database() as database, connect(database.admin) as connection:\n"
        "    print(os.geteuid(), *connection.execute('select count(*) from tenants').fetchone())"
    )
    place.chmod(0o777)
    who: dict[str, Any] = {"user": "daemon", "group": "daemon", "extra_groups": []}
    found = os.pathsep.join({str(Path(str(one.__file__)).parents[1]) for one in (companion, psycopg)})
    environment = {"PATH": os.defpath, "HOME": str(place), "TMPDIR": str(place), "PYTHONPATH": found}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"

    def run(python: str, code: str) -> subprocess.CompletedProcess[str]:
        command = [python, "-c", code]
        return subprocess.run(command, cwd=place, env=environment, check=False, text=True, capture_output=True, **who)

    why = "no Python of this version that other users may execute"
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        with contextlib.suppress(OSError, LookupError):
            able = run(python, "import companion.services.database")
            why = able.stderr
            if able.returncode == 0:
                break
    else:
        pytest.skip(f"a normal user cannot run this package here: {why.splitlines()[-1]}")
    ran = run(python, code)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split()[0] != "0" and ran.stdout.split()[1] == "0"
    assert list(place.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="we are root here")
def test_a_normal_user_runs_it_as_the_user_that_we_are(server: Server) -> None:
    assert (server.directory / "data").stat().st_uid == os.geteuid()
