"""Is my service in the vulnerable region? A closed form answers, a simulation checks, and each cure is tried."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, isclose
from textwrap import fill
from typing import Any

from companion.parameters import ParameterError, describe
from companion.simulators.metastable.engine import run
from companion.simulators.metastable.settings import DELAYS, PRESETS, Settings
from companion.simulators.metastable.theory import collapse_persists, queue_outlasts_patience, vulnerable_region

RECOVERED = 0.95  # the share of requests answered in time at the end, above which a run has recovered
BORDER = 0.1  # within this share of a border the closed form is not to be trusted
LARGEST = 300_000  # attempts of one simulated run; a larger service is simulated at a smaller scale


@dataclass(frozen=True)
class Cure:
    """A change that might help.

    Attributes
    ----------
    name : str
        What to do, in words.
    cost : str
        What it costs whoever does it.
    change : mapping of str to object
        The parameters that it changes, in the reader's own size.
    availability : float
        The lowest share of requests answered in time, over the runs, at the end of the simulation with it.
    works : bool
        Whether every run recovered.
    """

    name: str
    cost: str
    change: Mapping[str, Any]
    availability: float
    works: bool


@dataclass(frozen=True)
class Diagnosis:
    """What was found.

    Attributes
    ----------
    capacity : float
        What the servers finish when none is idle, in requests/s.
    region : tuple of float
        The vulnerable loads, from and to, in requests/s.
    queue_outlasts_patience : bool
        Whether a full queue takes longer than a caller waits.
    formula : str
        The closed form's verdict: ``safe``, ``vulnerable`` or ``overloaded``.
    near_border : bool
        Whether the load or the queue bound is within a tenth of a border, where the closed form may err.
    simulation : str
        The simulation's verdict, in the same words: ``vulnerable`` if any run failed to recover from a spike.
    availability : float
        The lowest share of requests answered in time, over the runs, in the last 60 s after the spike.
    cures : tuple of Cure
        From cheap to dear; empty for a service that is safe.
    cheapest : Cure or None
        The first that works.
    scale : float
        The size of the simulated service as a share of the reader's; 1 unless that is very large.
    """

    capacity: float
    region: tuple[float, float]
    queue_outlasts_patience: bool
    formula: str
    near_border: bool
    simulation: str
    availability: float
    cures: tuple[Cure, ...]
    cheapest: Cure | None
    scale: float

    def summary(self) -> str:
        """Say it in one or two sentences."""
        low, high = self.region
        words = (
            f"Capacity {high:.4g} requests/s, vulnerable from {low:.4g} on: {self.formula} by the formula"
            f"{' (near a border)' if self.near_border else ''}, {self.simulation} by simulation."
        )
        return f"{words} Cheapest cure that works: {self.cheapest.name}." if self.cheapest else words

    def report(self, width: int = 78) -> str:
        """Say it, and list what was tried, in lines of at most `width` characters."""
        told = [fill(self.summary(), width)]
        for cure in self.cures:
            verdict = "works" if cure.works else "fails"
            told.append(fill(f"{verdict}: {cure.name}; the price: {cure.cost}", width, subsequent_indent=" " * 7))
        return "\n".join(told)


def diagnose(
    servers: int,
    mean_service: float,
    load: float,
    timeout: float = 1.0,
    retries: int = 3,
    queue_bound: int | None = None,
    *,
    refusal: str = "told",
    runs: int = 3,
    seed: int = 11,
) -> Diagnosis:
    """Judge a service, and look for the cheapest cure.

    The simulation brings a spike of twice the capacity, for ten seconds or ten timeouts, whichever is longer, and looks
    at the last 60 s, long after it.

    Parameters
    ----------
    servers : int
        How many requests are served at the same time.
    mean_service : float
        Mean time of serving one, in s.
    load : float
        Requests/s that callers begin on an ordinary day.
    timeout : float
        How long callers wait, in s.
    retries : int
        How often they try again.
    queue_bound : int, optional
        How many may wait; None if nothing bounds it.
    refusal : {"told", "silent"}
        Whether a caller learns at once that the queue was full.
    runs : int
        Simulated runs for each verdict.
    seed : int
        The seed of the first.

    Raises
    ------
    companion.parameters.ParameterError
        If a value is impossible.
    """
    for name, value, least in (("servers", servers, 1), ("retries", retries, 0), ("runs", runs, 1)):
        if value < least:
            raise ParameterError(f"{name} = {value!r} is not accepted: it takes {least} or more")
    for name, number in (("mean_service", mean_service), ("load", load), ("timeout", timeout)):
        if not number > 0:
            raise ParameterError(f"{name} = {number!r} is not accepted: it takes more than 0")
    capacity = servers / mean_service
    low, high = vulnerable_region(capacity, retries)
    outlasts = queue_outlasts_patience(queue_bound, capacity, timeout)
    formula = "safe"
    if load >= capacity:
        formula = "overloaded"
    elif collapse_persists(load, capacity, retries, timeout, queue_bound):
        formula = "vulnerable"
    borders = [load / low, load / high] + ([queue_bound / (capacity * timeout)] if queue_bound is not None else [])
    base = _disturbed(servers, mean_service, load, timeout, retries, queue_bound, refusal, seed)
    settings, scale = _fit(base)
    availability = _lowest(settings, runs)
    simulation = "overloaded" if load >= capacity else "safe" if availability >= RECOVERED else "vulnerable"
    tried: list[Cure] = []
    if (formula, simulation) != ("safe", "safe"):
        for name, cost, change in _cures(servers, mean_service, load, timeout, retries, capacity):
            lowest = _lowest(_fit({**base, **change})[0], runs)
            tried.append(Cure(name, cost, change, lowest, lowest >= RECOVERED))
    return Diagnosis(
        capacity=capacity,
        region=(low, high),
        queue_outlasts_patience=outlasts,
        formula=formula,
        near_border=any(abs(ratio - 1) <= BORDER for ratio in borders),
        simulation=simulation,
        availability=availability,
        cures=tuple(tried),
        cheapest=next((cure for cure in tried if cure.works), None),
        scale=scale,
    )


def preset_like(change: Mapping[str, Any], tolerance: float = 0.05) -> str | None:
    """Name the preset that does what a change of some parameters does.

    Parameters
    ----------
    change : mapping of str to object
        The parameters that are changed; those that do nothing in this scenario make no difference.
    tolerance : float
        By which share a number may differ.

    Returns
    -------
    str or None
        The preset's name, ``collapse`` for a change that changes nothing; None if no preset is like it.

    Raises
    ------
    companion.parameters.ParameterError
        If a value is impossible.
    """
    mine = _effective(Settings(**change))
    for name, preset in PRESETS.items():
        theirs = _effective(preset.settings())
        if mine.keys() == theirs.keys() and all(_alike(mine[key], theirs[key], tolerance) for key in mine):
            return name
    return None


def _effective(settings: Settings) -> dict[str, Any]:
    values = dataclasses.asdict(settings)
    told = {one.name: values[one.name] for one in describe(Settings) if one.applies(values)}
    told.pop("backoff_enabled")  # the delay says it
    policy = told.pop("policy")
    return {**told, "defence": None if policy in DELAYS else policy, "delay": settings.delay}


def _alike(one: Any, other: Any, tolerance: float) -> bool:
    if all(isinstance(value, int | float) for value in (one, other)):
        return isclose(one, other, rel_tol=tolerance)
    return bool(one == other)


def _cures(
    servers: int, mean_service: float, load: float, timeout: float, retries: int, capacity: float
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    # From cheap to dear: a number in the callers' configuration; a few lines in the callers' library; a number in the
    # service's configuration; deadlines passed along and obeyed by the service; more machines.
    fewer = max((k for k in range(retries) if load * (k + 1) <= (1 - BORDER) * capacity), default=None)
    if fewer is not None:
        yield (
            f"{fewer or 'no'} {'retry' if fewer == 1 else 'retries'} instead of {retries}",
            "callers see more of the failures that a retry would have hidden",
            {"max_retries": fewer},
        )
    yield (
        "a retry budget of 10 % of the requests",
        "some lines in every caller; while more than a tenth fails, most failures are not retried",
        {"policy": "budget", "budget_ratio": 0.1, "budget_cap": 10.0},
    )
    bound = int(capacity * timeout / 2)
    yield (
        f"a queue of at most {bound}, half of what is served within the timeout",
        "requests are refused at a peak that a longer queue might have carried",
        {"queue_bound": bound},
    )
    if mean_service < timeout:
        yield (
            f"drop at dequeue what has less than {mean_service:g} s left",
            "every request has to carry its deadline, and the clocks have to agree on it",
            {"policy": "shedding", "shed_margin": mean_service},
        )
    needed = ceil(load * (retries + 1) * mean_service * (1 + BORDER))
    if needed > servers:
        yield f"{needed} servers instead of {servers}", "machines", {"server_capacity": needed}


def _disturbed(
    servers: int,
    mean_service: float,
    load: float,
    timeout: float,
    retries: int,
    queue_bound: int | None,
    refusal: str,
    seed: int,
) -> dict[str, Any]:
    capacity = servers / mean_service
    warm, spike = max(30.0, 10 * timeout), max(10.0, 10 * timeout)
    # Whoever recovers has to work off the backlog first: wait for those whose retries are few (below the vulnerable
    # region, or with a budget of a tenth) and for twice as long as that takes on average, but not for ever.
    factor = min(retries, 0.1) + 1 if load * (retries + 1) > capacity else retries + 1
    spare = capacity - load * factor
    backlog = (2 * factor - 1) * capacity * spike
    if queue_bound is not None:
        backlog = min(backlog, queue_bound)
    drain = backlog / spare if spare > 0 else 0.0
    calm = min(max(240.0, 60 * timeout, 2 * drain), 3600.0 + 60 * timeout)
    return {
        "server_capacity": servers,
        "base_latency": mean_service,
        "load": load,
        "spike_load": 2 * capacity,
        "spike_start": warm,
        "spike_seconds": spike,
        "duration": warm + spike + calm,
        "timeout": timeout,
        "max_retries": retries,
        "queue_bound": queue_bound,
        "refusal": refusal,
        "seed": seed,
    }


def _fit(values: Mapping[str, Any]) -> tuple[Settings, float]:
    # A service a hundred times smaller, with a hundredth of the load and of the queue, tips at the same share of its
    # capacity, so a large one is simulated small; but not with fewer than ten servers, whose luck differs.
    servers, load = values["server_capacity"], values["load"]
    attempts = load * (values["max_retries"] + 1) * values["duration"]
    wanted = min(1.0, LARGEST / attempts, 500 / servers, 5000 / max(load, values["spike_load"]))
    small = max(1, min(servers, max(10, round(servers * wanted))))
    scale = small / servers
    bound = values["queue_bound"]
    return Settings(
        **{
            **values,
            "server_capacity": small,
            "load": load * scale,
            "spike_load": values["spike_load"] * scale,
            "queue_bound": None if bound is None else round(bound * scale),
        }
    ), scale


def _lowest(settings: Settings, runs: int) -> float:
    return min(run(dataclasses.replace(settings, seed=settings.seed + n)).availability or 0.0 for n in range(runs))
