"""`companion serve mcp --stdio` answers on its pipes, and is gone when they or its starter are, or when it is told."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.services.mcp.conversation import Message, request
from companion.services.mcp.service import AUDIENCE
from companion.services.samples import ADA
from companion.services.tenancy.keys import open_issuer
from tests.services.mcp.conftest import Place

KINDS = {"documents of its own": [], "documents": ["--database"], "the book": ["--book"]}


@pytest.fixture(scope="module")
def kinds(place: Place) -> dict[str, list[str]]:
    return {kind: [*words, place.database.admin] if words == ["--database"] else words for kind, words in KINDS.items()}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("issuer") / "keys"


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "companion", "serve", "mcp", "--stdio", *options]


def environment(keys: Path, seconds: int = 300, token: str | None = None) -> dict[str, str]:
    signed = open_issuer(keys).token(ADA, "ada", ["read"], AUDIENCE, seconds) if token is None else token
    return os.environ | {"COMPANION_ISSUER_DIRECTORY": str(keys), "COMPANION_TOKEN": signed}


@contextlib.contextmanager
def started(keys: Path, *options: str, seconds: int = 300) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command(*options), stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment(keys, seconds)
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def ask(process: subprocess.Popen[str], message: Message) -> Message:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()
    answer: Message = json.loads(process.stdout.readline())
    return answer


SEARCH = request("tools/call", name="search_documents", arguments={"query": "GDPR"})


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("documents of its own", "the end of stdin"),
        ("documents of its own", "SIGTERM"),
        ("documents", "SIGINT"),
        ("the book", "the end of stdin"),
        ("the book", "SIGTERM"),
        ("the book", "SIGINT"),
    ],
)
def test_it_answers_and_is_gone(keys: Path, kinds: dict[str, list[str]], kind: str, how: str) -> None:
    with started(keys, *kinds[kind]) as process:
        assert ask(process, request("tools/list"))["result"]["tools"]
        if how == "the end of stdin":
            assert process.stdin is not None
            process.stdin.close()
        else:
            process.send_signal(getattr(signal, how))  # with its stdin still open
        assert process.wait(60) == 0
        assert process.stdout is not None and process.stderr is not None
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


def test_broken_json_gets_no_answer_and_the_next_request_does(keys: Path, kinds: dict[str, list[str]]) -> None:
    with started(keys, *kinds["documents"]) as process:
        assert process.stdin is not None
        process.stdin.write("{\n[]\nnull\n" + "[" * 100_000 + "\n")
        assert ask(process, SEARCH | {"id": 7})["id"] == 7


def test_a_token_that_expires_is_refused_at_the_next_call(keys: Path, kinds: dict[str, list[str]]) -> None:
    with started(keys, *kinds["documents"], seconds=20) as process:
        until = time.monotonic() + 120
        while not (answer := ask(process, SEARCH)["result"])["isError"]:
            assert time.monotonic() < until
            time.sleep(0.5)
    assert "was started with does not hold: it has expired" in answer["content"][0]["text"]


@pytest.mark.parametrize(
    ("token", "why"),
    [
        ("", "set COMPANION_TOKEN to a token for the audience mcp"),
        ("x", "the token in COMPANION_TOKEN does not hold: its header cannot be read"),
    ],
)
def test_without_a_token_that_holds_it_does_not_start(keys: Path, token: str, why: str) -> None:
    ran = subprocess.run(
        command(), env=environment(keys, token=token), input="", capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert ran.stderr.startswith(f"companion serve mcp: {why}")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of processes in /proc")
def test_it_is_gone_when_its_starter_is_killed(keys: Path) -> None:
    starter = (
        "import subprocess, sys; p = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE);"
        "print(p.pid, flush=True); p.wait()"
    )
    line = [sys.executable, "-c", starter, *command("--book")]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environment(keys)) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 60
    while Path(f"/proc/{child}").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
