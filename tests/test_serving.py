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

from companion.serving import STOP_SECONDS, Address, config, running


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


APP = Starlette(routes=[Route("/", hello)])


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
    assert (config(APP).http, config(APP).ws, config(APP).loop) == ("h11", "none", "asyncio")
