"""How calls of CORBA end badly: what the ORB tells its caller, and whether the work was done all the same."""

from dataclasses import dataclass
from typing import Any

from companion.calls.wire.customers import Address
from companion.calls.wire.objects import corba
from companion.calls.wire.objects.corba import SystemException, call, orb, serving
from companion.proxy import proxy

EVE = {"id": 7, "name": "Eve", "balance": 10.0}
LATE = {"sensor_id": 101, "speed": 65.5, "timestamp": 2**31}
WAIT_MS = 1_000  # how long the caller waits for a server that fell silent


@dataclass(frozen=True)
class Ending:
    """One call that failed.

    Parameters
    ----------
    what : str
        What went wrong.
    told, completed : str
        The system exception, and what its completion status says: NO or MAYBE.
    executed : int
        How often the work was done in truth.
    """

    what: str
    told: str
    completed: str
    executed: int


def endings(live: bool | None = None) -> list[Ending]:
    """Spoil one `add` after the other, and one `reportData`; from the recording where there is no ORB."""
    if corba.missing() is not None if live is None else not live:
        return [Ending(**entry) for entry in corba.recording()["endings"]]
    with orb() as client:
        dead, before = _dies(client, "dies before")
        _, after = _dies(client, "dies after")
        nobody = Ending("nobody listens", *_failure(client, dead), 0)
        with serving() as (server, address):
            stranger = Ending("no such object", *_failure(client, address, key="Nobody"), server.executed)
            buggy = _suffers(client, server, address, "has a bug")
            silent = _suffers(client, server, address, "falls silent")
            return [nobody, stranger, before, after, silent, buggy, _too_late(client, server, address)]


def _dies(client: corba.Child, plan: str) -> tuple[Address, Ending]:
    """Have a server die in the middle of a call; give its address, where nobody listens from now on."""
    with serving() as (server, address):
        server.ask(do="plan", then=plan)
        told = _failure(client, address)
        server.wait_for_work()
        return address, Ending(f"the server {plan}", *told, server.executed)


def _suffers(client: corba.Child, server: corba.Child, address: Address, plan: str) -> Ending:
    """Have a server suffer something in the middle of a call, and live."""
    done = server.executed
    server.ask(do="plan", then=plan)
    if plan == "falls silent":
        told = _failure(client, address, timeout_ms=WAIT_MS)
        server.wait_for_work()
    else:
        told = _failure(client, address)
        server.ask(do="plan", then=None)  # whatever it did, it told before this
    return Ending(f"the server {plan}", *told, server.executed - done)


def _too_late(client: corba.Child, server: corba.Child, address: Address) -> Ending:
    """Report a moment of 2038, which does not fit the IDL's long; nothing may pass the proxy."""
    done = server.executed
    with proxy(address) as wire:
        call(client, wire.address, "Traffic", "getRecentData", 1)  # the first call also asks where the object is
        wire.pieces.clear()
        told = _failure(client, wire.address, "Traffic", "reportData", LATE)
        sent = sum(len(piece.data) for piece in wire.pieces)
    server.ask(do="plan", then=None)
    return Ending(f"timestamp 2^31: {sent} bytes sent", *told, server.executed - done)


def _failure(
    client: corba.Child,
    address: tuple[str, int],
    interface: str = "Customers",
    operation: str = "add",
    argument: dict[str, Any] = EVE,
    key: str | None = None,
    timeout_ms: int = 0,
) -> tuple[str, str]:
    """Make a call that must fail; return the exception's name and its completion status."""
    try:
        call(client, address, interface, operation, argument, key=key, timeout_ms=timeout_ms)
    except SystemException as error:
        return error.name, error.completed
    raise AssertionError("the call was to fail")
