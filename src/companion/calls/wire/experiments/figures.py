"""The figures of chapter 2: what was recorded, each with a title computed from it, and who waits for whom."""

from collections.abc import Mapping, Sequence

from companion.calls.wire.experiments.failures import DIES_AFTER, DIES_BEFORE, SILENT_AFTER, SILENT_BEFORE, Failure
from companion.calls.wire.experiments.nagle import WAYS
from companion.calls.wire.experiments.sizes import CallCost, ListSize
from companion.figures import Figure, Message, Moment, Panel, Series, State, bars, lines, matrix, sequence

TOLD = {
    "NotConnected": "not sent",
    "an answer": "an answer",
    "MalformedReply": "no sense",
    "ConnectionLost": "lost",
    "Timeout": "timeout",
}
"""What a caller was told, in words, from the best to the worst."""
SIGNS = dict(zip(TOLD.values(), "NASLT", strict=True))


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
    # The other wires' lines would lie on these: their envelopes are the same few bytes however long the list.
    shown = {name: plain[name] for name in ("grpc", "rest")}
    shown |= {f"{name}, gzip": zipped[name] for name in ("grpc", "rest")}
    most = counts[-1]
    title = (
        f"A list of {most:,}: JSON takes {plain['rest'][most] / plain['grpc'][most]:.1f} times the bytes of Protocol "
        f"Buffers, and as each server gzips it {zipped['rest'][most] / zipped['grpc'][most]:.2f} times"
    )
    series = [Series(name, counts, [bytes_[count] for count in counts], points=True) for name, bytes_ in shown.items()]
    return lines(title, "customers in the list", [Panel("answer (bytes)", series, log=True)], log_x=True)


def figure_speed(ratios: Mapping[str, float]) -> Figure:
    """Draw calls a second on each wire as a share of the raw socket's."""
    slowest = min(ratios, key=lambda name: ratios[name])
    title = f"On loopback {slowest} makes {1 / ratios[slowest]:.0f} times fewer calls than the raw socket"
    groups = {name: {"calls": 100 * ratio} for name, ratio in ratios.items()}
    return bars(title, "calls a second, as a percentage of the socket's", groups)


def figure_failures(rows: Sequence[Failure]) -> Figure:
    """Draw what a caller was told on each wire, for each way in which its peer failed."""
    told = {(row.protocol, row.fault): row.saw for row in rows}
    wires = list(dict.fromkeys(row.protocol for row in rows))
    pairs = ((DIES_BEFORE, DIES_AFTER), (SILENT_BEFORE, SILENT_AFTER))
    alike = sum(all(told[wire, before] == told[wire, after] for before, after in pairs) for wire in wires)
    title = f"On {alike} of {len(wires)} wires a caller sees the same, whether its call was carried out or not"
    cells = {(f"{row.fault} ({row.executed})", row.protocol): TOLD[row.saw] for row in rows}
    return matrix(title, "what the peer did (how often it executed)", "wire", cells, SIGNS)


def figure_nagle(figures: Mapping[str, float]) -> Figure:
    """Draw how long a call takes whose request is sent in one piece, or in two."""
    title = f"Sent in two pieces, a call of nine bytes takes {figures['in two pieces']:.0f} ms"
    groups = {way: {"call": figures[way]} for way in WAYS}
    return bars(title, "one call on loopback (ms)", groups)


def figure_first_call() -> Figure:
    """Draw who waits for whom at the first call on a connection of HTTP/2."""
    return sequence(
        "gRPC's first call waits three times, TCP's handshake included; each later one waits once",
        "time",
        [
            Message("client", "server", "TCP: may I?", 0, 1),
            State("client", "waits", 0, 2),
            Message("server", "client", "TCP: you may", 1, 2),
            Message("client", "server", "SETTINGS", 2, 3),
            State("client", "waits", 2, 4),
            Message("server", "client", "SETTINGS", 3, 4),
            Message("client", "server", "HEADERS, DATA", 4, 5, marked=True),
            State("client", "waits", 4, 6),
            Message("server", "client", "HEADERS, DATA, HEADERS", 5, 6, marked=True),
            Message("client", "server", "HEADERS, DATA", 7, 8),
            State("client", "waits", 7, 9),
            Message("server", "client", "HEADERS, DATA, HEADERS", 8, 9),
        ],
        ticks=False,
    )


def figure_same_view() -> Figure:
    """Draw the two failures that a caller cannot tell apart."""
    return sequence(
        "Both times the caller sees a closed connection; the second time it has paid",
        "time",
        [
            Message("caller", "server", "add 10", 0, None),
            State("caller", "waits", 0, 1),
            Moment("caller", "ConnectionLost", 1, marked=True),
            Message("caller", "server", "add 10", 3, 4),
            State("caller", "waits", 3, 7),
            State("server", "works", 4, 5, "till: 10"),
            Message("server", "caller", "done", 6, None),
            Moment("caller", "ConnectionLost", 7, marked=True),
        ],
        ticks=False,
    )


def figure_nagle_waits() -> Figure:
    """Draw the sender that waits for an acknowledgement, and the receiver that waits for the rest."""
    return sequence(
        "Each waits for the other, until a timer ends it",
        "time",
        [
            Message("client's kernel", "server's kernel", "4 bytes: the length", 0, 1),
            State("client's kernel", "waits", 1, 3, "for the ack"),
            State("server's kernel", "waits", 1, 2, "for an answer to carry the ack"),
            Moment("server's kernel", "timer: 40 ms", 2, marked=True),
            Message("server's kernel", "client's kernel", "ack", 2, 3),
            Message("client's kernel", "server's kernel", "5 bytes: get customer 1", 3, 4),
            Message("server's kernel", "client's kernel", "30 bytes: the answer", 5, 6),
        ],
        ticks=False,
    )


def figure_repeat() -> Figure:
    """Draw a call that is sent again to a server that remembers."""
    return sequence(
        "The second time the server answers from memory",
        "time",
        [
            Message("caller", "server", "xid 7: add 10", 0, 1),
            State("caller", "waits", 0, 4),
            State("server", "works", 1, 2, "till: 10"),
            Message("server", "caller", "xid 7: done", 3, None),
            Moment("caller", "ConnectionLost", 4),
            Message("caller", "server", "xid 7: add 10", 5, 6, marked=True),
            State("caller", "waits", 5, 8),
            Moment("server", "seen before: till stays 10", 7),
            Message("server", "caller", "xid 7: done", 7, 8, marked=True),
        ],
        ticks=False,
    )
