"""Recordings: one round trip a call, the same bytes each time and in every process."""

import os
import subprocess
import sys

from companion.calls.wire.recording.annotate import annotate
from companion.calls.wire.recording.record import Exchange

SCRIPT = """
from companion.calls.wire import PROTOCOLS, Customer
from companion.calls.wire.recording.dump import annotated
from companion.calls.wire.recording.record import record
from companion.calls.wire.experiments.sizes import call_costs
for protocol in PROTOCOLS:
    jorg = Customer(id=7, name="Jörg", balance=0.1)
    for exchange in record(protocol, lambda c: c.add(jorg), lambda c: c.get(7), lambda c: c.get(9), lambda c: c.list()):
        print(protocol, exchange.round_trips, annotated(exchange), sep="\\n")
print(call_costs())
"""


def test_one_call_is_one_round_trip_once_the_connection_stands(exchanges: list[Exchange]) -> None:
    assert [exchange.round_trips for exchange in exchanges[1:]] == [1] * 5


def test_a_repeated_call_differs_at_most_in_its_number(exchanges: list[Exchange]) -> None:
    first, second = exchanges[1].request, exchanges[2].request
    if exchanges[0].protocol == "grpc":
        own = [len(exchange.request) - exchange.request_books for exchange in exchanges[1:3]]
        assert own[1] < own[0] / 2  # the path is in the table of headers by now
    else:
        assert len(second) == len(first)
        assert sum(a != b for a, b in zip(first, second, strict=True)) <= 1


def test_a_recording_is_the_same_in_every_process() -> None:
    processes = []
    for seed, zone in (("0", "UTC"), ("1", "Asia/Kolkata"), ("4711", "America/St_Johns")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C.UTF-8"}
        command = [sys.executable, "-c", SCRIPT]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        processes.append(process)
    outputs = [process.communicate(timeout=100) for process in processes]
    assert [err for _, err in outputs] == [b""] * 3
    assert len({out for out, _ in outputs}) == 1


def test_grpc_repeats_its_deadline_by_one_byte_and_its_bookkeeping_in_full(exchanges: list[Exchange]) -> None:
    for exchange in exchanges[1:]:
        if exchange.protocol != "grpc":
            assert exchange.request_books == exchange.answer_books == 0
            continue
        timeouts = [row for row in annotate(exchange) if row.meaning.startswith("grpc-timeout")]
        assert [row.meaning.split()[1] for row in timeouts] == ["20M"]
        assert exchange.request_books % 13 == exchange.answer_books % 13 == 0  # window updates, of 13 bytes each
        assert exchange.request_books > 0
