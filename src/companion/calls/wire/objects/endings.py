"""How calls of CORBA end badly: what the ORB tells its caller, and whether the work was done all the same."""

from dataclasses import dataclass

from companion.calls.wire.objects import corba
from companion.calls.wire.objects.corba import SystemException, call, orb, serving
from companion.proxy import proxy

EVE = {"id": 7, "name": "Eve", "balance": 10.0}
LATE = {"sensor_id": 101, "speed": 65.5, "timestamp": 2**31}
WAIT_MS = 400  # how long the caller waits for a server that fell silent
PLANS = ("dies before", "dies after", "falls silent", "has a bug")


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
        found = [_unspoilt(client, "nobody listens"), _unspoilt(client, "no such object")]
        found.extend(_spoilt(client, plan) for plan in PLANS)
        found.append(_too_late(client))
    return found


def _spoilt(client: corba.Child, plan: str) -> Ending:
    """Have the server suffer something in the middle of a call."""
    with serving() as (server, address):
        server.ask(do="plan", then=plan)
        told = _failure(client, address, timeout_ms=WAIT_MS if plan == "falls silent" else 0)
        if plan == "has a bug":
            server.ask(do="plan", then=None)  # it lives; whatever it did is told before this
        else:
            server.wait_for_work()
        return Ending(f"the server {plan}", told.name, told.completed, server.executed)


def _unspoilt(client: corba.Child, what: str) -> Ending:
    """Call where there is no server any more, or an object that the server has not."""
    with serving() as (server, address):
        if what == "no such object":
            told = _failure(client, address, key="Nobody")
            server.ask(do="plan", then=None)
            return Ending(what, told.name, told.completed, server.executed)
    told = _failure(client, address)
    return Ending(what, told.name, told.completed, server.executed)


def _too_late(client: corba.Child) -> Ending:
    """Report a moment of 2038, which does not fit the IDL's long; nothing may pass the proxy."""
    with serving() as (server, address), proxy(address) as wire:
        call(client, wire.address, "Traffic", "getRecentData", 1)  # the first call also asks where the object is
        wire.pieces.clear()
        try:
            call(client, wire.address, "Traffic", "reportData", LATE)
        except SystemException as error:
            what = f"timestamp 2^31: {sum(len(piece.data) for piece in wire.pieces)} bytes sent"
            return Ending(what, error.name, error.completed, server.executed)
    raise AssertionError("a long of 33 bits was sent")


def _failure(
    client: corba.Child, address: tuple[str, int], key: str | None = None, timeout_ms: int = 0
) -> SystemException:
    try:
        call(client, address, "Customers", "add", EVE, key=key, timeout_ms=timeout_ms)
    except SystemException as error:
        return error
    raise AssertionError("the call was to fail")
