"""A server in a directory of its own: started, ready, stopped, recovered, and gone with its Python.

    with running() as server:
        psycopg.connect(server.address)

    DIRECTORY/password        the superuser's, for whoever may read it
    DIRECTORY/data            PostgreSQL's own; postmaster.pid in it says who runs, and where
    DIRECTORY/server.log      what the server has said since its last start
    DIRECTORY/lock            held by the process that has started it

It listens at 127.0.0.1 alone and asks everybody for a password, as other users of this machine can reach it too. It has
no socket in the file system: the path of one may be 107 bytes long, and a longer one ends the server.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

from companion.services.database import launcher, scratch
from companion.services.database.errors import AlreadyRunning, DatabaseError, NotInstalled, NotRunning, StartFailed
from companion.services.database.pid_file import lives, read_pid_file, running_server
from companion.services.database.programs import Account, closed_to, make_open, programs, server_account

HOST = "127.0.0.1"
SUPERUSER = "postgres"
DATABASE = "companion"

START_SECONDS = 60.0
"""How long a server may take to be ready; after a kill it first reads what it had written."""

STOP_SECONDS = 30.0
"""How long it may take to stop; then it is stopped the hard way."""

KEEPER_SECONDS = 0.5
"""How often the thread that has started a program looks whether that has ended, and it may end too."""

STILL_THERE = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')
"""What it says when the processes of a server that was killed are not all gone yet. It passes."""

PORT_TAKEN = "could not bind"

LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
"""PostgreSQL's own, so that rows have one order and words one lower case on all machines."""

THROWAWAY = ("-c", "fsync=off")
"""For data that ends with its server. A killed process loses nothing by it; a power cut loses all."""


@dataclass(frozen=True)
class Server:
    """A server that is ready.

    Attributes
    ----------
    directory : Path
        Its directory.
    port : int
        Where it listens on 127.0.0.1.
    pid : int
        Its process.
    process : subprocess.Popen
        The same, for whoever waits for its end; another thread does so too.
    """

    directory: Path
    port: int
    pid: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """The address of its superuser, password included."""
        return address_of(self.directory, self.port)


def address_of(directory: Path, port: int) -> str:
    """Give the address of the superuser of the server of a directory.

    Raises
    ------
    DatabaseError
        If the password is not ours to read.
    """
    try:
        password = (directory / "password").read_text("ascii").strip()
    except OSError as error:
        raise DatabaseError(f"{directory / 'password'} cannot be read: {error.strerror}") from None
    return f"postgresql://{SUPERUSER}:{quote(password)}@{HOST}:{port}/{DATABASE}"


@contextlib.contextmanager
def running(directory: Path | None = None, *, port: int = 0, throwaway: bool | None = None) -> Iterator[Server]:
    """Run a server while the context lasts.

    Parameters
    ----------
    directory : Path, optional
        Where its data lies, made if need be. By default it is a new one that is removed afterwards.
    port : int
        Where it listens; 0 takes a free one.
    throwaway : bool, optional
        Whether the data need not survive a power cut, and nothing waits for the disk; by default that of a temporary
        directory.

    Yields
    ------
    Server
        It is ready, and has an empty database. It is stopped at the end, clients or no clients; on Linux also when this
        process is killed.

    Raises
    ------
    NotInstalled
        If PostgreSQL is not here.
    AlreadyRunning
        If a server runs in the directory.
    StartFailed
        If the server ended before it was ready.
    """
    if directory is not None:
        with locked(directory.resolve()) as ours:
            server = start(ours, port, throwaway=bool(throwaway))
            try:
                yield server
            finally:
                stop(server)
        return
    with scratch.directory() as made, locked(made) as ours:
        server = start(ours, port, throwaway=throwaway is not False)
        try:
            yield server
        finally:
            stop(server)
            if read_pid_file(ours / "data") is not None:  # it was killed, and left shared memory: whoever starts next
                stop(start(ours, throwaway=True))  # on the directory frees it, and there will be nobody else


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[Path]:
    """Hold a directory, made if need be, so that one process at a time sets up and starts a server in it.

    Raises
    ------
    NotInstalled
        If this system has no such locks.
    AlreadyRunning
        If another holds it.
    DatabaseError
        If there can be no such directory.
    """
    if os.name != "posix":
        raise NotInstalled("a server of our own runs on Linux and macOS; elsewhere, name one of yours by its address")
    import fcntl

    try:
        make_open(directory)
        stream = _private(directory / "lock")
    except OSError as error:
        raise DatabaseError(f"{directory} cannot be made or written to: {error.strerror}") from None
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _already(directory) from None
        yield directory


