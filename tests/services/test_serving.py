"""A web application is served while a context lasts, beside whatever loop its user has, and is gone afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from companion.services import serving
from companion.services.serving import STOP_SECONDS, Address, config, listening, running, running_on

LONG = "x" * 20_000_000  # more than the buffers of both sides hold
HEAD = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def long(request: Request) -> PlainTextResponse:
    return PlainTextResponse(LONG)


APP = Starlette(routes=[Route("/", hello), Route("/long", long)])


def get(address: Address) -> str:
    return httpx.get(f"http://{address}/", trust_env=False).text


def refused(address: Address) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(address) != 0


def test_an_application_answers_while_the_context_lasts() -> None:
    with running(APP) as address:
        assert get(address) == "hello"
        assert (address.host, str(address)) == ("127.0.0.1", f"127.0.0.1:{address.port}")
    assert refused(address)


def test_it_runs_beside_a_loop_of_its_user() -> None:
    async def ask() -> str:
        with running(APP) as address:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(f"http://{address}/")).text

    assert asyncio.run(ask()) == "hello"


def test_two_run_side_by_side_and_leave_no_thread_behind() -> None:
    before = threading.active_count()
    with running(APP) as one, running(APP) as other:
        assert one != other and get(one) == get(other) == "hello"
    assert threading.active_count() == before


def test_a_port_is_free_again_at_once() -> None:
    with running(APP) as first:
        get(first)
    with running(APP, port=first.port) as again:
        assert again == first and get(again) == "hello"


def test_a_port_that_is_taken_is_an_error() -> None:
    with running(APP) as address, pytest.raises(OSError), running(APP, port=address.port):
        pytest.fail("it cannot run twice")


def test_an_error_inside_ends_it_too() -> None:
    with pytest.raises(ZeroDivisionError), running(APP) as address:
        1 / 0  # noqa: B018
    assert refused(address)


def test_the_lifespan_of_the_application_is_run() -> None:
    happened: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        happened.append("begun")
        yield
        happened.append("ended")

    with running(Starlette(lifespan=lifespan)):
        assert happened == ["begun"]
    assert happened == ["begun", "ended"]


# uvicorn leaves its thread by a SystemExit then, which Python takes for a quiet end and pytest for an error.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_application_that_does_not_start_is_an_error() -> None:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        raise RuntimeError("a database is missing")
        yield

    before = threading.active_count()
    with pytest.raises(RuntimeError, match="did not start"), running(Starlette(lifespan=lifespan)):
        pytest.fail("it cannot have started")
    assert threading.active_count() == before


def test_half_a_request_does_not_hold_up_the_end() -> None:
    with contextlib.ExitStack() as after:
        with running(APP) as address:
            half = after.enter_context(socket.create_connection(address))
            half.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nhalf")
            get(address)
            began = time.monotonic()
        assert time.monotonic() - began < 10 * STOP_SECONDS  # and not for ever
        assert refused(address)


def test_a_call_that_is_under_way_may_still_end() -> None:
    begun, answers = threading.Event(), list[str]()

    async def slow(request: Request) -> PlainTextResponse:
        begun.set()
        await asyncio.sleep(0.2)
        return PlainTextResponse("done")

    with running(Starlette(routes=[Route("/", slow)])) as address:
        caller = threading.Thread(target=lambda: answers.append(get(address)))
        caller.start()
        assert begun.wait(20)
    caller.join()
    assert answers == ["done"]


def test_nothing_that_a_caller_sends_is_logged(capfd: pytest.CaptureFixture[str]) -> None:
    with running(APP) as address:
        httpx.get(f"http://{address}/?token=secret", trust_env=False)
        with socket.create_connection(address) as broken:
            broken.sendall(b"secret\r\n\r\n")
            broken.recv(1000)
    assert capfd.readouterr() == ("", "")


def test_an_answer_in_pieces_is_sent_at_once() -> None:
    delays: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            connection = send.__self__.transport.get_extra_info("socket")  # type: ignore[attr-defined]  # of uvicorn
            delays.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await APP(scope, receive, send)

    with running(app) as address:
        get(address)
    assert delays and all(delays), "Nagle's algorithm is on"


def test_the_parser_does_not_depend_on_what_is_installed() -> None:
    chosen = config(APP)
    assert isinstance(chosen.http, type) and issubclass(chosen.http, H11Protocol)
    assert (chosen.ws, chosen.loop) == ("none", "asyncio")


def test_an_address_is_written_as_it_stands_in_a_url() -> None:
    assert str(Address("::1", 80)) == "[::1]:80" and str(Address("localhost", 80)) == "localhost:80"


def test_it_listens_at_an_address_of_the_newer_kind_too() -> None:
    try:
        with running(APP, host="::1") as address:
            assert get(address) == "hello"
    except OSError as error:
        pytest.skip(f"this machine has no IPv6: {error}")


def test_who_connects_before_anybody_serves_is_answered_by_who_then_does() -> None:
    with listening() as (listener, address), socket.create_connection(address, timeout=30) as early:
        early.sendall(HEAD)
        with running_on(listener, APP):
            assert early.recv(1000).startswith(b"HTTP/1.1 200")
    assert refused(address)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # as above
def test_an_application_whose_life_is_over_is_not_served_again_and_its_port_is_free() -> None:
    lives = iter([None])  # one, as the session manager of MCP's SDK has

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield next(lives)

    app = Starlette(routes=[Route("/", hello)], lifespan=lifespan)
    with running(app) as address:
        assert get(address) == "hello"
    with pytest.raises(RuntimeError, match="did not start"), running(app, port=address.port):
        pytest.fail("it cannot have started")
    with running(APP, port=address.port) as again:
        assert get(again) == "hello"


# Clients that take their time


def ended(connection: socket.socket) -> bool:
    """Wait for the server to hang up; `TimeoutError` if it does not."""
    with contextlib.suppress(ConnectionResetError):
        while connection.recv(1 << 20):
            pass
    return True


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(serving, "UNREAD_SECONDS", 0.3)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sent", [b"", b"GET", HEAD[:-2], HEAD[:-1]], ids=["none", "a word", "a line", "all but one"])
def test_a_head_that_does_not_end_is_hung_up_on(sent: bytes) -> None:
    with running(APP) as address, socket.create_connection(address, timeout=30) as slow:
        slow.sendall(sent)
        assert ended(slow)
        assert get(address) == "hello"


@pytest.mark.usefixtures("impatient")
def test_a_head_that_comes_letter_by_letter_is_hung_up_on_all_the_same() -> None:
    with running(APP) as address, socket.create_connection(address, timeout=30) as slow:
        began = time.monotonic()
        with pytest.raises(OSError):  # a reset, or a broken pipe
            for number in range(1000):
                slow.sendall(b"GET / HTTP/1.1\r\n" if number == 0 else b"X: y\r\n")
                time.sleep(0.02)
        assert time.monotonic() - began < 15
        assert get(address) == "hello"


@pytest.mark.usefixtures("impatient")
def test_the_second_head_on_a_connection_has_its_time_too() -> None:
    with running(APP) as address, socket.create_connection(address, timeout=30) as slow:
        slow.sendall(HEAD)
        assert slow.recv(1000).startswith(b"HTTP/1.1 200")
        time.sleep(0.5)  # between two requests it may wait
        slow.sendall(HEAD[:10])
        assert ended(slow)


@pytest.mark.usefixtures("impatient")
def test_a_body_that_was_refused_unread_does_not_hold_the_connection() -> None:
    with running(APP) as address, socket.create_connection(address, timeout=30) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n\r\n")
        assert slow.recv(1000).startswith(b"HTTP/1.1 405")
        with pytest.raises(OSError):  # a reset, or a broken pipe
            for _ in range(1000):
                slow.sendall(b"x")
                time.sleep(0.02)


@pytest.mark.usefixtures("impatient")
def test_a_body_that_was_refused_unread_and_ends_in_time_is_followed_by_the_next_request() -> None:
    with running(APP) as address, socket.create_connection(address, timeout=30) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n12345")
        said = b""
        while not said.endswith(b"Method Not Allowed"):
            said += client.recv(1000)
        client.sendall(b"67890" + HEAD)
        assert client.recv(1000).startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("impatient")
def test_a_call_that_takes_longer_than_its_head_may_is_not_cut() -> None:
    async def slow(request: Request) -> PlainTextResponse:
        await asyncio.sleep(0.9)
        return PlainTextResponse("done")

    with running(Starlette(routes=[Route("/", slow)])) as address:
        assert get(address) == "done"


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_nobody_reads_is_given_up_and_its_application_told() -> None:
    told = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await APP(scope, receive, send)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not told.is_set():
            await send({"type": "http.response.body", "body": LONG.encode(), "more_body": True})
            if scope["path"] == "/" and (await receive())["type"] == "http.disconnect":
                told.set()
        return None

    with running(app) as address, socket.create_connection(address, timeout=30) as deaf:
        deaf.sendall(HEAD)
        assert told.wait(30)


def test_an_answer_that_is_read_slowly_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "UNREAD_SECONDS", 1.0)
    with running(APP) as address, httpx.stream("GET", f"http://{address}/long", trust_env=False) as answer:
        came = 0
        for number, piece in enumerate(answer.iter_raw(2_000_000)):  # it takes longer than a second
            came += len(piece)
            time.sleep(0.3 if number < 8 else 0.0)
    assert came == len(LONG)


def test_who_comes_when_all_connections_are_taken_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MOST_CONNECTIONS", 20)
    with running(APP) as address, contextlib.ExitStack() as held:
        for _ in range(20):
            held.enter_context(socket.create_connection(address, timeout=30)).sendall(HEAD[:-2])
        until = time.monotonic() + 30
        while (answer := httpx.get(f"http://{address}/", trust_env=False)).status_code == 200:
            assert time.monotonic() < until
        assert answer.status_code == 503
        held.close()
        while httpx.get(f"http://{address}/", trust_env=False).status_code != 200:
            assert time.monotonic() < until
