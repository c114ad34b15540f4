"""Who pays twice: a payment over ONC RPC whose answer is lost, and which is sent again."""

import contextlib
from dataclasses import dataclass

from companion.calls.wire import oncrpc
from companion.calls.wire.customers import Address, ConnectionLost
from companion.calls.wire.experiments.till import PAYMENT, Till
from companion.proxy import Faults, proxy

XID, NEXT_XID = 7, 8
PLACES = 100  # of a server's memory


@dataclass(frozen=True)
class Repeat:
    """Two attempts at a payment, and what is in the till after them.

    Parameters
    ----------
    second : str
        What the second attempt is.
    server : str
        What the server knows of the first.
    paid : float
        What was taken in all.
    due : float
        What should have been.
    """

    second: str
    server: str
    paid: float
    due: float


def repeats() -> list[Repeat]:
    """Pay, lose the answer and pay again: with another xid and with the same, at servers that forget or remember."""
    price = PAYMENT.balance
    return [
        Repeat("a new xid", "remembers", paid(NEXT_XID, remember=PLACES), price),
        Repeat("the same xid", "forgets", paid(XID, remember=0), price),
        Repeat("the same xid", "remembers", paid(XID, remember=PLACES), price),
        Repeat("the same xid", "was restarted", paid(XID, remember=PLACES, restarted=True), price),
        Repeat("another caller's", "remembers", paid(XID, remember=PLACES, lost=False), 2 * price),
    ]


def paid(second_xid: int, remember: int, restarted: bool = False, lost: bool = True) -> float:
    """Pay twice and return what is in the till.

    Parameters
    ----------
    second_xid : int
        Of the second attempt; the first has `XID`.
    remember : int
        How many answers the server remembers.
    restarted : bool
        Whether a new server, over the same till, meets the second attempt.
    lost : bool
        Whether the answer to the first is lost; if not, the second is another caller's payment.
    """
    till = Till()
    with contextlib.ExitStack() as first_server:
        address = first_server.enter_context(oncrpc.serve(till, remember=remember))
        pay(address, XID, Faults(instead=b"") if lost else Faults())
        if not restarted:
            pay(address, second_xid, Faults())
    if restarted:
        with oncrpc.serve(till, remember=remember) as address:
            pay(address, second_xid, Faults())
    return till.paid


def pay(address: Address, xid: int, faults: Faults) -> None:
    """Make one attempt over a connection of its own; a lost answer is let be."""
    with (
        proxy(address, faults) as wire,
        contextlib.closing(oncrpc.connect(Address(*wire.address), xid=xid)) as client,
        contextlib.suppress(ConnectionLost),
    ):
        client.add(PAYMENT)
