"""The table of failures: the same failure has the same name on every wire, in time, and the server lives on."""

import resource

import pytest

from companion.calls.wire import PROTOCOLS
from companion.calls.wire.experiments.failures import SECONDS, Failure, client_failures, server_failures, table

Seen = dict[tuple[str, str], Failure]
"""What was seen, by protocol and fault."""


@pytest.fixture(scope="module")
def seen_by_clients() -> Seen:
    return {(row.protocol, row.fault): row for row in client_failures()}


@pytest.fixture(scope="module")
def seen_of_servers() -> Seen:
    return {(row.protocol, row.fault): row for row in server_failures()}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_same_failure_has_the_same_name_on_every_wire(seen_by_clients: Seen, protocol: str) -> None:
    rows = seen_by_clients
    assert rows[protocol, "dies in mid-answer"].saw == "ConnectionLost"
    assert rows[protocol, "falls silent in mid-answer"].saw == "Timeout"
    assert rows[protocol, "sends nonsense in a good frame"].saw == "MalformedReply"
    assert rows[protocol, "announces 4 GB"].saw == "MalformedReply"
    # Garbage without the end of a line is a slow answer to HTTP, and a broken connection to gRPC.
    expected = {"rest": "Timeout", "jsonrpc": "Timeout", "grpc": "ConnectionLost"}.get(protocol, "MalformedReply")
    assert rows[protocol, "answers garbage"].saw == expected


def test_only_silence_costs_the_timeout(seen_by_clients: Seen) -> None:
    late = {key for key, row in seen_by_clients.items() if row.when == "at the timeout"}
    silent = {(protocol, "falls silent in mid-answer") for protocol in PROTOCOLS}
    assert late == silent | {("rest", "answers garbage"), ("jsonrpc", "answers garbage")}
    assert SECONDS <= 2


def test_after_every_failure_of_a_client_the_next_caller_is_served(seen_of_servers: Seen) -> None:
    assert {row.message for row in seen_of_servers.values()} == {"the next caller is served"}


def test_a_server_asked_to_take_4_gb_refuses_at_once(seen_of_servers: Seen) -> None:
    saw = {protocol: seen_of_servers[protocol, "announces 4 GB"].saw for protocol in PROTOCOLS}
    assert saw == {
        "socket": "REFUSED: a frame of 4294967295 bytes; 1 to 1048576 are allowed, closes",
        "oncrpc": "nothing, closes",
        "rest": "413, closes",
        "jsonrpc": "413, closes",
        "grpc": "grpc-status 8, RST_STREAM, stays",
    }


def test_memory_stays_small_whatever_was_announced(seen_by_clients: Seen, seen_of_servers: Seen) -> None:
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_000_000  # kB; a length believed would be 4 GB


def test_a_table_has_a_line_a_row(seen_by_clients: Seen) -> None:
    lines = table(seen_by_clients.values()).splitlines()
    assert len(lines) == len(seen_by_clients)
    assert lines[0].startswith("socket  ")
