"""`companion database` starts a server until it is told to stop, stops it from elsewhere, and looks into it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from companion.cli import app
from companion.services.database import Server
from companion.services.database.pid_file import running_server

READY = r"ready postgresql://postgres:[0-9a-f]+@127\.0\.0\.1:(\d+)/companion\n"


def companion(directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COMPANION_DATABASE_DIRECTORY": str(directory)}
    command = [sys.executable, "-m", "companion", "database", *words]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL
    )


@contextmanager
def started(directory: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server in a directory; give the process, and the line that says that it is ready."""
    command = [sys.executable, "-m", "companion", "database", "start", "--directory", str(directory)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield process, process.stderr.readline()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def used(shared_place: Path) -> Path:
    return shared_place / "used"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_says_that_it_is_ready_and_stops_cleanly(used: Path, number: signal.Signals) -> None:
    with started(used) as (process, line):
        assert re.fullmatch(READY, line)
        process.send_signal(number)
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 0
    assert running_server(used / "data") is None


def test_a_stop_from_elsewhere_ends_the_start_too_and_a_second_one_finds_none(used: Path) -> None:
    with started(used) as (process, line):
        second = companion(used, "start")
        assert second.returncode == 2 and re.fullmatch(
            rf"companion database start: a server runs in {used} already: process \d+, port \d+\n", second.stderr
        )
        stopped = companion(used, "stop")
        assert (stopped.returncode, stopped.stderr) == (0, f"stopped the server in {used}\n")
        assert process.communicate(timeout=20) == ("", "") and process.returncode == 0, line
    stopped = companion(used, "stop")
    assert (stopped.returncode, stopped.stderr) == (2, f"companion database stop: no server runs in {used}\n")


def test_a_server_that_is_killed_is_no_clean_end(used: Path) -> None:
    with started(used) as (process, _):
        found = running_server(used / "data")
        assert found is not None
        os.kill(found.pid, signal.SIGKILL)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 2
        assert said == (
            "companion database start: the server ended by itself, with status -9; start it again to recover\n"
        )


def test_a_port_that_is_taken_is_said_in_one_line(used: Path, server: Server) -> None:
    ran = companion(used, "start", "--port", str(server.port))
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1
    assert "could not bind IPv4 address" in ran.stderr and str(used / "server.log") in ran.stderr


def test_psql_shows_the_schema_and_every_tenants_rows(server: Server, service: str) -> None:
    ran = companion(
        server.directory, "psql", "--csv", "select current_user, count(*) > 0 as applied from schema_migrations"
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "current_user,applied\npostgres,t\n", "")
    assert "Policies (forced row security enabled):" in companion(server.directory, "psql", r"\d documents").stdout


def test_psql_without_a_question_reads_its_own(server: Server) -> None:
    assert companion(server.directory, "psql").returncode == 0
    command = [sys.executable, "-m", "companion", "database", "psql", "--directory", str(server.directory)]
    ran = subprocess.run(command, input="select 1 + 1;\n", capture_output=True, text=True, check=True)
    assert re.search(r"^ +2$", ran.stdout, flags=re.M)


def test_psql_looks_into_another_database_and_keeps_its_password_out_of_sight(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    real = subprocess.run

    def run(command: list[str], **rest: object) -> object:
        seen.append(command)
        return real(command, **rest)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", run)
    address = server.address.replace("/companion", "/postgres")
    assert CliRunner().invoke(app, ["database", "psql", "--database", address, r"\q"]).exit_code == 0
    password = address.partition("@")[0].rpartition(":")[2]
    assert seen and not [word for command in seen for word in command if password in word]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["psql", "select nothing from nowhere"], 'ERROR: relation "nowhere" does not exist'),
        (["psql", "--database", "postgresql://a:b@127.0.0.1:9/x", "select 1"], "Connection refused"),
        (["psql", "--database", "nonsense", "select 1"], "--database: "),
    ],
)
def test_what_psql_cannot_do_is_said_in_one_line(server: Server, words: list[str], why: str) -> None:
    ran = companion(server.directory, *words)
    assert (ran.returncode, ran.stdout) == (2, "") and ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("companion database psql: ") and why in ran.stderr


def test_psql_without_a_server_says_how_to_start_one(place: Path) -> None:
    ran = companion(place, "psql", "select 1")
    assert ran.returncode == 2
    assert ran.stderr == (
        f"companion database psql: no server runs in {place}: start one with `companion database start`\n"
    )


def test_a_directory_that_cannot_be_is_said_in_one_line(place: Path) -> None:
    (place / "file").touch()
    ran = companion(place / "file" / "database", "start")
    assert ran.returncode == 2 and ran.stderr.count("\n") == 1 and "cannot be made" in ran.stderr
