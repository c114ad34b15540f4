from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from companion.cli import app
from companion.services import serve_a2a
from companion.services.a2a.client import Caller
from companion.services.control_room.client import Room
from companion.services.database import Database, add_tenant, as_tenant, connect
from companion.services.mcp import commands as mcp_commands
from companion.services.mcp import conversation
from companion.services.samples import ADA, BOB
from companion.services.tenancy import commands as tenancy_commands
from companion.services.tenancy.keys import open_issuer

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
COMPANION = [sys.executable, "-m", "companion"]


def said(*words: str) -> Result:
    """Run a command that ends by itself, in this process."""
    return CliRunner().invoke(app, [*words])


@contextlib.contextmanager
def started(*words: str, port: str = "0", **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server and wait for its line."""
    command = [*COMPANION, "serve", "a2a", "--port", port, *words]
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


def token(keys: Path, audience: str = "a2a") -> str:
    return open_issuer(keys).token(ADA, "ada", ["read", "write"], audience)


@pytest.fixture(scope="module")
def jwks(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("jwks") / "jwks.json"
    file.write_text(json.dumps(open_issuer(keys).jwks()))
    return str(file)


def states_of(database: Database) -> list[str]:
    with connect(database.app) as connection, as_tenant(connection, ADA):
        return [state for (state,) in connection.execute("select distinct state from tasks")]


def completed(task: dict[str, Any]) -> bool:
    return bool(task["status"]["state"] == "TASK_STATE_COMPLETED")


def test_two_servers_on_one_database_answer_as_one_and_stop_when_they_are_asked_to(
    database: Database, keys: Path, jwks: str
) -> None:
    with connect(database.admin) as connection:
        add_tenant(connection, "Ada's", ADA)
    words = ("--database", database.admin, "--jwks", jwks, "--lease", "1")
    with started(*words) as (one, first), started(*words) as (other, second):
        caller = Caller([first, second], token(keys))
        task = caller.send("What does Northwind make?")["id"]
        events = [event for _, event in caller.follow(task)]
        assert events[-1]["statusUpdate"]["status"]["state"] == "TASK_STATE_COMPLETED"
        assert all(completed(caller.get(task)) for _ in range(2))

        one.kill()  # and the other one answers for both
        assert completed(caller.send("What does Velora make?", wait=True))
        one.wait()
        with started(*words, port=first.rpartition(":")[2]) as (_, again):
            assert again == first and completed(Caller([again], token(keys)).get(task)), "what it knew, it knows"

        begun = time.monotonic()
        other.send_signal(signal.SIGTERM)
        assert other.wait(20) == 0
        assert time.monotonic() - begun < 15
        assert other.stderr is not None and "Traceback" not in other.stderr.read()
    assert states_of(database) == ["completed"]


def raw(url: str, *pieces: bytes) -> socket.socket:
    """Send the beginning of a request, and leave it at that."""
    host, _, port = url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    for piece in pieces:
        connection.sendall(piece)
    return connection


def test_a_hostile_client_gets_answers_and_holds_up_neither_others_nor_the_end(
    database: Database, keys: Path, jwks: str
) -> None:
    with connect(database.admin) as connection:
        add_tenant(connection, "Ada's", ADA)
    with started("--database", database.admin, "--jwks", jwks) as (process, url), contextlib.ExitStack() as held:
        headers = {"authorization": f"Bearer {token(keys)}", "a2a-version": "1.0", "content-type": "application/json"}
        web = held.enter_context(httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=30))
        head = f"POST /rpc HTTP/1.1\r\nHost: {web.base_url.netloc.decode()}\r\n".encode()
        known = head + f"Authorization: {headers['authorization']}\r\nContent-Type: application/json\r\n".encode()
        for pieces in ((b"POST /rp",), (head,), (known, b"Content-Length: 100\r\n\r\n{"), (known, CHUNKED, b"5\r\n{")):
            held.enter_context(raw(url, *pieces))  # half a request, and nothing more
        answers = {
            "ten megabytes": web.post("/rpc", content=b" " * 10_000_000),
            "deep": web.post("/rpc", content=b"[" * 100_000 + b"]" * 100_000),
            "no JSON": web.post("/rpc", content=b"{"),
            "another kind": web.post(
                "/rpc", json={"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": {"id": 7}}
            ),
            "another name": web.get("/rest/tasks", headers={"host": "evil.example"}),
            "another page": web.get("/rest/tasks", headers={"origin": "https://evil.example"}),
            "a form": web.post("/rpc", content=b"a=b", headers={"content-type": "text/plain"}),
            "nobody": web.get("/rest/tasks", headers={"authorization": ""}),
        }
        assert {what: answer.status_code for what, answer in answers.items()} == {
            "ten megabytes": 413, "deep": 200, "no JSON": 200, "another kind": 200, "another name": 421,
            "another page": 403, "a form": 415, "nobody": 401,
        }  # fmt: skip
        codes = [answers[what].json()["error"]["code"] for what in ("deep", "no JSON", "another kind")]
        assert codes == [-32700, -32700, -32602]
        assert completed(Caller([url], token(keys)).send("What does Northwind make?", wait=True))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, "half a request does not hold up the end"
        assert process.stderr is not None and "Traceback" not in process.stderr.read()


@pytest.fixture(scope="module")
def controlled(keys: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Give a server with a control room, which a test ends; nobody reads on in its stderr."""
    with started("--control-room", COMPANION_ISSUER_DIRECTORY=str(keys)) as (process, url):
        assert process.stderr is not None
        assert process.stderr.readline().strip().endswith(f"{url}/control-room")
        yield process, url


def test_a_log_that_nobody_reads_holds_nobody_up(controlled: tuple[subprocess.Popen[str], str], keys: Path) -> None:
    _, url = controlled
    ask = conversation.request("prompts/get", name="x" * 1000, arguments={})
    with httpx.Client(trust_env=False, timeout=30, headers={"authorization": f"Bearer {token(keys, 'mcp')}"}) as web:
        for _ in range(100):  # each of which is a traceback in the log
            assert conversation.post(web, f"{url}/mcp", ask).error is not None
    assert completed(Caller([url], token(keys)).send("What does Northwind make?", wait=True))


def test_a_tenants_tokens_open_both_servers_each_with_its_own_and_the_control_room_has_its_tenants(
    controlled: tuple[subprocess.Popen[str], str], keys: Path
) -> None:
    """`companion serve a2a` and `companion serve mcp` begin with the same tenants, and trust the same issuer."""
    process, url = controlled
    environment = os.environ | {"COMPANION_ISSUER_DIRECTORY": str(keys)}
    command = [*COMPANION, "serve", "mcp", "--port", "0"]
    signed = ("token", str(ADA), "--scope", "read", "--scope", "write", "--keys", str(keys), "--audience")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as tools:
        try:
            assert tools.stderr is not None
            tokens = {audience: said(*signed, audience).stdout.strip() for audience in ("a2a", "mcp")}
            agent = Caller([url], tokens["a2a"])
            for question, known in (("Client files are kept for how long?", "Retention of client files"),
                                    ("What does Northwind make?", "Northwind annual report")):  # fmt: skip
                assert known in str(agent.send(question, wait=True)["artifacts"])
            card = httpx.get(f"{url}/.well-known/agent-card.json", trust_env=False).json()
            assert [skill["id"] for skill in card["skills"]] == ["answer", "research", "hybrid"]

            there = tools.stderr.readline().split()[1]
            ask = conversation.request("tools/call", name="list_documents", arguments={})
            with httpx.Client(trust_env=False, timeout=30) as web:
                given = {
                    name: conversation.headers(ask) | {"authorization": f"Bearer {tokens[name]}"} for name in tokens
                }
                assert "Retention of client files" in conversation.post(web, there, ask, given["mcp"]).words
                assert conversation.post(web, there, ask, given["a2a"]).status == 401, "a token is for one service"

            room = Room(url)
            ada, bob = room.tenants()
            assert (ada.id, bob.id) == (ADA, BOB)
            assert "Retention of client files" in room.sign_in(ada, "ada").call("list_documents").words
            for each, number in ((process, signal.SIGINT), (tools, signal.SIGTERM)):
                each.send_signal(number)
                assert each.wait(20) == 0
        finally:
            tools.kill()


@pytest.mark.parametrize("command", [serve_a2a.a2a, mcp_commands.mcp, tenancy_commands.sign])
def test_the_commands_name_the_tenant_that_there_is(command: Callable[..., None]) -> None:
    assert str(ADA) in str(command.__doc__)


REFUSED = [
    (("--database", "mysql://x"), "no address of a database"),
    (("--jwks", "/nowhere/keys.json"), "/nowhere/keys.json"),
    (("--jwks", "/dev/null"), "--jwks /dev/null"),
    (("--model", "gpt-9"), "no chat model"),
    (("--host", "192.0.2.1"), "cannot listen at 192.0.2.1"),
    (("--control-room", "--host", "0.0.0.0"), "bind it to 127.0.0.1, not to 0.0.0.0"),
    (("--control-room", "--url", "https://agents.example"), "not with --jwks, nor --url"),
    (("--control-room", "--jwks", "keys.json"), "not with --jwks, nor --url"),
    (("--url", "agents.example"), "--url 'agents.example': give a whole address"),
    (("--url", "http://agents.example:port"), "--url 'http://agents.example:port': give a whole address"),
    (("--origin", "https://agents.example/"), "--origin 'https://agents.example/': give scheme, host and port"),
    (("--origin", "*"), "--origin '*': give scheme, host and port"),
    (("--inside", "127.0.0.1"), "--inside '127.0.0.1': give host and port"),
    (("--inside", "http://127.0.0.1:80"), "--inside 'http://127.0.0.1:80': give host and port"),
]
IN_TURN = """
import sys
from companion.cli import main
for words in sys.argv[1:]:
    try:
        main(["serve", "a2a", "--port", "0", *words.split()])
    except SystemExit as end:
        assert end.code == 2
print(*{name.split(".")[0] for name in sys.modules})
"""


def test_what_is_refused_is_refused_before_the_agent_and_its_libraries_are_imported(tmp_path: Path) -> None:
    environment = os.environ | {"COMPANION_ISSUER_DIRECTORY": str(tmp_path / "issuer")}
    command = [sys.executable, "-c", IN_TURN, *(" ".join(words) for words, _ in REFUSED)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert ran.stderr.count("companion serve a2a: ") == len(REFUSED), ran.stderr
    assert {"a2a", "langchain_core", "langgraph", "mcp", "numpy"} & set(ran.stdout.split()) == set()


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_what_cannot_be_is_refused_in_one_line(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    own = {"COMPANION_ISSUER_DIRECTORY": str(tmp_path / "issuer")}
    answer = CliRunner().invoke(app, ["serve", "a2a", "--port", "0", *words], env=own)
    assert answer.exit_code == 2
    assert len(answer.stderr.strip().splitlines()) == 1 and said in answer.stderr, answer.stderr


def test_a_port_that_is_taken_is_refused(keys: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = said("serve", "a2a", "--port", str(taken.getsockname()[1]))
    assert answer.exit_code == 2 and "cannot listen" in answer.stderr


def test_the_help_has_an_example() -> None:
    assert "companion serve a2a" in said("serve", "a2a", "--help").stdout
