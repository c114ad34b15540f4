"""Recordings, annotated dumps and sizes: they account for every byte, and repeat in every process."""

import os
import subprocess
import sys

import pytest

from companion.calls.wire import PROTOCOLS, Customer
from companion.calls.wire.experiments.sizes import call_costs, list_sizes, sample_customers, what_arrives
from companion.calls.wire.recording.annotate import WIDTH, annotate, dump, masked_in
from companion.calls.wire.recording.record import ADA, record

every_wire = pytest.mark.parametrize("protocol", PROTOCOLS)

SCRIPT = """
from companion.calls.wire import PROTOCOLS, Customer
from companion.calls.wire.recording.annotate import annotate, dump
from companion.calls.wire.recording.record import record
from companion.calls.wire.experiments.sizes import call_costs
for protocol in PROTOCOLS:
    jorg = Customer(id=7, name="Jörg", balance=0.1)
    for exchange in record(protocol, lambda c: c.add(jorg), lambda c: c.get(7), lambda c: c.get(9), lambda c: c.list()):
        print(protocol, exchange.round_trips, dump(annotate(exchange)), dump(annotate(exchange, "answer")), sep="\\n")
print(call_costs())
"""


@pytest.fixture(scope="module", params=PROTOCOLS)
def exchanges(request):
    return record(
        request.param,
        lambda client: client.add(Customer(id=7, name="Jörg", balance=0.1)),
        lambda client: client.get(ADA.id),
        lambda client: client.get(ADA.id),
        lambda client: client.get(9),
        lambda client: client.list(),
        lambda client: client.add(ADA),
    )


@pytest.mark.parametrize("side", ["request", "answer"])
def test_every_byte_has_one_meaning(exchanges, side):
    for exchange in exchanges:
        data = exchange.request if side == "request" else exchange.answer
        rows = annotate(exchange, side)
        assert b"".join(row.data for row in rows) == data
        assert [row.offset for row in rows] == [sum(len(row.data) for row in rows[:n]) for n in range(len(rows))]
        assert all(row.meaning for row in rows)


def test_a_dump_shows_each_byte_or_masks_it(exchanges):
    for exchange in exchanges:
        text = dump(annotate(exchange))
        pairs = [pair for line in text.splitlines() for pair in line[6 : 6 + 3 * WIDTH].split()]
        assert len(pairs) == len(exchange.request)


def test_the_names_and_numbers_of_a_call_are_in_its_dump(exchanges):
    added = " ".join(row.meaning for row in annotate(exchanges[0]))
    got = " ".join(row.meaning for row in annotate(exchanges[1], "answer"))
    assert "Jörg" in added and "0.1" in added
    assert "Ada Lovelace" in got and "1234.5" in got


def test_one_call_is_one_round_trip_once_the_connection_stands(exchanges):
    assert [exchange.round_trips for exchange in exchanges[1:]] == [1] * 5


def test_a_repeated_call_differs_at_most_in_its_number(exchanges):
    first, second = exchanges[1].request, exchanges[2].request
    if exchanges[0].protocol == "grpc":
        assert len(second) < len(first) / 2  # the path is in the table of headers by now
    else:
        assert len(second) == len(first)
        assert sum(a != b for a, b in zip(first, second, strict=True)) <= 1


def test_a_recording_is_the_same_in_every_process():
    processes = []
    for seed, zone in (("0", "UTC"), ("1", "Asia/Kolkata"), ("4711", "America/St_Johns")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C.UTF-8"}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        processes.append(subprocess.Popen([sys.executable, "-c", SCRIPT], env=environment, **pipes))
    outputs = [process.communicate(timeout=100) for process in processes]
    assert [err for _, err in outputs] == [b""] * 3
    assert len({out for out, _ in outputs}) == 1


def test_what_varies_in_http_is_masked():
    assert masked_in(b"Host: 127.0.0.1:40123") == (16, 21)
    assert masked_in(b"date: Thu, 01 Jan 1970 00:00:00 GMT") == (6, 35)
    assert masked_in(b"accept: */*") == (0, 0)


def test_the_cost_of_a_call_is_known_to_the_byte_where_the_protocol_is_ours():
    costs = {(cost.protocol, cost.call): cost for cost in call_costs()}
    assert len(costs) == 2 * len(PROTOCOLS)
    for call in ("first", "warm"):
        assert (costs["socket", call].request_bytes, costs["socket", call].answer_bytes) == (9, 30)
        assert (costs["oncrpc", call].request_bytes, costs["oncrpc", call].answer_bytes) == (48, 52)
    assert costs["grpc", "first"].round_trips == 2  # the client waits for the server's settings
    assert costs["grpc", "first"].request_bytes > 5 * costs["grpc", "warm"].request_bytes


def test_the_size_of_a_list_grows_with_the_customers_and_shrinks_with_gzip():
    rows = {(row.protocol, row.customers): row for row in list_sizes(counts=(1, 100))}
    for protocol in PROTOCOLS:
        assert rows[protocol, 1].plain_bytes < rows[protocol, 100].plain_bytes
        zipped = rows[protocol, 100].gzip_bytes
        if protocol in ("socket", "oncrpc"):
            assert zipped is None and rows[protocol, 100].gzip == "no place to say so"
        else:
            assert zipped < rows[protocol, 100].plain_bytes / 1.5


def test_the_sample_is_the_same_for_the_same_seed_and_begins_the_same_whatever_its_length():
    assert sample_customers(10) == sample_customers(100)[:10]
    assert sample_customers(10) != sample_customers(10, seed=3)


def test_only_single_precision_changes_a_balance():
    arrived = what_arrives([16_777_217.0, 1_234_567.89, 0.5])
    assert arrived.pop("oncrpc") == [16_777_216.0, 1_234_567.875, 0.5]
    assert set(map(tuple, arrived.values())) == {(16_777_217.0, 1_234_567.89, 0.5)}
