"""The figure of the quotes: how a join goes wrong."""

from companion.calls.messaging.quotes.joins import DESIGNS, Step, holes, orders, shown, steps_back
from companion.figures import Figure, Message, Moment, sequence

FEED, STORE, ADA = "broadcast", "store", "Ada's join"


def a_hole(design: str, quotes: int = 2) -> list[Step]:
    """Find an order in which a quote is missing, with no step back beside it."""
    return next(
        steps
        for steps in orders(DESIGNS[design], quotes)
        if holes(seen := shown(DESIGNS[design], steps), quotes) and not steps_back(seen)
    )


def figure_hole(design: str = "send, put") -> Figure:
    """Draw an order in which Ada misses a quote for good; played, not recited."""
    steps = a_hole(design)
    seen = shown(DESIGNS[design], steps)
    (missing,) = holes(seen, 2)
    events: list[Message | Moment] = []
    store, following = 0, False
    for moment, (name, quote) in enumerate(steps):
        if name == "add":
            following = True
            events.append(Message(ADA, FEED, "add", moment, moment + 0.8))
        elif name == "get":
            events.append(Message(STORE, ADA, f"get: {store}", moment, moment + 0.8))
        elif name == "write":
            events.append(Moment(ADA, f"Ada sees {seen[0]}", moment + 0.4))
        elif name == "put":
            store = quote
            events.append(Message(FEED, STORE, f"put {quote}", moment, moment + 0.8))
        elif following:
            events.append(Message(FEED, ADA, f"send {quote}", moment, moment + 0.8))
        else:
            events.append(Moment(FEED, f"sends {quote}, not to Ada", moment + 0.4, marked=quote == missing))
    title = f"Ada joins between send and put: she sees {' and '.join(map(str, seen))}, and never {missing}"
    return sequence(title, "time", events, ticks=False)


__all__ = ["a_hole", "figure_hole"]
