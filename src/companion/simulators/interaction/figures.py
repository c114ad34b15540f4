"""The chapter's figures, as functions of results; each computes its title, the finding, from the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from companion.figures import Figure, Message, Moment, Panel, Series, State, bars, lines, matrix, sequence
from companion.simulators.interaction.result import Result
from companion.simulators.interaction.systems.values import OUTCOMES

if TYPE_CHECKING:  # these need the real systems, and a figure of the simulation does not
    from companion.simulators.interaction.systems.invalid import Answer
    from companion.simulators.interaction.systems.matrix import Cell

ANSWERS = {"refused": "r", "taken as it is": "t", "changed": "≠"}


def figure_matrix(cells: Sequence[Cell], format: str) -> Figure:
    """Draw what became of each class of values between the writers and readers of one format."""
    chosen = [cell for cell in cells if cell.format == format]
    counted = Counter(cell.outcome for cell in chosen)
    title = (
        f"Through {format.upper()} {counted['changed']} of {len(chosen)} conversions change a value silently, "
        f"{counted['refused'] + counted['not written']} are refused"
    )
    found = {(cell.values, f"{cell.writer} > {cell.reader}"): cell.outcome for cell in chosen}
    return matrix(title, "values", "writer > reader", found, OUTCOMES)


def figure_formats(cells: Sequence[Cell]) -> Figure:
    """Draw, for each format, the share of conversions that came out equal, refused and changed."""
    groups: dict[str, dict[str, float]] = {}
    for format in dict.fromkeys(cell.format for cell in cells):
        counted = Counter(cell.outcome for cell in cells if cell.format == format)
        every = sum(counted.values())
        groups[format] = {outcome: 100 * counted[outcome] / every for outcome in OUTCOMES}
    best = min(groups, key=lambda name: groups[name]["changed"])
    worst = max(groups, key=lambda name: groups[name]["changed"])
    title = (
        f"{worst.upper()} changes {groups[worst]['changed']:.0f} % of what passes through it, "
        f"{best.upper()} {groups[best]['changed']:.0f} %"
    )
    return bars(title, "conversions (%)", groups)


def figure_invalid(answers: Sequence[Answer]) -> Figure:
    """Draw what each system does with values that the declared type does not allow."""
    by_value: dict[str, set[str]] = {}
    for answer in answers:
        by_value.setdefault(answer.value, set()).add(answer.outcome)
    agreed = sum(len(outcomes) == 1 for outcomes in by_value.values())
    title = f"Of {len(by_value)} invalid values the systems treat {agreed} alike"
    return matrix(title, "invalid value", "system", {(a.value, a.system): a.outcome for a in answers}, ANSWERS)


def figure_scenarios(results: Mapping[str, Result]) -> Figure:
    """Draw, for each scenario, the shares that were changed silently and refused."""
    groups = {
        name: {
            "changed silently": 100 * (result.summary["changed_share"] or 0.0),
            "refused": 100 * (result.summary["refused_share"] or 0.0),
        }
        for name, result in results.items()
    }
    quiet = [name for name, result in results.items() if result.totals["changed"] and not result.totals["refused"]]
    clean = sum(not result.totals["changed"] + result.totals["refused"] for result in results.values())
    title = f"{len(quiet)} of {len(results)} scenarios fail without one error" + (
        f", {clean} do not fail" if clean else ""
    )
    return bars(title, "requests (%)", groups)


def figure_prevention(findings: Mapping[tuple[str, str], bool | None], failing: Sequence[str]) -> Figure:
    """Draw which check finds which of the failing presets, of all that `prevention.findings` tells."""
    checks = list(dict.fromkeys(name for _, name in findings))
    found = {preset: [name for name in checks if findings[preset, name]] for preset in failing}
    missed = sum(not names for names in found.values())
    most = max(len([preset for preset in failing if name in found[preset]]) for name in checks)
    title = (
        f"No check finds more than {most} of {len(failing)} failures; {missed or 'none'} of them "
        f"escapes all, {sum(len(names) == 1 for names in found.values())} escape all but one"
    )
    kinds = {True: "found", False: "missed", None: "nothing to look at"}
    cells = {(preset, name): kinds[findings[preset, name]] for preset in failing for name in checks}
    return matrix(title, "what fails", "check", cells, {"found": "●", "nothing to look at": "·", "missed": "–"})


def figure_weighed(
    findings: Mapping[tuple[str, str], bool | None],
    failing: Sequence[str],
    weighed: Mapping[str, Mapping[str, float]],
) -> Figure:
    """Draw what each check finds, every preset counting alike, and weighed as `prevention.weighed` does."""
    groups = {
        check: {
            "of the presets": 100 * sum(bool(findings[preset, check]) for preset in failing) / len(failing),
            "weighed by plane": sum(planes.values()),
        }
        for check, planes in weighed.items()
    }
    by_weight = max(groups, key=lambda check: groups[check]["weighed by plane"])
    title = (
        f"Weighed by plane the {by_weight} finds {groups[by_weight]['weighed by plane']:.0f} %, "
        f"the coherence check {groups['coherence check']['weighed by plane']:.0f} % instead of "
        f"{groups['coherence check']['of the presets']:.0f} %"
    )
    return bars(title, "failures found (%)", groups)


def figure_patience(waits: Sequence[float], runs: Mapping[str, Sequence[Result]], at: float) -> Figure:
    """Draw what A is told and what B does against how long A waits, a line for each kind of latency.

    Parameters
    ----------
    waits : sequence of float
        A's timeouts, in s.
    runs : mapping of str to sequence of Result
        By the name of the line, a run for each timeout.
    at : float
        The timeout that the title speaks of, one of `waits`.
    """
    failed = {name: [run.summary["refused_share"] for run in of] for name, of in runs.items()}
    done = {name: [run.summary["executions_per_request"] for run in of] for name, of in runs.items()}
    told = " and ".join(f"{100 * (shares[waits.index(at)] or 0):.0f} % where {name}" for name, shares in failed.items())
    return lines(
        f"If A waits {at:g} s, calls fail in {told}",
        "A's timeout (s)",
        [
            Panel("share of calls failed", [Series(name, waits, y, points=True) for name, y in failed.items()]),
            Panel("executions a call", [Series(name, waits, y, points=True) for name, y in done.items()]),
        ],
    )


def figure_slow_call(latency: float, timeout: float, tries: int) -> Figure:
    """Draw one call of A that takes B `latency` s whenever it is asked, and A's `tries` of `timeout` s each."""
    begun = [number * timeout for number in range(tries)]
    ends = tries * timeout
    events: list[Message | State | Moment] = [
        State("A", "waits", 0, ends),
        State("B", "works", 0, begun[-1] + latency),
        *(Message("A", "B", f"try {number}", at, at + 1) for number, at in enumerate(begun, 1)),
        *(Message("B", "A", f"answer to try {number}", at + latency, at + latency + 1)
          for number, at in enumerate(begun, 1)),
        Moment("A", "gives up: failed", ends, marked=True),
    ]  # fmt: skip
    title = (
        f"A is told after {ends:g} s that its call has failed; B has done it {tries} times"
        if latency > timeout
        else f"A is answered after {latency:g} s"
    )
    return sequence(title, "time (s)", events, participants=("A", "B"))


def figure_lost_updates(rates: Sequence[float], results: Sequence[Result], expected: Sequence[float]) -> Figure:
    """Draw the share of updates that are lost without a lock against the load of an account, and the closed form."""
    seen = [run.totals["lost_updates"] / max(1, run.totals["requests"]) for run in results]
    title = (
        f"At {rates[-1]:g} requests/s {100 * seen[-1]:.0f} % of the updates are lost; "
        f"the closed form says {100 * expected[-1]:.0f} %"
    )
    series = [Series("simulated", rates, seen, points=True), Series("closed form", rates, list(expected))]
    return lines(title, "requests/s", [Panel("share of updates lost", series)])
