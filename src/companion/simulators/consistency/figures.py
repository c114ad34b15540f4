"""The chapter's figures: functions of data, whose titles say what the data shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from companion.figures import Figure, Panel, Series, bars, lines, matrix
from companion.history.events import Operation
from companion.history.figures import space_time
from companion.history.shrink import counterexample
from companion.simulators.consistency.client import Record
from companion.simulators.consistency.pbs import t_visibility
from companion.simulators.consistency.result import Result
from companion.simulators.consistency.scans import Placement, Price, stale_while_cut


def figure_price(prices: Mapping[tuple[int, float], Price]) -> Figure:
    """Draw what each quorum costs against the distance: measured, expected, and asked one after the other."""
    quorums = sorted({quorum for quorum, _ in prices})
    distances = sorted({distance for _, distance in prices})
    worst = max(abs(price.measured / price.expected - 1) for price in prices.values())
    majority = len(quorums) // 2 + 1
    far = prices[majority, distances[-1]]
    series = [
        Series(
            f"{quorum} of {len(quorums)}", distances, [prices[quorum, one].measured for one in distances], points=True
        )
        for quorum in quorums
    ]
    series.append(
        Series(f"{majority}, one after the other", distances, [prices[majority, d].serial for d in distances])
    )
    title = (
        f"A majority costs {far.measured / distances[-1]:.2f} answers, not {majority}: "
        f"all within {worst:.1%} of the order statistic"
    )
    return lines(title, "mean of one answer (ms)", [Panel("mean read (ms)", series)])


def figure_partition(results: Mapping[str, Result]) -> Figure:
    """Draw what each level answers while two of five nodes are cut off, and how much of it is stale."""
    rows = {}
    for level, result in results.items():
        done, failed = sum(result.series["done"][5:10]), sum(result.series["failed"][5:10])
        rows[level] = {
            "answered (share of operations)": done / (done + failed),
            "stale (share of reads)": stale_while_cut(result) or 0.0,
        }
    both = [level for level, row in rows.items() if min(row.values()) == 0 and max(row.values()) == 1]
    title = "During a partition each level answers less than everything, or answers with the past"
    if both:
        title = f"During a partition {' and '.join(both)} neither refuses nor lies"
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
        cells[name, "linearizable"] = "yes" if one.linearizable else "no"
    kinds = {"C": "C", "yes": "yes", "L": "L", "A": "A", "no": "no"}
    dear = sum(one.letters == "PC/EC" for one in placed.values())
    title = f"Of {len(placed)} configurations {dear} measure as PC/EC"
    return matrix(title, "configuration (and its promise)", "what it keeps", cells, kinds)
