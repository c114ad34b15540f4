"""What a call weighs on each wire, and what becomes of a balance on the way: the numbers of chapter 2."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from companion.calls.wire import PROTOCOLS, connect, serve
from companion.calls.wire import customer_pb2 as pb
from companion.calls.wire.customers import Client, Customer, CustomerStore
from companion.calls.wire.grpc_wire import to_message
from companion.calls.wire.recording.record import ADA, record
from companion.calls.wire.web import to_json

COUNTS = (1, 10, 100, 1000)
# Where a wire has a place to say "this is compressed".
GZIP = {"rest": "Content-Encoding", "jsonrpc": "Content-Encoding", "grpc": "flag before each message"}
NO_GZIP = "no place to say so"


@dataclass(frozen=True)
class CallCost:
    """What one call took.

    Parameters
    ----------
    protocol, call : str
        The wire, and "first" on a connection or "warm".
    request_bytes, answer_bytes : int
        What went to the server and came back, above TCP.
    round_trips : int
        How often the client waited for the server, beside the opening of the TCP connection.
    """

    protocol: str
    call: str
    request_bytes: int
    answer_bytes: int
    round_trips: int


@dataclass(frozen=True)
class ListSize:
    """How long the answer to a list is.

    Parameters
    ----------
    protocol : str
        The wire.
    customers : int
        How many customers it lists.
    plain_bytes : int
        The answer as it is, its headers included.
    gzip_bytes : int or None
        The answer when the wire's own compression is on; None where it has none.
    gzip : str
        How the wire says that an answer is compressed.
    """

    protocol: str
    customers: int
    plain_bytes: int
    gzip_bytes: int | None
    gzip: str


def sample_customers(count: int, seed: int = 2) -> list[Customer]:
    """Return customers with ordinary names, and balances to the cent; the same ones for the same seed."""
    draw = random.Random(seed)
    given = ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Leslie", "Frances", "Tony", "Radia", "Jörg"]
    family = ["Hopper", "Lovelace", "Turing", "Dijkstra", "Liskov", "Lamport", "Allen", "Hoare", "Perlman", "Müller"]
    return [
        Customer(id=id, name=f"{draw.choice(given)} {draw.choice(family)}", balance=draw.randrange(10**7) / 100)
        for id in range(1, count + 1)
    ]


def call_costs(call: Callable[[Client], Any] | None = None, protocols: Sequence[str] = PROTOCOLS) -> list[CallCost]:
    """Record the same call twice on each wire: the first on a connection, and the second.

    Parameters
    ----------
    call : callable, optional
        Gets the client; by default it asks for one customer.
    protocols : sequence of str
        Which wires.
    """
    call = call or (lambda client: client.get(ADA.id))
    return [
        CallCost(protocol, which, len(exchange.request), len(exchange.answer), exchange.round_trips)
        for protocol in protocols
        for which, exchange in zip(("first", "warm"), record(protocol, call, call), strict=True)
    ]


def list_sizes(counts: Sequence[int] = COUNTS, protocols: Sequence[str] = PROTOCOLS, seed: int = 2) -> list[ListSize]:
    """Record a list of all customers on each wire, for each number of customers, with gzip and without.

    Parameters
    ----------
    counts : sequence of int
        How many customers, in ascending order.
    protocols : sequence of str
        Which wires.
    seed : int
        Of the customers.
    """
    rows = []
    for protocol in protocols:
        plain = list_bytes(protocol, counts, seed, gzip=False)
        zipped = list_bytes(protocol, counts, seed, gzip=True) if protocol in GZIP else [None] * len(counts)
        for count, plain_bytes, gzip_bytes in zip(counts, plain, zipped, strict=True):
            rows.append(ListSize(protocol, count, plain_bytes, gzip_bytes, GZIP.get(protocol, NO_GZIP)))
    return rows


def list_bytes(protocol: str, counts: Sequence[int], seed: int, gzip: bool) -> list[int]:
    """Return the length of the answer to a list, for each number of customers."""
    store = CustomerStore()
    customers = sample_customers(max(counts), seed)

    def list_of(count: int) -> Callable[[Client], Any]:
        def call(client: Client) -> Any:
            for customer in customers[:count]:
                store.add(customer)
            return client.list()

        return call

    # A first call whose cost is not counted: on gRPC it fills the table of headers.
    exchanges = record(protocol, list_of(0), *map(list_of, counts), store=store, late=0.005, gzip=gzip)
    # Nor are window updates, whose number is a matter of the moment where the answer is long.
    return [len(exchange.answer) - exchange.answer_books for exchange in exchanges[1:]]


def list_bodies(count: int = 1000, seed: int = 2) -> dict[str, bytes]:
    """Encode a list of customers in four ways: as JSON and as Protocol Buffers, with doubles and with whole cents.

    Parameters
    ----------
    count : int
        How many customers.
    seed : int
        Of the customers.
    """
    customers = sample_customers(count, seed)
    fields = [customer.model_dump() for customer in customers]
    in_cents = [{"id": each["id"], "name": each["name"], "cents": cents(each["balance"])} for each in fields]
    message = pb.ListCustomersResponse(customers=[to_message(customer) for customer in customers])
    return {
        "JSON, floats": to_json(fields),
        "Protobuf, doubles": message.SerializeToString(),
        "JSON, cents": to_json(in_cents),
        "Protobuf, cents": b"".join(map(protobuf_in_cents, customers)),
    }


def cents(balance: float) -> int:
    """Return a balance in whole cents."""
    return round(100 * balance)


def protobuf_in_cents(customer: Customer) -> bytes:
    """Encode one customer of a list as Protocol Buffers would, were field 3 an int64 of cents."""
    name = customer.name.encode()
    fields = b"\x08" + varint(customer.id) + b"\x12" + varint(len(name)) + name
    fields += b"\x18" + varint(cents(customer.balance))
    return b"\x0a" + varint(len(fields)) + fields


def varint(number: int) -> bytes:
    """Write a number seven bits to a byte, the lowest first; the top bit says that more follow."""
    more = []
    while number > 0x7F:
        more.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*more, number])


def what_arrives(balances: Sequence[float], protocols: Sequence[str] = PROTOCOLS) -> dict[str, list[float]]:
    """Send balances to a server of each wire, ask for them again, and return what came back.

    Parameters
    ----------
    balances : sequence of float
        Finite, and no larger than single precision can hold.
    protocols : sequence of str
        Which wires.
    """
    arrived: dict[str, list[float]] = {}
    for protocol in protocols:
        with serve(protocol) as address, connect(protocol, address) as client:
            for id, balance in enumerate(balances, start=1):
                client.add(Customer(id=id, name="Ada", balance=balance))
            arrived[protocol] = [customer.balance for customer in client.list()]
    return arrived
