"""The proxy: it records what passes, and spoils it as told."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from companion.proxy import Direction, Faults, Piece, Proxy, proxy, round_trips

Address = tuple[str, int]


@contextlib.contextmanager
def echo() -> Iterator[Address]:
    """Run a server that answers each piece with the same in capitals."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while data := connection.recv(65_536):
                connection.sendall(data.upper())

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield listener.getsockname()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@pytest.fixture
def server() -> Iterator[Address]:
    with echo() as address:
        yield address


def ask(connection: socket.socket, data: bytes, size: int | None = None) -> bytes:
    connection.sendall(data)
    return read(connection, len(data) if size is None else size)


def read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (piece := connection.recv(size - len(data))):
        data += piece
    return data


def dial(wire: Proxy) -> socket.socket:
    return socket.create_connection(wire.address, timeout=2)


def test_both_directions_are_recorded_in_order(server: Address) -> None:
    with proxy(server) as wire, dial(wire) as connection:
        assert ask(connection, b"one") == b"ONE"
        assert ask(connection, b"two") == b"TWO"
        assert wire.pieces == [
            Piece(0, "to server", b"one"),
            Piece(0, "to client", b"ONE"),
            Piece(0, "to server", b"two"),
            Piece(0, "to client", b"TWO"),
        ]
        assert (wire.to_server(), wire.to_client()) == (b"onetwo", b"ONETWO")
        assert round_trips(wire.pieces) == 2


def test_connections_are_told_apart(server: Address) -> None:
    with proxy(server) as wire, dial(wire) as first, dial(wire) as second:
        ask(second, b"b")
        ask(first, b"a")
        assert {wire.to_client(0), wire.to_client(1)} == {b"A", b"B"}
        assert sorted(wire.to_server()) == sorted(b"ab")


def test_every_byte_of_a_long_message_passes(server: Address) -> None:
    data = bytes(range(97, 123)) * 40_000
    with proxy(server) as wire, dial(wire) as connection:
        threading.Thread(target=connection.sendall, args=(data,), daemon=True).start()
        assert read(connection, len(data)) == data.upper()
        assert wire.to_server() == data


def test_the_end_of_one_direction_leaves_the_other_open(server: Address) -> None:
    with proxy(server) as wire, dial(wire) as connection:
        connection.sendall(b"last")
        connection.shutdown(socket.SHUT_WR)
        assert read(connection, 100) == b"LAST"


def test_a_delay_is_as_long_as_it_says_in_each_direction(server: Address) -> None:
    with proxy(server, Faults(delay=0.1)) as wire, dial(wire) as connection:
        began = time.monotonic()
        assert ask(connection, b"x") == b"X"
        assert time.monotonic() - began >= 0.2


def test_a_delay_is_no_queue(server: Address) -> None:
    with proxy(server, Faults(delay=0.2)) as wire, dial(wire) as connection:
        began = time.monotonic()
        for _ in range(20):
            connection.sendall(b"x")
            time.sleep(0.02)
        assert read(connection, 20) == b"X" * 20
        assert time.monotonic() - began < 20 * 2 * 0.2 / 2  # half of what a queue takes, on an idle machine


@pytest.mark.parametrize("size", range(6))
def test_a_cut_lets_exactly_so_many_bytes_through_and_closes(server: Address, size: int) -> None:
    with proxy(server, Faults(cut_after=size)) as wire, dial(wire) as connection:
        assert ask(connection, b"hello", size=100) == b"HELLO"[:size]
        assert wire.to_client() == b"HELLO"[:size]


def test_a_cut_counts_over_several_messages_from_when_it_was_set(server: Address) -> None:
    with proxy(server) as wire, dial(wire) as connection:
        assert ask(connection, b"before") == b"BEFORE"
        wire.faults = Faults(cut_after=4)
        assert ask(connection, b"abc") == b"ABC"
        assert ask(connection, b"def", size=100) == b"D"


def test_a_cut_towards_the_server_spoils_the_request(server: Address) -> None:
    with proxy(server, Faults(cut_after=3, toward="to server")) as wire, dial(wire) as connection:
        read_all = ask(connection, b"hello", size=100)
        assert wire.to_server() == b"hel"
        assert read_all in (b"", b"HEL")  # the server may have answered before the cut reached the client


