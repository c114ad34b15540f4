"""The lines that stand on the page of chapter 2 do what the package's versions, grown up, do."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from companion.calls.wire import CustomerStore, connect, serve
from companion.calls.wire.duplicates import DuplicateRequestCache
from companion.calls.wire.experiments.refusals import go_away, reset, says_not_executed
from companion.calls.wire.experiments.till import PAYMENT, Till
from companion.calls.wire.oncrpc import ADD_CUSTOMER, answer, call_message, pack_customer
from companion.calls.wire.recording.http2 import REFUSED_STREAM, read_frames
from companion.calls.wire.recording.record import ADA, record

CHAPTER = Path(__file__).parents[3] / "chapters" / "02-wire.ipynb"


def run(*cells: str, **given: Any) -> dict[str, Any]:
    """Run cells of the chapter, by their ids, and return what they define."""
    sources = {cell["id"]: "".join(cell["source"]) for cell in json.loads(CHAPTER.read_text("utf-8"))["cells"]}
    names = dict(given)
    for cell in cells:
        exec(sources[cell], names)
    return names


def test_its_proxy_hears_what_ours_records() -> None:
    relay = run("wire-pump")["relay"]
    asked: list[bytes] = []
    told: list[bytes] = []
    with serve("socket", CustomerStore([ADA])) as address, socket.create_server(("127.0.0.1", 0)) as listener:
        between = threading.Thread(target=relay, args=(listener, address, asked, told))
        between.start()
        with connect("socket", listener.getsockname()) as client:
            client.get(1)
        between.join()
    (exchange,) = record("socket", lambda client: client.get(1))
    assert (b"".join(asked), b"".join(told)) == (exchange.request, exchange.answer)


def test_its_till_is_ours() -> None:
    page = run("wire-till", CustomerStore=CustomerStore, Customer=type(ADA))
    till, ours = page["Till"](), Till()
    assert page["ten"] == PAYMENT
    assert [till.add(PAYMENT), till.add(PAYMENT)] == [ours.add(PAYMENT), ours.add(PAYMENT)]
    assert till.paid == ours.paid == 20


def test_it_reads_refusals_as_we_do(capsys: pytest.CaptureFixture[str]) -> None:
    not_executed = run("wire-refused-code")["not_executed"]
    for data in (b"", reset(3, REFUSED_STREAM), reset(3, 2), go_away(1), go_away(3), reset(1, REFUSED_STREAM)):
        assert not_executed(read_frames(data), 3) is says_not_executed(read_frames(data), 3)


def test_its_memory_of_answers_is_ours(capsys: pytest.CaptureFixture[str]) -> None:
    page = run("wire-once", Till=Till, ten=PAYMENT)
    till = Till()
    cache = DuplicateRequestCache(lambda message: answer(till, message), size=10)
    calls = [call_message(xid, 2, ADD_CUSTOMER, pack_customer(PAYMENT)) for xid in (7, 8, 7)]
    assert [page["answer_once"](call) for call in calls] == [cache(call) for call in calls]
    assert page["till"].paid == till.paid + 0 == 20


@pytest.mark.parametrize("size", [1, 14_600, 14_601, 43_800, 43_801])
def test_its_slow_start_is_the_closed_form(size: int, capsys: pytest.CaptureFixture[str]) -> None:
    trips = run("wire-trips-code")["round_trips"](size)
    assert 14_600 * (2 ** (trips - 1) - 1) < size <= 14_600 * (2**trips - 1)
