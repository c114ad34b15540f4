"""Lines of JSON: what is written is read again, and nothing that comes breaks or blows up the reader."""

import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.coordination.lines import MOST_BYTES, Caller, Gone, LineError, NoAnswer, decode, encode

values = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
messages = st.dictionaries(
    st.text('aé\n"', max_size=5), values | st.text('aé\n"', max_size=9) | st.lists(values, max_size=3), max_size=4
)


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


def test_a_caller_gives_up_when_the_time_is_up_or_the_server_is_gone() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        Caller(silent.getsockname(), patience=0.05) as caller,
        pytest.raises(NoAnswer),
    ):
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
