"""The figures of the feed: what the article's long poll misses, and what cuts cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from companion.calls.messaging.feeds.quotes import missed_share
from companion.calls.messaging.feeds.runs import Outcome
from companion.figures import Figure, Message, Moment, Panel, Series, bars, lines, sequence

LOADS = [0.1 * step for step in range(46)]


def figure_gap(times: Sequence[float], outcome: Outcome, cycle: float = 0.04) -> Figure:
    """Draw who was told of the first events of a feed that a long poll has read."""
    seen = [number for number in range(1, len(times) + 1) if number in outcome.seen]
    drawn: list[Message | Moment] = [Message("page", "server", "poll", -cycle / 2, 0.0)]
    for number, now in enumerate(times, 1):
        if number in seen:
            drawn.append(Message("server", "page", f"event {number}", now, now + cycle / 2))
            drawn.append(Message("page", "server", "poll", now + cycle / 2, now + cycle))
        else:
            drawn.append(Moment("server", f"event {number}: nobody waits", now, marked=True))
    title = f"Of {len(times)} events {len(times) - len(seen)} come while the page is away"
    return sequence(title, "time", drawn, participants=["page", "server"], ticks=False)


def figure_missed(found: Mapping[float, float], measured: Mapping[float, float]) -> Figure:
    """Draw the share that was missed, by the mean number of events while the reader is away, over the closed form."""
    most = max(found)
    return lines(
        f"With {most:g} events while its reader is away, the long poll misses {found[most]:.0%}",
        "events while the reader is away, on average",
        [
            Panel(
                "share missed",
                [
                    Series("load / (1 + load)", LOADS, [missed_share(load) for load in LOADS]),
                    Series("counted, in the script's time", list(found), list(found.values()), points=True),
                    Series("measured, in real time", list(measured), list(measured.values()), points=True),
                ],
            )
        ],
    )


def figure_cuts(whole: Mapping[str, Outcome], cut: Mapping[str, Outcome], cuts: int) -> Figure:
    """Draw the events that each way lost without cuts and with them."""
    safe = [way for way, outcome in cut.items() if not outcome.missed]
    return bars(
        f"Cut off {cuts} times, only {' and '.join(safe)} lose nothing",
        "events that never came",
        {way: {"no cut": whole[way].missed, f"{cuts} cuts": cut[way].missed} for way in cut},
    )
