"""The balancer of connections, with servers that are there and with one that is not."""

from __future__ import annotations

import contextlib
import socket
import threading

from companion.calls.network_tax.balancing.balancer import balancing
from companion.calls.wire.customers import Address
from companion.calls.wire.tcp import bind

PATIENCE = 20.0


def test_connections_go_round_and_bytes_go_through_both_ways() -> None:
    listeners = [bind("127.0.0.1", 0) for _ in range(2)]
    addresses = [Address("127.0.0.1", listener.getsockname()[1]) for listener in listeners]
    with balancing(addresses) as balancer:
        for turn in range(4):
            with socket.create_connection(balancer.address, PATIENCE) as caller:
                caller.sendall(b"ask")
                listener = listeners[turn % 2]
                listener.settimeout(PATIENCE)
                served, _ = listener.accept()
                with served:
                    served.settimeout(PATIENCE)
                    assert served.recv(10) == b"ask"
                    served.sendall(b"told")
                    assert caller.recv(10) == b"told"
                    caller.shutdown(socket.SHUT_WR)
                    assert served.recv(10) == b""  # the end is passed on
        assert balancer.taken == [addresses[0], addresses[1]] * 2
    for listener in listeners:
        listener.close()


def test_a_server_that_is_not_there_ends_the_connection() -> None:
    with bind("127.0.0.1", 0) as nobody:
        address = Address("127.0.0.1", nobody.getsockname()[1])
    with balancing([address]) as balancer, socket.create_connection(balancer.address, PATIENCE) as caller:
        assert caller.recv(10) == b""


def test_the_end_of_the_balancer_breaks_what_is_open_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with bind("127.0.0.1", 0) as listener:
        with balancing([Address("127.0.0.1", listener.getsockname()[1])]) as balancer:
            caller = socket.create_connection(balancer.address, PATIENCE)
            caller.sendall(b"x")
            served, _ = listener.accept()
            assert served.recv(1) == b"x"
        caller.settimeout(PATIENCE)
        with contextlib.suppress(ConnectionResetError):
            assert caller.recv(1) == b""
        caller.close()
        served.close()
    assert threading.active_count() == before
