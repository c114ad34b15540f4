"""The measurements give their figures, by a server in a process that ends with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from companion.services.mcp import measures
from companion.services.mcp.measures import a_call, apart, memory


@pytest.fixture(autouse=True)
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in {"CALLS": 20, "SESSIONS": 40, "STREAMS": 40, "WARM": 20}.items():
        monkeypatch.setattr(measures, name, few)


def gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_call_is_timed_with_its_parts() -> None:
    taken = a_call()
    assert list(taken) == ["sql", "pool", "http", "tool", "raw", "client", "opened"]
    assert 0 < taken["sql"] < taken["raw"] and all(0 < milliseconds < 60_000 for milliseconds in taken.values())


@pytest.mark.soak  # four servers
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's memory in /proc")
def test_what_a_server_keeps_is_weighed() -> None:
    weighed = memory()
    assert list(weighed) == ["session", "call", "stream", "stream, bounded"]
    assert weighed["session"] > weighed["call"] and weighed["stream"] > weighed["stream, bounded"]


def test_a_server_ends_with_its_measurement_even_if_it_fails() -> None:
    with pytest.raises(ZeroDivisionError), apart("serve_workshop(stateless=True)") as there:
        assert not gone(there["process"]) and there["url"].startswith("http://127.0.0.1:")
        raise ZeroDivisionError
    assert gone(there["process"])


def test_a_server_of_documents_leaves_no_database_behind() -> None:
    with apart("serve_documents()") as there:
        assert {"url", "token", "document", "database"} <= there.keys()
        children = subprocess.run(
            ["ps", "--ppid", str(there["process"]), "-o", "pid="], capture_output=True, text=True, check=True
        )
        (database,) = children.stdout.split()
        place = Path(f"/proc/{database}/cmdline").read_bytes().split(b"\0")
    assert gone(there["process"]) and gone(int(database))
    assert not Path(os.fsdecode(place[place.index(b"-D") + 1])).exists()


def test_a_server_that_does_not_start_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="did not start"), apart("nonsense()"):
        pytest.fail("there is no such server")
    assert "nonsense" in capfd.readouterr().err
