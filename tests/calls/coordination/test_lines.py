"""Lines of JSON: what is written is read again, and nothing that comes breaks or blows up the reader."""

import json
import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.linda.client import SpaceClient
from companion.calls.coordination.linda.server import SpaceService
from companion.calls.coordination.line_server import serving
from companion.calls.coordination.lines import MOST_BYTES, Caller, Gone, LineError, NoAnswer, decode, encode

values = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
messages = st.dictionaries(st.text(max_size=5), values | st.text(max_size=9) | st.lists(values, max_size=3), max_size=4)


@given(messages)
@settings(max_examples=50)
def test_a_message_is_one_line_and_comes_back(message: dict[str, object]) -> None:
    line = encode(message)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert decode(line) == message


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_whatever_the_bytes_are_they_are_a_message_or_refused(line: bytes) -> None:
    try:
        message = decode(line + b"\n")
    except LineError:
        return
    assert isinstance(message, dict)


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 60_000 + b"\n",
        b'{"a":NaN}\n',
        b'{"a":1}',
        b"[]\n",
        b"\xff\n",
        b'{"a":' + b"9" * 5000 + b"}\n",
        b" " * MOST_BYTES + b"{}\n",
    ],
)
def test_a_hostile_line_is_refused(line: bytes) -> None:
    with pytest.raises(LineError):
        decode(line)


def test_what_json_cannot_write_and_what_is_too_long_is_not_sent() -> None:
    endless: list[object] = []
    endless.append(endless)
    for value in (float("nan"), {1, 2}, endless, "x" * MOST_BYTES):
        with pytest.raises(LineError):
            encode({"a": value})


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


def test_a_caller_gives_up_when_the_time_is_up_or_the_server_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with Caller(silent.getsockname(), patience=0.05) as caller, pytest.raises(NoAnswer):
            caller.call({})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closing = threading.Thread(target=lambda: listener.accept()[0].close())
        closing.start()
        with Caller(listener.getsockname()) as caller, pytest.raises(Gone):
            caller.call({})
        closing.join()


def test_a_caller_reads_no_endless_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    while True:
                        connection.sendall(b"x" * 65_536)
                except OSError:
                    return

        talking = threading.Thread(target=talk)
        talking.start()
        with Caller(listener.getsockname()) as caller, pytest.raises(LineError, match="without an end"):
            caller.call({})
        talking.join()


def test_a_server_that_ends_leaves_no_thread_and_no_port() -> None:
    before = threading.active_count()
    with serving(SpaceService(HandClock())) as address, SpaceClient(address) as space:
        space.out((1,))
    assert threading.active_count() == before
    with pytest.raises(OSError):
        socket.create_connection(address, timeout=5)