def start(directory: Path, port: int = 0, *, throwaway: bool = False) -> Server:
    """Start a server in a directory that is locked, and wait until it is ready; set it up the first time.

    A server that was killed recovers: what it had acknowledged is there again.

    Parameters
    ----------
    directory : Path
        An absolute path.
    port : int
        Where it listens; 0 takes a free one.
    throwaway : bool
        Whether the data need not survive a power cut.

    Raises
    ------
    NotInstalled, AlreadyRunning, StartFailed
        As `running` says.
    """
    account = server_account()
    folder = programs(account)
    closed = account and closed_to(account, directory)
    if account and closed:
        raise DatabaseError(
            f"`{account.name}` runs PostgreSQL for root, and may not enter {closed}: name another --directory"
        )
    data = directory / "data"
    if not data.is_dir():
        _set_up(folder, directory, account, throwaway)
    until = time.monotonic() + START_SECONDS
    while True:
        chosen = port or _free_port()
        try:
            server = _start_once(folder, directory, account, chosen, throwaway, until)
            break
        except StartFailed as error:
            taken, there = PORT_TAKEN in str(error), any(words in str(error) for words in STILL_THERE)
            if time.monotonic() > until or not (there or (taken and not port)):
                raise
            # The lock is ours, so who started that server is dead; on Linux it hears of it in a moment.
            alive = running_server(data)
            if alive is not None and sys.platform != "linux":
                raise _already(directory) from None
            time.sleep(0.1)
    try:
        _make_database(server.address)
    except BaseException:
        stop(server)
        raise
    return server


def _start_once(
    folder: Path, directory: Path, account: Account | None, port: int, throwaway: bool, until: float
) -> Server:
    data = directory / "data"
    options = ["-h", HOST, "-p", str(port), "-k", ""]
    if sys.platform == "linux":  # after a kill it syncs all its files one by one, or the whole disk at once
        options += ["-c", "recovery_init_sync_method=syncfs"]
    options += THROWAWAY if throwaway else ()
    with _private(directory / "server.log") as log:
        process = _launch([str(folder / "postgres"), "-D", str(data), *options], data, account, log)
    try:
        while time.monotonic() < until:
            if process.poll() is not None:
                raise StartFailed(_last_word(directory / "server.log", process.returncode))
            found = read_pid_file(data)
            if found is not None and found.pid == process.pid and found.status == "ready":
                return Server(directory, port, process.pid, process)
            time.sleep(0.01)
        raise StartFailed(f"PostgreSQL in {directory} was not ready in {START_SECONDS:.0f} seconds")
    except BaseException:
        _end(process)
        raise


