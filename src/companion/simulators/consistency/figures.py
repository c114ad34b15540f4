"""The chapter's figures: functions of data, whose titles say what the data shows."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from companion.figures import Figure, Message, Moment, Panel, Series, State, bars, lines, matrix, sequence
from companion.figures.charts import axes_of
from companion.figures.data import as_csv
from companion.figures.figure import INK, styled
from companion.history.events import Operation
from companion.history.figures import space_time
from companion.history.shrink import counterexample
from companion.simulators.consistency.client import Record
from companion.simulators.consistency.hands_on.build import BACK, HALF_WRITTEN, NODES, outcome
from companion.simulators.consistency.pbs import t_visibility
from companion.simulators.consistency.promises import ARROWS
from companion.simulators.consistency.scans import Pair, Placement, Price


def figure_price(prices: Mapping[tuple[int, float], Price], mean: float = 100.0) -> Figure:
    """Draw what each quorum costs, by how much of an answer's time the answers share."""
    quorums = sorted({quorum for quorum, _ in prices})
    shares = sorted({alike for _, alike in prices})
    majority = len(quorums) // 2 + 1
    names = {
        alike: f"{alike:g} ms of distance, {mean - alike:g} of chance" if alike else f"all {mean:g} ms are chance"
        for alike in shares
    }
    groups = {
        f"{quorum} of {len(quorums)}": {names[alike]: prices[quorum, alike].measured for alike in shares}
        for quorum in quorums
    }
    groups[f"{majority}, one after the other"] = {names[shares[0]]: prices[majority, shares[0]].serial}
    took = [f"{prices[majority, alike].measured:.0f} ms" for alike in shares]
    title = f"A majority takes {took[0]} where all is chance, and {took[-1]} where most is distance"
    return bars(title, "mean read (ms)", groups, levels=[(mean, "one replica")])


def figure_partition(results: Mapping[str, Pair]) -> Figure:
    """Draw what each level answers while two of five nodes are cut off, and how much of it is stale."""
    rows = {
        level: {"answered (share of when all is well)": both.answered, "stale (share of reads)": both.stale}
        for level, both in results.items()
    }
    both_ways = [level for level, one in results.items() if one.stale == 0 and one.answered > 0.98]
    title = "During a partition each level answers less than everything, or answers with the past"
    if both_ways:
        title = f"During a partition {' and '.join(both_ways)} neither refuses nor lies"
    return bars(title, "share", rows)


def figure_lone_read(records: Sequence[Record]) -> Figure:
    """Draw the smallest part of a history that no single copy could have given, in its own time."""
    history = [one.operation for one in records if one.f == "write" or one.returned is not None]
    part = counterexample(history).operations
    times = {record.invoked: record for record in records}
    begun = [times[one.invoked] for one in part]
    start = min(record.begun for record in begun)
    in_time = [
        Operation(one.process, one.f, one.key, one.value, record.begun - start,  # type: ignore[arg-type]
                  None if one.returned is None or record.ended is None else record.ended - start)  # type: ignore[arg-type]
        for one, record in zip(part, begun, strict=True)
    ]  # fmt: skip
    last = max((one for one in in_time if one.f == "read"), key=lambda one: one.invoked)
    newer = next(
        (
            one
            for one in in_time
            if one.f == "read" and one.value != last.value and one.returned is not None and one.returned < last.invoked
        ),
        None,
    )
    seen = f"after process {newer.process} had read {newer.told[5:]}" if newer else "which is out of date"
    title = f"With R+W>N: process {last.process} reads {last.told[5:]} {seen}"
    return space_time(in_time, title, x="ms", marked=[last])


def figure_write_back() -> Figure:
    """Draw who waits for whom when a read writes back: a write has reached one node of three, two readers follow."""
    found, messages = outcome(HALF_WRITTEN, write_back=True)
    _, first, second = found
    told = messages[6:]  # without the writer's
    left_out = {("first reader", "C"), ("second reader", "A")}  # too late to count, and would only crowd the picture
    waited = [
        (who, whom, sent, arrives, kind, value)
        for who, whom, sent, arrives, kind, value in told
        if not {(who, whom), (whom, who)} & left_out and (sent < first.ended - 2 * BACK or "A" not in (who, whom))
    ]
    events: list[Message | State | Moment] = [
        Message(
            who,
            whom,
            _worded(kind, value, sent > HALF_WRITTEN[1][1] and who != second.who and whom != second.who),
            sent,
            arrives,
            marked=kind == "write",
        )
        for who, whom, sent, arrives, kind, value in waited
    ]
    events += [State(one.who, "waits", one.begun, one.ended) for one in (first, second)]
    events += [Moment(NODES[0], "has 1", HALF_WRITTEN[0][0])]
    title = (
        f"The first reader ends when two nodes have what it saw; "
        f"the second, {second.begun - first.ended:g} ms later, must meet one of them"
    )
    return sequence(title, "time (ms)", events, participants=[first.who, *NODES, second.who])


