"""A service behind lines: hostile clients are refused, the others served, and nothing is left at the end."""

import gc
import json
import socket
import threading
import warnings

import pytest

from companion.calls.coordination import line_server
from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.linda.client import SpaceClient
from companion.calls.coordination.linda.server import SpaceService
from companion.calls.coordination.line_server import serving
from companion.calls.coordination.lines import MOST_BYTES


def heard(sent: bytes, address: tuple[str, int]) -> list[bytes]:
    """Send bytes and nothing after them; give the lines that come back."""
    with socket.create_connection(address, timeout=20) as raw:
        try:
            raw.sendall(sent)
            raw.shutdown(socket.SHUT_WR)
            return list(raw.makefile("rb"))
        except OSError:
            return []


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\n",
        b"x" * (2 * MOST_BYTES),
        b'{"op":"in","template":[{"type":"dict"}]}\n',
        b'{"op":"in","template":[{"type":[]}]}\n',
        b'{"op":"in","template":"task"}\n',
        b'{"op":"in","template":[],"wait":true}\n',
        b'{"op":"in","template":[1],"lease":-1}\n',
        b'{"op":"in","template":[1],"lease":true}\n',
        b'{"op":"in","template":[1],"lease":1e999}\n',
        b'{"op":"out","tuple":[]}\n',
        b'{"op":"out","tuple":[[1]]}\n',
        b'{"op":"out","tuple":{"a":1}}\n',
        b'{"op":"done","lease":"1"}\n',
        b'{"op":"done","lease":1,"results":[1]}\n',
        b'{"op":"renew","lease":1}\n',
        b'{"op":"pass","seconds":-1}\n',
        b'{"op":{}}\n',
        b"{}\n",
    ],
)
def test_a_server_survives_a_hostile_line_and_serves_the_next_client(sent: bytes) -> None:
    with serving(SpaceService(HandClock())) as address:
        for line in heard(sent, address):
            assert "error" in json.loads(line) or json.loads(line) == {"ok": False}
        with SpaceClient(address) as space:
            space.out(("alive",))
            assert space.count() == 1


def test_an_unfinished_line_changes_nothing() -> None:
    with serving(SpaceService(HandClock())) as address, SpaceClient(address) as space:
        heard(b'{"op":"out","tuple":[1]}', address)
        assert space.count() == 0


def test_requests_sent_at_once_are_answered_in_turn() -> None:
    with serving(SpaceService(HandClock())) as address:
        sent = b'{"op":"out","tuple":[1]}\n' * 50 + b'{"op":"count"}\n'
        lines = heard(sent, address)
        assert len(lines) == 51 and json.loads(lines[-1])["count"] == 50


def test_a_request_upon_one_that_waits_is_refused_and_ends_the_connection() -> None:
    with serving(SpaceService(HandClock())) as address, SpaceClient(address) as space:
        waiting = b'{"op":"in","template":[1],"wait":true}\n'
        (line,) = heard(waiting + b'{"op":"count"}\n', address)
        assert "still waits" in json.loads(line)["error"]
        assert space.waiting() == 0


def test_a_server_that_ends_leaves_no_thread_and_no_port() -> None:
    before = threading.active_count()
    with serving(SpaceService(HandClock())) as address, SpaceClient(address) as space:
        space.out((1,))
    assert threading.active_count() == before
    with pytest.raises(OSError):
        socket.create_connection(address, timeout=5)


def test_more_connections_than_allowed_are_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_server, "MOST_CONNECTIONS", 1)
    with serving(SpaceService(HandClock())) as address, SpaceClient(address) as space:
        space.out(("a",))
        assert heard(b'{"op":"count"}\n', address) == []
        assert space.count() == 1


def test_a_server_that_ends_amid_connections_has_nothing_to_complain_of(caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        for clients in range(60):
            with serving(SpaceService(HandClock())) as address:
                talking = SpaceClient(address)
                talking.count()
                sockets = [socket.create_connection(address) for _ in range(clients % 6)]
                talking.close()
            for one in sockets:
                one.close()
        gc.collect()
    assert [record.getMessage() for record in caplog.records] == []
    assert [str(one.message) for one in warned] == []
