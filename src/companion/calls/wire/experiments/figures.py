"""The figures of chapter 2, as functions of what was recorded; each computes its title from the data."""

from collections.abc import Mapping, Sequence

from companion.calls.wire.experiments.sizes import CallCost, ListSize
from companion.figures import Figure, Panel, Series, bars, lines


def figure_call_bytes(costs: Sequence[CallCost]) -> Figure:
    """Draw the bytes of one call on each wire: the request and the answer of a connection's second call."""
    warm = {cost.protocol: cost for cost in costs if cost.call == "warm"}
    least, most = (pick(warm.values(), key=lambda cost: cost.request_bytes + cost.answer_bytes) for pick in (min, max))
    times = (most.request_bytes + most.answer_bytes) / (least.request_bytes + least.answer_bytes)
    title = f"One call takes {times:.0f} times as many bytes on {most.protocol} as on the {least.protocol}"
    groups = {
        name: {"request": float(cost.request_bytes), "answer": float(cost.answer_bytes)} for name, cost in warm.items()
    }
    return bars(title, "bytes of one call on an open connection", groups)


def figure_growth(sizes: Sequence[ListSize]) -> Figure:
    """Draw how the answer grows with the number of customers, plain and compressed."""
    counts = sorted({size.customers for size in sizes})
    plain: dict[str, dict[int, int]] = {}
    zipped: dict[str, dict[int, int]] = {}
    for size in sizes:
        plain.setdefault(size.protocol, {})[size.customers] = size.plain_bytes
        if size.gzip_bytes is not None:
            zipped.setdefault(size.protocol, {})[size.customers] = size.gzip_bytes
    # JSON-RPC's line would lie on REST's: the envelope is the same few bytes however long the list.
    shown = {name: plain[name] for name in ("socket", "oncrpc", "grpc", "rest")}
    shown |= {f"{name}, gzip": zipped[name] for name in ("grpc", "rest")}
    most = counts[-1]
    title = (
        f"A list of {most:,}: JSON takes {plain['rest'][most] / plain['grpc'][most]:.1f} times the bytes of Protocol "
        f"Buffers, and compressed {zipped['rest'][most] / zipped['grpc'][most]:.2f} times"
    )
    series = [Series(name, counts, [bytes_[count] for count in counts], points=True) for name, bytes_ in shown.items()]
    return lines(title, "customers in the list", [Panel("answer (bytes)", series, log=True)], log_x=True)


def figure_speed(ratios: Mapping[str, float]) -> Figure:
    """Draw calls a second on each wire as a share of the raw socket's."""
    slowest = min(ratios, key=lambda name: ratios[name])
    title = f"On loopback {slowest} makes {1 / ratios[slowest]:.0f} times fewer calls than the raw socket"
    groups = {name: {"calls": 100 * ratio} for name, ratio in ratios.items()}
    return bars(title, "calls a second, as a percentage of the socket's", groups)
