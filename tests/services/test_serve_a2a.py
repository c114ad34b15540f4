from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from companion.cli import app
from companion.services.a2a.client import Caller
from companion.services.a2a.examples import TENANT
from companion.services.control_room.client import Room
from companion.services.database import Database, add_tenant, as_tenant, connect

COMPANION = [sys.executable, "-m", "companion"]


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | variables
    return subprocess.run(
        [*COMPANION, *words], capture_output=True, text=True, check=False, env=environment, timeout=60
    )


@contextlib.contextmanager
def started(*words: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server and wait for its line."""
    command = [*COMPANION, "serve", "a2a", "--port", "0", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | variables) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert line.startswith("ready http://127.0.0.1:"), line + process.stderr.read()
            yield process, line.split()[1].removesuffix("/rpc")
        finally:
            process.kill()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys") / "issuer"


def token(keys: Path) -> str:
    given = ("--scope", "read", "--scope", "write", "--audience", "a2a", "--keys", str(keys))
    return run("token", str(TENANT), *given).stdout.strip()


@pytest.fixture(scope="module")
def jwks(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("jwks") / "jwks.json"
    file.write_text(run("token", "--jwks", "--keys", str(keys)).stdout)
    return str(file)


def test_two_servers_on_one_database_answer_as_one_and_stop_when_they_are_asked_to(
    database: Database, keys: Path, jwks: str
) -> None:
    with connect(database.admin) as connection:
        add_tenant(connection, "Example", TENANT)
    words = ("--database", database.admin, "--jwks", jwks, "--lease", "1")
    with started(*words) as (one, first), started(*words) as (other, second):
        caller = Caller([first, second], token(keys))
        task = caller.send("What does Northwind make?")["id"]
        events = [event for _, event in caller.follow(task)]
        assert events[-1]["statusUpdate"]["status"]["state"] == "TASK_STATE_COMPLETED"
        assert {caller.get(task)["status"]["state"] for _ in range(2)} == {"TASK_STATE_COMPLETED"}

        one.kill()  # and the other one answers for both
        assert caller.send("What does Velora make?", wait=True)["status"]["state"] == "TASK_STATE_COMPLETED"

        begun = time.monotonic()
        other.send_signal(signal.SIGTERM)
        assert other.wait(20) == 0
        assert time.monotonic() - begun < 15
        assert other.stderr is not None and "Traceback" not in other.stderr.read()
    with connect(database.app) as connection, as_tenant(connection, TENANT):
        assert connection.execute("select count(*) from tasks where state <> 'completed'").fetchone() == (0,)


def test_a_server_of_its_own_has_an_example_and_leaves_nothing(keys: Path) -> None:
    with started(COMPANION_ISSUER_DIRECTORY=str(keys)) as (process, url):
        card = httpx.get(f"{url}/.well-known/agent-card.json", trust_env=False).json()
        assert [skill["id"] for skill in card["skills"]] == ["answer", "research", "hybrid"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_control_room_has_tenants_to_sign_in_as_and_says_where_it_is(keys: Path) -> None:
    with started("--control-room", COMPANION_ISSUER_DIRECTORY=str(keys)) as (process, url):
        assert process.stderr is not None
        assert process.stderr.readline().strip().endswith(f"{url}/control-room")
        room = Room(url)
        example, ada = (next(one for one in room.tenants() if one.name.startswith(name)) for name in ("Exa", "Ada"))
        task = room.sign_in(example, "eve").agent.send("What does Northwind make?", wait=True)
        assert task["status"]["state"] == "TASK_STATE_COMPLETED"
        assert "Retention of client files" in room.sign_in(ada, "ada").call("list_documents").words
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--database", "mysql://x"), "no address of a database"),
        (("--jwks", "/nowhere/keys.json"), "/nowhere/keys.json"),
        (("--model", "gpt-9"), "no chat model"),
        (("--host", "192.0.2.1"), "cannot listen at 192.0.2.1"),
        (("--control-room", "--host", "0.0.0.0"), "bind it to 127.0.0.1, not to 0.0.0.0"),
        (("--control-room", "--url", "https://agents.example"), "not with --jwks, nor --url"),
        (("--control-room", "--jwks", "keys.json"), "not with --jwks, nor --url"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    own = {"COMPANION_ISSUER_DIRECTORY": str(tmp_path / "issuer")}
    answer = CliRunner().invoke(app, ["serve", "a2a", "--port", "0", *words], env=own)
    assert answer.exit_code == 2
    assert len(answer.stderr.strip().splitlines()) == 1 and said in answer.stderr, answer.stderr


def test_a_port_that_is_taken_is_refused(keys: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = run("serve", "a2a", "--port", str(taken.getsockname()[1]))
    assert answer.returncode == 2 and "cannot listen" in answer.stderr


def test_the_help_has_an_example() -> None:
    assert "companion serve a2a" in run("serve", "a2a", "--help").stdout