def test_half_a_message_is_half_of_all_that_comes_together(server: Address) -> None:
    with proxy(server, Faults(halve=True, toward="to server", then="hang")) as wire, dial(wire) as connection:
        connection.sendall(b"12345")
        time.sleep(0.01)
        connection.sendall(b"67890")
        assert read(connection, 5) == b"12345"
        assert wire.to_server() == b"12345"


def test_after_half_a_message_it_may_fall_silent_without_closing(server: Address) -> None:
    with proxy(server, Faults(halve=True, then="hang")) as wire, dial(wire) as connection:
        assert ask(connection, b"12345678", size=4) == b"1234"
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.sendall(b"more")
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_after_half_a_message_it_may_close(server: Address) -> None:
    with proxy(server, Faults(halve=True, then="close")) as wire, dial(wire) as connection:
        assert ask(connection, b"12345678", size=100) == b"1234"


@pytest.mark.parametrize("toward", ["to server", "to client"])
def test_other_bytes_stand_in_place_of_a_whole_message_however_it_was_sent(server: Address, toward: Direction) -> None:
    with proxy(server, Faults(instead=b"other", toward=toward, then="hang")) as wire, dial(wire) as connection:
        connection.sendall(b"first")
        time.sleep(0.01)
        connection.sendall(b" half")
        assert read(connection, 5) == (b"OTHER" if toward == "to server" else b"other")
        assert wire.to_server() == (b"other" if toward == "to server" else b"first half")


def test_a_fault_that_is_set_while_a_message_is_under_way_spoils_the_next_one(server: Address) -> None:
    class Late(list[Piece]):
        def append(self, piece: Piece) -> None:
            super().append(piece)
            if piece.direction == "to client":
                wire.faults = Faults(instead=b"")

    with proxy(server) as wire, dial(wire) as connection:
        wire.pieces = Late()
        assert ask(connection, b"one") == b"ONE"
        assert ask(connection, b"two") == b""
        assert [piece.data for piece in wire.pieces if piece.direction == "to server"] == [b"one", b"two"]


def test_the_next_connection_is_good_when_the_fault_was_lifted(server: Address) -> None:
    with proxy(server, Faults(cut_after=0)) as wire:
        with dial(wire) as connection:
            assert ask(connection, b"x", size=100) == b""
        wire.faults = Faults()
        with dial(wire) as connection:
            assert ask(connection, b"x") == b"X"


def test_a_server_that_is_not_there_closes_the_connection(server: Address) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = gone.getsockname()
    with proxy(address) as wire, dial(wire) as connection:
        assert connection.recv(1) == b""


def test_round_trips_are_the_longest_chain_of_waits() -> None:
    def pieces(*moves: tuple[str, float]) -> list[Piece]:
        """Return pieces of (direction, arrived), each delivered one second after it arrived."""
        names: dict[str, Direction] = {">": "to server", "<": "to client"}
        return [Piece(0, names[direction], b"x", arrived, arrived + 1) for direction, arrived in moves]

    assert round_trips([]) == 0
    assert round_trips(pieces((">", 0))) == 0
    assert round_trips(pieces((">", 0), ("<", 1.1))) == 1
    assert round_trips(pieces((">", 0), (">", 0.2), ("<", 1.5), ("<", 1.6))) == 1
    assert round_trips(pieces((">", 0), ("<", 1.1), (">", 2.2), ("<", 3.3))) == 2
    assert round_trips(pieces(("<", 0), (">", 0.1), (">", 1.1), ("<", 2.2))) == 2  # the server speaks first
    assert round_trips(pieces((">", 0), ("<", 0.5), (">", 0.9), ("<", 1.2))) == 1  # what crosses is no answer


def test_nothing_is_left_behind_even_of_connections_that_are_open(server: Address) -> None:
    before = set(threading.enumerate())
    with proxy(server) as wire:
        connections = [dial(wire) for _ in range(3)]
        for connection in connections:
            ask(connection, b"x")
    assert {thread for thread in set(threading.enumerate()) - before if thread.name.startswith("proxy")} == set()
    for connection in connections:
        assert connection.recv(1) == b""
        connection.close()
