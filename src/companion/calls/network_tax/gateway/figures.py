"""The figure of a caller who leaves: who hears of it, and who works on."""

from __future__ import annotations

from companion.calls.network_tax.gateway.losses import FURTHER
from companion.figures import Figure, Message, State, sequence


def figure_left(heard: bool) -> Figure:
    """Draw a call whose caller leaves, as a run has found it: whether the service `heard` of that."""
    events: list[Message | State] = [
        Message("caller", "gateway", "GET", 0, 1),
        Message("gateway", "service", "GetAccount", 1, 2),
        Message("caller", "gateway", "hangs up", 3, 4),
    ]
    if heard:
        title = "The caller hangs up, the gateway cancels, and the service stops"
        events += [
            State("service", "works", 2, 5),
            Message("gateway", "service", "cancel", 4, 5, marked=True),
        ]
    else:
        title = "The caller hangs up, and the service works on"
        events += [
            State("service", "works", 2, 6),
            Message("others", "gateway", f"{FURTHER} requests", 4, 5),
            Message("service", "gateway", "an answer for nobody", 6, 7, marked=True),
        ]
    names = ("others", "caller", "gateway", "service")[heard:]
    return sequence(title, "time", events, participants=names, ticks=False)
