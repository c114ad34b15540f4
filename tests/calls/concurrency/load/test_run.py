"""A load keeps its own time, counts every request once, and calls each failure by its name."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from companion.calls.concurrency.load import LoadError, load
from companion.calls.concurrency.load.client import Target
from companion.calls.concurrency.load.http1 import write_response

OK = write_response(200, b"ok\n", keep_alive=True)


@contextlib.contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve each connection in a thread, as told."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=handle, args=(connection,), daemon=True).start()

        def handle(connection: socket.socket) -> None:
            with contextlib.suppress(OSError), connection:
                answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def always(answer: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        while connection.recv(4096):
            connection.sendall(answer)

    return serve


def test_every_planned_request_is_sent_and_answered_once() -> None:
    told: list[int] = []
    with answering(always(OK)) as url:
        report = load(url, rate=200, seconds=0.25, connections=4, timeout=20, progress=told.append)
    assert (report.answered, report.failed, report.starved) == (50, 0, 0)
    assert told == list(range(1, 51))
    assert 0 < report.busy < 1.1
    assert [sample.planned for sample in report.samples] == [number / 200 for number in range(50)]
    assert all(one.sent is not None and one.planned <= one.sent < one.done for one in report.samples)


def silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def hang_up(connection: socket.socket) -> None:
    connection.recv(4096)


def endless(connection: socket.socket) -> None:
    connection.recv(4096)
    while True:
        connection.sendall(b"x" * 65_536)


FAILURES = [
    (silent, "timeout"),
    (hang_up, "closed"),
    (endless, "unreadable"),
    (always(b"\x00\xff\r\n\r\n"), "unreadable"),
    (always(OK + OK), "unreadable"),
    (always(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), "unreadable"),
    (always(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), "unreadable"),
    (always(OK.replace(b"200 OK", b"503 Busy")), "status 503"),
]


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(("answer", "kind"), FAILURES)
def test_a_failure_is_called_by_its_name(answer: Callable[[socket.socket], None], kind: str, closed: bool) -> None:
    timeout = 0.2 if kind == "timeout" else 20.0
    with answering(answer) as url:
        report = load(url, rate=20, seconds=0.1, connections=2, timeout=timeout, closed=closed)
    assert report.errors == {kind: 2}
    assert report.starved == 2


def test_nobody_there_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert load(f"http://127.0.0.1:{port}/", rate=20, seconds=0.1, connections=1).errors == {"refused": 2}


def test_a_request_whose_time_is_over_before_its_connection_is_free_was_never_sent() -> None:
    with answering(silent) as url:
        report = load(url, rate=1e6, seconds=1e-5, connections=1, timeout=0.3)  # a microsecond apart
    assert report.errors == {"timeout": 10} and report.starved == 1
    assert report.samples[0].sent is not None
    assert sum(sample.sent is None for sample in report.samples) >= 1


def test_waiting_for_the_answer_before_counts_in_an_open_loop() -> None:
    """Answers 1 and 2 come together: the second has waited since its plan, in a closed loop since its sending."""
    gate = threading.Event()

    def first_is_slow(connection: socket.socket) -> None:
        connection.recv(4096)
        gate.wait(10)
        connection.sendall(OK)
        always(OK)(connection)

    with answering(first_is_slow) as url:
        threading.Timer(0.3, gate.set).start()
        report = load(url, rate=20, seconds=0.1, connections=1, timeout=20)
    assert report.answered == 2
    first, second = report.samples
    assert second.planned == 0.05 and second.sent is not None and second.sent >= first.done >= 0.25
    assert report.latencies[1] >= 0.2
    assert second.late < second.sent - second.planned


def test_a_lost_connection_is_opened_anew() -> None:
    def one_answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(write_response(200, b"", keep_alive=False))

    with answering(one_answer) as url:
        for close in (False, True):
            report = load(url, rate=50, seconds=0.1, connections=1, timeout=20, close=close)
            assert (report.answered, report.failed) == (5, 0)


def test_it_runs_where_a_loop_runs_already() -> None:
    async def in_a_notebook(url: str) -> int:
        return load(url, rate=50, seconds=0.04, timeout=20).answered

    with answering(always(OK)) as url:
        assert asyncio.run(in_a_notebook(url)) == 2


@pytest.mark.parametrize(
    ("url", "changes"),
    [
        ("https://h/", {}),
        ("http:/h", {}),
        ("http://h:99999/", {}),
        ("http://user@h/", {}),
        ("http://h/a b", {}),
        ("http://h/\r\nX: y", {}),
        ("http://h\n/", {}),
        ("http://[::1/", {}),
        ("http://nobody.invalid/", {}),
        ("http://h/", {"connections": 0}),
        ("http://h/", {"connections": 10**6}),
        ("http://h/", {"timeout": 0}),
        ("http://h/", {"timeout": float("nan")}),
        ("http://h/", {"closed": True, "arrivals": "poisson"}),
    ],
)
def test_a_load_that_cannot_be_made_is_refused_in_words(url: str, changes: dict[str, object]) -> None:
    with pytest.raises(LoadError) as caught:
        load(url, **{"rate": 1, "seconds": 1} | changes)  # type: ignore[arg-type]
    assert str(caught.value).isprintable()


def test_a_url_without_a_port_means_80() -> None:
    assert Target.of("http://example.org?ms=1") == Target("example.org", 80, "/?ms=1")