def stop(server: Server) -> None:
    """Stop a server that this process has started; whoever is connected is sent away."""
    _end(server.process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop it by SIGINT: SIGTERM would wait for the last client, and one idle pool is enough to wait for ever."""
    for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, None)):
        if process.poll() is None:
            process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return


def running_in(directory: Path) -> tuple[int, int]:
    """Give process and port of the server that is ready in a directory, whoever started it.

    Raises
    ------
    NotRunning
        If there is none.
    """
    found = running_server(directory.resolve() / "data")
    if found is None or found.status != "ready":
        raise NotRunning(f"no server runs in {directory}")
    return found.pid, found.port


def stop_in(directory: Path) -> None:
    """Stop the server in a directory, whoever started it, and wait until it is gone.

    Raises
    ------
    NotRunning
        If there is none.
    DatabaseError
        If it is not ours to stop, or does not stop.
    """
    pid, _ = running_in(directory)
    data = directory.resolve() / "data"
    try:
        os.kill(pid, signal.SIGINT)
    except PermissionError:
        raise DatabaseError(f"the server in {directory}, process {pid}, belongs to another user") from None
    except ProcessLookupError:
        return
    until = time.monotonic() + STOP_SECONDS
    while lives(pid, data):
        if time.monotonic() > until:
            raise DatabaseError(f"the server in {directory}, process {pid}, does not stop")
        time.sleep(0.02)


def _already(directory: Path) -> AlreadyRunning:
    found = running_server(directory / "data")
    if found is None:
        return AlreadyRunning(f"another process is starting or stopping a server in {directory}")
    return AlreadyRunning(f"a server runs in {directory} already: process {found.pid}, port {found.port}")


def _set_up(folder: Path, directory: Path, account: Account | None, throwaway: bool) -> None:
    """Make the data directory: whole, or not at all. A superuser is made with it, and a password for it."""
    fresh, handed = directory / "data.new", directory / "password.new"
    shutil.rmtree(fresh, ignore_errors=True)  # of a process that was killed here
    fresh.mkdir(mode=0o700)
    password = secrets.token_hex(24)
    for path in (directory / "password", handed):
        path.unlink(missing_ok=True)
        with _private(path) as stream:
            stream.write(password.encode())
    if account is not None:
        for path in (fresh, handed):
            os.chown(path, account.uid, account.gid)
    sync = ["--no-sync"] if throwaway else ["--sync-method=syncfs"] if sys.platform == "linux" else []
    command = [str(folder / "initdb"), "-D", str(fresh), "-U", SUPERUSER, f"--pwfile={handed}", *LOCALE, *sync]
    with _private(directory / "server.log") as log:
        process = _launch([*command, "--auth=scram-sha-256", "--no-instructions"], fresh, account, log)
    try:
        if process.wait() != 0:
            raise StartFailed(_last_word(directory / "server.log", process.returncode))
    except BaseException:
        _end(process)
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    finally:
        handed.unlink()
    fresh.rename(directory / "data")


def _launch(command: list[str], folder: Path, account: Account | None, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a program that hears of our death.

    Linux takes the thread that has started it for its parent. So that is a thread which waits as long as the program
    runs, and not the one of a caller, which may end before. A session of its own keeps a terminal's Ctrl-C from it, as
    that is for us: a program that is interrupted still has something to write.
    """
    who = (str(account.uid), str(account.gid)) if account else ("-1", "-1")
    words = [sys.executable, "-I", "-S", launcher.__file__, str(os.getpid()), *who, str(folder), *command]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    environment["TZ"] = "UTC"  # initdb makes it the server's
    started: queue.SimpleQueue[subprocess.Popen[bytes] | BaseException] = queue.SimpleQueue()

    def keep() -> None:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=environment,
            )
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            started.put(error)
            return
        started.put(process)
        # Not `process.wait()`, which holds a lock: an interpreter that ends freezes this thread with what it holds.
        while process.poll() is None:
            time.sleep(KEEPER_SECONDS)

    threading.Thread(target=keep, name="postgresql-keeper", daemon=True).start()
    answer = started.get()
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _private(path: Path) -> IO[bytes]:
    """Open an empty file that nobody else can read; a log has statements in it, with what they wrote."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _last_word(log: Path, status: int) -> str:
    """Give the lines of a log that say why a server ended."""
    lines = log.read_text("utf-8", errors="replace").splitlines()
    said = [line.partition(word)[2].strip() for line in lines for word in ("LOG:", "FATAL:", "error:") if word in line]
    faults = [line for line in said if "could not" in line or any(words in line for words in STILL_THERE)]
    why = "".join((faults or said[-1:] or lines[-1:])[:1])
    return f"PostgreSQL ended with status {status} before it was ready: {why or 'it said nothing'} (see {log})"


def _free_port() -> int:
    """Find a port that is free now; it may be taken before we come, so whoever uses it tries again."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _make_database(address: str) -> None:
    """Make the database, if it is not there yet."""
    whole, _, _ = address.rpartition("/")
    with psycopg.connect(f"{whole}/postgres", autocommit=True) as connection:
        if connection.execute("select from pg_database where datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
