"""Six servers, one behaviour: each request is answered in its turn, and what is no request ends its connection."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from companion.calls.concurrency.load import load
from companion.calls.concurrency.load.http1 import BadMessage, Response, read_request, read_response, write_request
from companion.calls.concurrency.servers import Model, ServerError, missing, running, serving
from companion.calls.concurrency.servers.cgi import command

REQUEST = write_request("h", "/")


def receive(connection: socket.socket, data: bytes = b"") -> tuple[Response | None, bytes]:
    """Read one answer, and give what has come beyond it; None when the server has closed."""
    while (found := read_response(data)) is None:
        more = connection.recv(65_536)
        if not more:
            return None, data
        data += more
    response, taken = found
    return response, data[taken:]


@pytest.fixture(scope="module", params=list(Model))
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """Serve in this process; a server that forks has one of its own."""
    if why := missing(request.param):
        pytest.skip(why)
    with contextlib.ExitStack() as stack:
        if request.param == Model.prefork:
            server = stack.enter_context(running("prefork", workers=3))
            yield server.host, server.port
        else:
            yield stack.enter_context(serving(request.param, "127.0.0.1", 0, workers=3))


@contextlib.contextmanager
def connected(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.create_connection(address, timeout=20) as connection:
        yield connection


def test_a_connection_is_kept_and_each_request_answered(address: tuple[str, int]) -> None:
    with connected(address) as connection:
        for target in ("/", "/?ms=1", "/?cpu=1&ms=1", "/?unknown=x"):
            connection.sendall(write_request("h", target))
            assert receive(connection) == (Response(200, True, b"ok\n"), b"")


def test_requests_sent_together_are_answered_in_their_order(address: tuple[str, int]) -> None:
    with connected(address) as connection:
        connection.sendall(REQUEST + write_request("h", "/", close=True) + REQUEST)
        first, rest = receive(connection)
        second, rest = receive(connection, rest)
        assert first == Response(200, True, b"ok\n") and second == Response(200, False, b"ok\n")
        with contextlib.suppress(ConnectionResetError):  # as what nobody read is thrown away
            assert receive(connection, rest) == (None, b"")


def test_a_request_that_comes_byte_by_byte_is_answered(address: tuple[str, int]) -> None:
    with connected(address) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(len(REQUEST)):
            connection.sendall(REQUEST[number : number + 1])
        assert receive(connection)[0] == Response(200, True, b"ok\n")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01 this is TLS\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 8192, 431),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", 405),
        (b"POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
        (write_request("h", "/?ms=-1"), 400),
        (write_request("h", "/?ms=nan"), 400),
        (write_request("h", "/?ms=1e9"), 400),
        (write_request("h", "/?cpu=$(id)"), 400),
        (write_request("h", "http://[/?ms=1"), 400),
    ],
)
def test_what_is_not_served_is_refused_and_its_connection_closed(
    address: tuple[str, int], sent: bytes, status: int
) -> None:
    with connected(address) as connection:
        connection.sendall(sent)
        answer, _ = receive(connection)
        assert answer is not None and (answer.status, answer.keep_alive) == (status, False)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    with connected(address) as connection:  # and nobody else has noticed
        connection.sendall(REQUEST)
        assert receive(connection)[0] == Response(200, True, b"ok\n")


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=60))
def test_junk_hurts_nobody_else(address: tuple[str, int], junk: bytes) -> None:
    with connected(address) as connection:
        connection.sendall(junk)
    with connected(address) as connection:
        connection.sendall(REQUEST)
        assert receive(connection)[0] == Response(200, True, b"ok\n")


def test_two_wait_at_the_same_time(address: tuple[str, int]) -> None:
    """The second is answered while the first waits; had it to wait, its time-out would end the test."""
    with connected(address) as slow, connected(address) as quick:
        slow.sendall(write_request("h", "/?ms=6000"))
        for _ in range(2):  # an actor whose turn it is may be the busy one: there are two others
            quick.settimeout(5.5)
            quick.sendall(REQUEST)
            assert receive(quick)[0] == Response(200, True, b"ok\n")


@pytest.mark.parametrize(("model", "workers"), [("corba", 1), ("pool", 0), ("pool", 10**6)])
def test_what_cannot_be_served_is_refused(model: str, workers: int) -> None:
    with pytest.raises(ServerError), serving(model, "127.0.0.1", 0, workers):
        pass


def test_a_worker_of_the_pool_owns_a_connection_until_it_closes() -> None:
    with (
        serving("pool", "127.0.0.1", 0, workers=1) as address,
        connected(address) as first,
        connected(address) as second,
    ):
        for one in (first, second):
            one.sendall(REQUEST)
        assert receive(first)[0] is not None
        second.settimeout(0.3)
        with pytest.raises(TimeoutError):
            second.recv(1)
        first.close()
        second.settimeout(20)
        assert receive(second)[0] == Response(200, True, b"ok\n")


@pytest.mark.parametrize("language", ["python", "perl", "C"])
def test_a_script_of_each_language_answers(language: str) -> None:
    if command(language) is None:
        pytest.skip(f"there is no {language} here")
    with serving("cgi", "127.0.0.1", 0, language=language) as address, connected(address) as connection:
        connection.sendall(write_request("h", "/?ms=1&cpu=1"))
        body = b"" if language == "C" else b"ok\n"
        assert receive(connection)[0] == Response(200, True, body)


def test_a_script_that_fails_is_a_bad_gateway() -> None:
    from companion.calls.concurrency.servers import cgi

    found = read_request(REQUEST)
    assert found is not None
    with pytest.raises(BadMessage) as caught:
        cgi.respond(found[0], ["/does/not/exist"], set())
    assert caught.value.status == 502
    with pytest.raises(BadMessage, match="failed"):
        cgi.respond(found[0], [sys.executable, "-I", "-S", "-c", "raise SystemExit(3)"], set())


def test_threads_end_when_their_clients_do() -> None:
    with serving("threads", "127.0.0.1", 0) as address:
        with connected(address) as connection:
            connection.sendall(REQUEST)
            receive(connection)
            ours = [one for one in threading.enumerate() if "serve" in one.name]
            assert ours
        for one in ours[-1:]:
            one.join(20)
            assert not one.is_alive()


def test_one_actor_does_one_thing_after_the_other() -> None:
    with serving("actors", "127.0.0.1", 0, workers=1) as (host, port):
        report = load(f"http://{host}:{port}/?ms=20", rate=100, seconds=0.2, connections=20, timeout=20)
    assert report.answered == 20
    assert max(sample.done for sample in report.samples) >= 20 * 0.02  # 50 a second at most, however many ask
