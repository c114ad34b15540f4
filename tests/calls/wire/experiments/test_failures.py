"""The table of failures: what a caller is told of its payment, what became of it, and that the server lives on."""

import resource

import pytest

from companion.calls.wire import PROTOCOLS
from companion.calls.wire.experiments import failures
from companion.calls.wire.experiments.failures import Failure, client_failures, server_failures

Seen = dict[tuple[str, str], Failure]
"""What was seen, by protocol and fault."""


def peak() -> int:
    """The most memory that this process has had, in kB: that of the tests before is in it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.fixture(scope="module")
def peak_before() -> int:
    return peak()


@pytest.fixture(scope="module")
def seen_by_clients(peak_before: int) -> Seen:
    return {(row.protocol, row.fault): row for row in client_failures()}


@pytest.fixture(scope="module")
def seen_of_servers(peak_before: int) -> Seen:
    return {(row.protocol, row.fault): row for row in server_failures()}


def told(seen: Seen, fault: str) -> dict[str, str]:
    return {protocol: seen[protocol, fault].saw for protocol in PROTOCOLS}


def test_a_payment_is_executed_once_by_a_peer_that_fails_afterwards_and_never_by_one_that_fails_before(
    seen_by_clients: Seen,
) -> None:
    never = {failures.NOBODY, failures.DIES_BEFORE, failures.SILENT_BEFORE}
    for (_, fault), row in seen_by_clients.items():
        assert row.executed == (0 if fault in never else 1), row


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        (failures.DIES_BEFORE, failures.DIES_AFTER, "ConnectionLost"),
        (failures.SILENT_BEFORE, failures.SILENT_AFTER, "Timeout"),
    ],
)
def test_before_and_after_look_alike_on_every_wire(seen_by_clients: Seen, before: str, after: str, error: str) -> None:
    assert set(told(seen_by_clients, before).values()) == set(told(seen_by_clients, after).values()) == {error}


def test_where_nobody_listens_all_but_grpc_say_that_nothing_was_sent(seen_by_clients: Seen) -> None:
    expected = dict.fromkeys(PROTOCOLS, "NotConnected") | {"grpc": "ConnectionLost"}
    assert told(seen_by_clients, failures.NOBODY) == expected


def test_each_wire_but_the_socket_waits_at_one_kind_of_garbage_and_refuses_the_other(seen_by_clients: Seen) -> None:
    waits = {
        protocol: [seen_by_clients[protocol, fault].saw for fault in (failures.NO_HEADER, failures.NO_HEADER_0)]
        for protocol in PROTOCOLS
    }
    assert waits == {
        "socket": ["MalformedReply", "MalformedReply"],
        "oncrpc": ["MalformedReply", "Timeout"],
        "rest": ["Timeout", "MalformedReply"],
        "grpc": ["MalformedReply", "Timeout"],
        "jsonrpc": ["Timeout", "MalformedReply"],
    }


def test_behind_a_good_header_nonsense_is_noticed_unless_the_header_said_it_all(seen_by_clients: Seen) -> None:
    sense = dict.fromkeys(PROTOCOLS, "MalformedReply") | {"rest": "an answer"}
    assert told(seen_by_clients, failures.NO_BODY) == sense
    assert told(seen_by_clients, failures.NO_BODY_0) == sense | {"grpc": "an answer"}


def test_no_client_believes_an_answer_of_4_gb(seen_by_clients: Seen) -> None:
    assert set(told(seen_by_clients, failures.TOO_LONG).values()) == {"MalformedReply"}


def test_only_silence_costs_the_timeout(seen_by_clients: Seen) -> None:
    for row in seen_by_clients.values():
        assert (row.when == "at the timeout") == (row.saw == "Timeout"), row


def test_a_server_executes_no_failed_call_and_serves_the_next_caller(seen_of_servers: Seen) -> None:
    assert {(row.executed, row.message) for row in seen_of_servers.values()} == {(0, "the next caller is served")}


def test_behind_a_good_header_every_server_says_what_is_wrong_and_stays(seen_of_servers: Seen) -> None:
    for fault in (failures.NO_BODY, failures.NO_BODY_0):
        for protocol, saw in told(seen_of_servers, fault).items():
            assert saw.endswith(", stays") and not saw.startswith("nothing"), protocol


def test_a_server_asked_to_take_4_gb_refuses_at_once(seen_of_servers: Seen) -> None:
    assert told(seen_of_servers, failures.TOO_LONG) == {
        "socket": "REFUSED: a frame of 4294967295 bytes; 1 to 1048576 are allowed, closes",
        "oncrpc": "nothing, closes",
        "rest": "413, closes",
        "jsonrpc": "413, closes",
        "grpc": "grpc-status 8, RST_STREAM, stays",
    }


def test_memory_stays_small_whatever_was_announced(
    peak_before: int, seen_by_clients: Seen, seen_of_servers: Seen
) -> None:
    assert peak() - peak_before < 500_000  # kB; a length believed would be 4 GB