def _worded(kind: str, value: int | None, written: bool) -> str:
    if kind != "reply":
        return {"read": "read", "write": f"write {value}"}[kind]
    return "has it" if written else str(value or "nothing")


def figure_confirmed() -> Figure:
    """Draw who waits for whom when a primary confirms itself before it answers a read."""
    reader, primary, others = "reader", "primary", "a majority"
    ask = "still with me?"
    events: list[Message | State | Moment] = [
        Message(reader, primary, "read x", 1, 2),
        Message(primary, others, ask, 3, 4),
        Message(others, primary, "yes", 5, 6),
        Message(primary, reader, "x = 7", 7, 8),
        State(reader, "waits", 1, 8),
        Moment(others, "cut off from it, elects another", 9, marked=True),
        Message(reader, primary, "read x", 10, 11),
        Message(primary, others, ask, 12, None, marked=True),
        State(reader, "waits", 10, None),
    ]
    return sequence("Nobody confirms an old primary, so it answers nobody", "time", events, ticks=False,
                    participants=[reader, primary, others])  # fmt: skip


def figure_visibility(networks: Sequence[str], times: Sequence[float]) -> Figure:
    """Draw how soon after a write a read sees it, with one replica asked."""
    shares = {network: t_visibility(network, times) for network in networks}
    told = ", ".join(f"{network} {100 * share[0]:.0f} %" for network, share in shares.items())
    series = [Series(network, times, [100 * one for one in share]) for network, share in shares.items()]
    return lines(
        f"At once after a write, a read sees it: {told}", "begins after (ms)", [Panel("fresh reads (%)", series)]
    )


def figure_pacelc(placed: Mapping[str, Placement]) -> Figure:
    """Draw where measurement places each configuration, beside the promise that it was judged by."""
    cells = {}
    for configuration, one in placed.items():
        name = f"{configuration} ({one.promise})"
        cells[name, "if partitioned"] = one.partitioned
        cells[name, "else"] = one.otherwise
        cells[name, "keeps its promise"] = "yes" if one.kept else "no"
        promised = "yes" if one.promise == "linearizable" else "not promised"
        cells[name, "linearizable"] = promised if one.linearizable else "no"
    kinds = {word: word for word in ("C", "yes", "L", "A", "no", "not promised")}
    dear = sum(one.letters == "PC/EC" for one in placed.values())
    title = f"Of {len(placed)} configurations {dear} measure as PC/EC"
    return matrix(title, "configuration (and its promise)", "what it keeps", cells, kinds)


@styled
def figure_models() -> Figure:
    """Draw the map of the models: an arrow from each to one that it implies, and what that gives up; and eventual."""
    import matplotlib.patches

    places = {
        "strict serializable": (0.8, 0.0), "serializable": (1.6, 1.0), "linearizable": (0.0, 1.0),
        "sequential": (0.0, 2.0), "causal": (0.0, 3.0), "session guarantees": (0.0, 4.0), "eventual": (1.6, 4.0),
    }  # fmt: skip
    wide, high = 0.86, 0.42
    title = f"Each of {len(ARROWS)} arrows gives something up; eventual stands beside them"
    drawing, (ax,) = axes_of(title, 1, (5.0, 5.2))
    for name, (x, y) in places.items():
        box = (x - wide / 2, y - high / 2)
        ax.add_patch(matplotlib.patches.FancyBboxPatch(box, wide, high, boxstyle="round,pad=0,rounding_size=0.06",
                     facecolor="none", edgecolor=INK, linewidth=1.8 if name == "linearizable" else 1.0))  # fmt: skip
        ax.text(x, y, name, ha="center", va="center", size=9.5, weight="bold" if name == "linearizable" else "normal")
    for arrow in ARROWS:
        (x0, y0), (x1, y1) = places[arrow.stronger], places[arrow.weaker]
        begin, end = (x0 + 0.3 * (x1 - x0), y0 + high / 2), (x1, y1 - high / 2)
        ax.annotate("", end, begin, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.1,
                                                "shrinkA": 0, "shrinkB": 0})  # fmt: skip
        side = -1 if x1 < x0 else 1
        at = ((begin[0] + end[0]) / 2 + (0.06 if x0 == x1 else 0.13) * side, (begin[1] + end[1]) / 2)
        words = "\n".join(textwrap.wrap(arrow.gives_up, 46 if x0 == x1 else 17))
        ax.text(*at, words, ha="left" if side > 0 else "right", va="center", size=8.5, style="italic")
    ax.set(xlim=(-0.5, 2.1), ylim=(4.35, -0.35))
    ax.axis("off")
    told = [f"Map of consistency models: {title}."]
    told += [f"{one.stronger} implies {one.weaker}, which gives up {one.gives_up}." for one in ARROWS]
    table = [(one.stronger, one.weaker, one.gives_up) for one in ARROWS]
    return Figure(title, " ".join(told), drawing, as_csv(("stronger", "weaker", "gives up"), table))
