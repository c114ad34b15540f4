"""The chapter's figures, as functions of results; each computes its title, the finding, from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from companion.figures import Figure, Message, Panel, Series, State, bars, lines, sequence
from companion.simulators.hybrid.account import Outcome
from companion.simulators.hybrid.model import Operation
from companion.simulators.hybrid.page import NAMES
from companion.simulators.hybrid.result import Result
from companion.simulators.hybrid.scans import Decided
from companion.simulators.hybrid.trace import CITIES, Film


def figure_waits(results: Mapping[str, Result]) -> Figure:
    """Draw, for each kind of operation, which share of its users waited how long, and where the mean over all lies.

    Parameters
    ----------
    results : mapping of str to Result
        The modes; the title tells of the last one.
    """
    name, run = list(results.items())[-1]
    mean = run.summary["mean_latency"] or 0.0
    close = [wait for waits in run.waits.values() for wait in waits if abs(wait - mean) <= BIN / 2]
    share = 100 * len(close) / sum(map(len, run.waits.values()))
    near = f"{share:.0f} % of the users" if share >= 0.5 else "hardly anybody" if share else "nobody"
    title = f"Under {name} the mean wait is {mean:.0f} ms, and {near} waited about as long"
    most = max(wait for one in results.values() for waits in one.waits.values() for wait in waits)
    panels = [
        Panel(f"{words} (%)", [Series(mode, *_shares(one.waits[kind], most)) for mode, one in results.items()])
        for kind, words in NAMES.items()
    ]
    return lines(title, "wait (ms)", panels, spans=[(mean - BIN / 2, mean + BIN / 2, f"the mean of {name}")])


BIN = 10.0
"""Milliseconds of waiting that are counted together."""


def _shares(waits: Sequence[float], most: float) -> tuple[list[float], list[float]]:
    """Give the outline of a histogram: the share of the waits (%) in each bin, as a line with upright sides."""
    bins = [0] * (int(most / BIN) + 1)
    for wait in waits:
        bins[int(wait / BIN)] += 1
    corners, heights = [0.0], [0.0]
    for place, count in enumerate(bins):
        corners += [place * BIN, (place + 1) * BIN]
        heights += [100 * count / len(waits)] * 2
    return [*corners, corners[-1]], [*heights, 0.0]


def figure_asking(film: Film, one: Operation) -> Figure:
    """Draw who waits for whom until an operation is answered, the first site's city being the first name."""

    def since(moment: float) -> float:
        return round(1000 * (moment - one.begun), 1)

    sent = [message for message in film.sent if message.operation == one and message.what != "news"]
    events: list[Message | State] = [
        Message(CITIES[message.one], CITIES[message.other], message.what, since(message.sent), since(message.arrived))
        for message in sent
    ]
    wait, trip = film.wait(one), 2 * film.settings.network_latency
    here, chief = CITIES[one.site], CITIES[film.settings.coordinator(one.slot)]
    events.append(State(here, "waits", 0.0, round(wait, 1)))
    title = f"A {one.kind} from {here}, decided in {chief}, takes {wait:.0f} ms: "
    title += "two round trips" if wait / trip >= 1.5 else "one round trip"
    others = [city for city in CITIES[: film.settings.n_sites] if city not in (here, chief)]
    return sequence(title, "since it was asked for (ms)", events, participants=[here, chief, *others])


def figure_distance(
    distances: Sequence[float], results: Mapping[str, Sequence[Result]], expected: Mapping[str, Sequence[float]]
) -> Figure:
    """Draw the mean wait against the distance between the sites, under each mode and by the closed form."""
    waits = {name: [run.summary["mean_latency"] or 0.0 for run in runs] for name, runs in results.items()}
    ends = {name: values[-1] for name, values in waits.items()}
    dear, cheap = max(ends, key=lambda name: ends[name]), min(ends, key=lambda name: ends[name])
    title = f"At {distances[-1]:g} ms the mean wait is {ends[dear]:.0f} ms with {dear}"
    title += "".join(f", {ends[name]:.0f} with {name}" for name in ends if name not in (dear, cheap))
    title += f" and {ends[cheap]:.0f} with {cheap}"
    return _beside(title, distances, "mean wait (ms)", waits, expected)


def figure_promises(
    distances: Sequence[float], seen: Mapping[str, Sequence[float]], expected: Mapping[str, Sequence[float]]
) -> Figure:
    """Draw how many bookings are taken back against the distance, in means of runs and by the closed form."""
    told = (f"{seen[name][-1]:.0f} ({name})" for name in seen)
    title = f"At {distances[-1]:g} ms bookings taken back in a run: {', '.join(told)}"
    return _beside(title, distances, "taken back (a run)", seen, expected)


def _beside(
    title: str, distances: Sequence[float], y: str, seen: Mapping[str, Sequence[float]],
    expected: Mapping[str, Sequence[float]],
) -> Figure:  # fmt: skip
    series = [Series(name, distances, list(values), points=True) for name, values in seen.items()]
    series += [Series(f"{name}, closed form", distances, list(values)) for name, values in expected.items()]
    return lines(title, "one way between two sites (ms)", [Panel(y, series)])


def figure_escrow(found: Mapping[tuple[str, int, float], Decided]) -> Figure:
    """Draw what withdrawals wait, and how many are refused in vain, over the share that deposits (%)."""
    shares = sorted({share for _, _, share in found})
    most = max(sites for _, sites, _ in found)
    poor = {policy: found[policy, most, shares[0]] for policy in ("red", "escrow")}
    title = f"With {shares[0]:.0f} % deposits and {most} sites escrow waits {poor['escrow'].wait:.0f} ms to red's "
    title += f"{poor['red'].wait:.0f}, and refuses {poor['escrow'].vain:.0f} % in vain to red's {poor['red'].vain:.0f}"
    each = {(policy, sites): f"{policy}, {sites} sites" for policy, sites, _ in found}
    panels = [
        Panel(y, [
            Series(name, shares, [getattr(found[(*key, share)], what) for share in shares], points=True)
            for key, name in each.items()
        ])
        for y, what in (("mean wait (ms)", "wait"), ("refused in vain (%)", "vain"))
    ]  # fmt: skip
    return lines(title, "operations that deposit (%)", panels)


def figure_withdrawals(accounts: Mapping[str, Sequence[Outcome]]) -> Figure:
    """Draw, for each way to decide withdrawals, in how many of the accounts somebody overdrew, and the mean wait."""
    bad = {name: sum(one.overdrawn > 0 for one in runs) for name, runs in accounts.items()}
    waits = {name: 1000 * fmean(one.mean_latency for one in runs) for name, runs in accounts.items()}
    cheapest = min((name for name in accounts if not bad[name]), key=lambda name: waits[name])
    guilty = ", ".join(f"{name} overdraws {bad[name]} of {len(accounts[name])} accounts" for name in bad if bad[name])
    title = f"{guilty or 'None overdraws'}; the cheapest that overdraws none is {cheapest}, at {waits[cheapest]:.0f} ms"
    groups = {f"{name} ({bad[name]} overdrawn)": {"mean wait": waits[name]} for name in accounts}
    return bars(title, "mean wait (ms)", groups)
