"""Chapter 2, one service on many wires: `serve` one, `connect` to it, and call it, whichever it is.

    with serve("rest") as address, connect("rest", address) as client:
        client.add(Customer(id=1, name="Ada", balance=10.0))

The protocols are in `ALL_PROTOCOLS`, a module each; a module is imported when its protocol is first used, so that one
does not load the libraries of the others. The chapter's experiments run on the five of `PROTOCOLS`.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from companion.calls.wire.customers import (
    Address,
    CannotEncode,
    Client,
    ConnectionLost,
    Customer,
    CustomerStore,
    InvalidCustomer,
    MalformedReply,
    NotConnected,
    RemoteError,
    Timeout,
    WireError,
)

__all__ = [
    "ALL_PROTOCOLS",
    "PROTOCOLS",
    "Address",
    "CannotEncode",
    "Client",
    "ConnectionLost",
    "Customer",
    "CustomerStore",
    "InvalidCustomer",
    "MalformedReply",
    "NotConnected",
    "RemoteError",
    "Timeout",
    "WireError",
    "connect",
    "place",
    "serve",
]

PROTOCOLS = ("socket", "oncrpc", "rest", "grpc", "jsonrpc")
ALL_PROTOCOLS = (*PROTOCOLS, "soap", "pox", "thrift", "websocket", "mcp")


@contextlib.contextmanager
def serve(
    protocol: str, store: CustomerStore | None = None, *, host: str = "127.0.0.1", port: int = 0, **options: Any
) -> Iterator[Address]:
    """Serve customers over one wire while the context lasts.

    Parameters
    ----------
    protocol : str
        One of `ALL_PROTOCOLS`.
    store : CustomerStore, optional
        The customers; by default there are none.
    host, port
        Where to listen; port 0 takes a free one.
    **options
        What one protocol has and others do not: `gzip` and `before` for grpc, `remember` for oncrpc,
        `codec` for thrift, `sessions` for mcp.

    Yields
    ------
    Address
        Where the server listens. It runs in threads of its own, which are gone when the context ends.
    """
    module = _module(protocol)
    with module.serve(CustomerStore() if store is None else store, host, port, **options) as address:
        yield address


@contextlib.contextmanager
def connect(protocol: str, address: Address, timeout: float | None = 2.0, **options: Any) -> Iterator[Client]:
    """Give a client of one wire while the context lasts.

    Parameters
    ----------
    protocol : str
        One of `ALL_PROTOCOLS`.
    address : Address
        Where the server listens, or a proxy before it.
    timeout : float or None
        Seconds for one call; None waits for ever.
    **options
        What one protocol has and others do not: `gzip` for rest and jsonrpc, `retries` for grpc, `xid` for oncrpc,
        `codec` for thrift.

    Yields
    ------
    Client
        It opens its connection with the first call, and a new one with the call after a failure.
    """
    client: Client = _module(protocol).connect(Address(*address), timeout, **options)
    with contextlib.closing(client):
        yield client


def place(protocol: str, address: Address) -> str:
    """Say where a client of the reader's own begins: a URL, or a host and a port where there is nothing more to say."""
    module = _module(protocol)
    path = getattr(module, "PATH", None)
    scheme = getattr(module, "SCHEME", "tcp" if path is None else "http")
    return f"{scheme}://{address}{path or ''}"


def _module(protocol: str) -> Any:
    """Import a protocol's module; each by name, so that whoever asks what this package reaches finds it."""
    if protocol == "socket":
        from companion.calls.wire import socket_wire

        return socket_wire
    if protocol == "oncrpc":
        from companion.calls.wire import oncrpc

        return oncrpc
    if protocol == "rest":
        from companion.calls.wire import rest

        return rest
    if protocol == "grpc":
        from companion.calls.wire import grpc_wire

        return grpc_wire
    if protocol == "jsonrpc":
        from companion.calls.wire import jsonrpc

        return jsonrpc
    if protocol == "soap":
        from companion.calls.wire.xml import soap

        return soap
    if protocol == "pox":
        from companion.calls.wire.xml import pox

        return pox
    if protocol == "thrift":
        from companion.calls.wire.framed import thrift_wire

        return thrift_wire
    if protocol == "websocket":
        from companion.calls.wire.framed import websocket_wire

        return websocket_wire
    if protocol == "mcp":
        from companion.calls.wire.framed import mcp_wire

        return mcp_wire
    raise ValueError(f"no protocol {protocol!r}; there are {', '.join(ALL_PROTOCOLS)}")
