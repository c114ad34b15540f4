"""What the settings of the services along a chain contradict in each other, found without a request being sent.

Each service says how long it waits for the next one, how often it asks again, what it accepts, and how long it
takes. Alone every setting is sensible; `check` compares neighbours, and names the two settings and the cure.
It reads what somebody wrote down: a setting that a service ignores, or that something overrides, looks here as if it
were in force.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from math import fsum, prod
from typing import Any

from companion.parameters import ParameterError

TRIES = 10
"""More tries of the last service than this for one request are a storm in waiting."""


@dataclass(frozen=True)
class Service:
    """What a service is configured to do; None where it has no such limit.

    Attributes
    ----------
    name : str
        Its name in what is said about it.
    timeout : float
        How long it waits for the next service, or for its own work if it is the last, in s.
    retries : int
        How often it asks again.
    backoffs : tuple of float
        The pauses before each retry, in s; none if it asks at once.
    idempotent : bool
        Whether a request that comes twice takes effect once.
    latency : float or None
        How long it typically takes until it answers (measured, at the median), in s. A timeout below it is nonsense,
        one above it may be, too: see `p99`.
    p99 : float or None
        In what time 99 of 100 tries are answered (measured), in s: what a timeout should be set from.
    deadline : bool
        Whether it stops working on a request when its caller leaves, by a deadline that came with it.
    keep_alive : float or None
        How long it keeps an unused connection to the next service, in s.
    idle_timeout : float or None
        After which time it closes a connection on which nothing arrives, in s.
    sends, accepts : int or None
        The largest message that it sends to the next, and that it takes, in bytes.
    batch, batch_limit : int or None
        How many records it sends in one request, and how many it takes.
    """

    name: str
    timeout: float
    retries: int = 0
    backoffs: tuple[float, ...] = ()
    idempotent: bool = False
    latency: float | None = None
    p99: float | None = None
    deadline: bool = False
    keep_alive: float | None = None
    idle_timeout: float | None = None
    sends: int | None = None
    accepts: int | None = None
    batch: int | None = None
    batch_limit: int | None = None

    def __post_init__(self) -> None:
        if self.timeout <= 0 or self.retries < 0 or len(self.backoffs) not in (0, self.retries):
            raise ParameterError(
                f"{self.name}: timeout must be above 0 s, retries 0 or more, and backoffs none or one for each of "
                f"{self.retries} retries; there are timeout = {self.timeout:g}, {len(self.backoffs)} backoffs"
            )

    @property
    def worst(self) -> float:
        """The longest that it can take before it answers or fails, in s."""
        return self.timeout * (self.retries + 1) + fsum(self.backoffs)


@dataclass(frozen=True)
class Contradiction:
    """Two settings that do not go together.

    Attributes
    ----------
    rule : str
        ``timeout``, ``latency``, ``retries``, ``idempotency``, ``keep-alive``, ``message size`` or ``batch``.
    where : tuple of str
        The two settings, as ``service.setting``.
    message : str
        What goes wrong, with the values.
    cure : str
        What to set.
    """

    rule: str
    where: tuple[str, str]
    message: str
    cure: str


def service_from(values: Mapping[str, Any]) -> Service:
    """Make a service of a table read from TOML or YAML.

    Raises
    ------
    companion.parameters.ParameterError
        If a name is unknown, one that is needed is missing, or a value makes no sense.
    """
    known = [field.name for field in fields(Service)]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise ParameterError(f"{unknown[0]} is no setting of a service: there are {', '.join(known)}")
    missing = [name for name in ("name", "timeout") if name not in values]
    if missing:
        raise ParameterError(f"a service needs {missing[0]}")
    return Service(**{**values, "backoffs": tuple(values.get("backoffs", ()))})


def check(chain: Sequence[Service]) -> list[Contradiction]:
    """Find what contradicts along a chain, given from the caller to the last service.

    The last service's `timeout` and `retries` are about its own work, such as its database.
    """
    found = [problem for caller, callee in pairwise(chain) for problem in _between(caller, callee)]
    if chain and (hasty := _latency(chain[-1], chain[-1])) is not None:
        found.append(hasty)  # the last service waits for its own work
    return found + _multiplied(chain)


def _between(caller: Service, callee: Service) -> list[Contradiction]:
    rules = (_timeout, _latency, _idempotency, _keep_alive, _size, _batch)
    return [problem for rule in rules if (problem := rule(caller, callee)) is not None]


def _timeout(caller: Service, callee: Service) -> Contradiction | None:
    if caller.timeout >= callee.worst or callee.deadline:
        return None
    return Contradiction(
        "timeout",
        (f"{caller.name}.timeout", f"{callee.name}.timeout"),
        f"{caller.name} waits {caller.timeout:g} s, and {callee.name} can take {callee.worst:g} s: "
        f"{callee.timeout:g} s times {callee.retries + 1} tries, and {fsum(callee.backoffs):g} s of pauses",
        f"send {caller.name}'s deadline along and let {callee.name} stop at it, or set {caller.name}.timeout to "
        f"{_rounded(callee.worst, ROUND_CEILING)} or more" + _shorter(caller, callee),
    )


def _shorter(caller: Service, callee: Service) -> str:
    """Say how short the callee's own timeout would have to be, if that leaves it the time that it takes."""
    left = (caller.timeout - fsum(callee.backoffs)) / (callee.retries + 1)
    told = _rounded(left, ROUND_FLOOR)
    enough = float(told) > 0 and float(told) >= max(callee.latency or 0, callee.p99 or 0)
    return f", or {callee.name}.timeout to {told} or less" if enough else ""


def _latency(caller: Service, callee: Service) -> Contradiction | None:
    """Compare how long somebody waits with how long that takes: at the median half of all tries would be in vain."""
    measured = (
        ("latency", callee.latency, "needs {} s at p50: half of all tries are in vain", "well above"),
        ("p99", callee.p99, "needs {} s at p99: over one try in 100 is in vain", "above"),
    )
    for name, seconds, takes, above in measured:
        if seconds is not None and caller.timeout < seconds:
            whose = "its work" if caller is callee else callee.name
            return Contradiction(
                "latency",
                (f"{caller.name}.timeout", f"{callee.name}.{name}"),
                f"{caller.name} waits {caller.timeout:g} s, and {whose} {takes.format(f'{seconds:g}')}",
                f"set {caller.name}.timeout {above} {_rounded(seconds, ROUND_CEILING)}",
            )
    return None


def _rounded(seconds: float, way: str) -> str:
    """Write seconds to the millisecond, rounded so that who follows the advice is on the safe side."""
    return f"{Decimal(seconds).quantize(Decimal('0.001'), way).normalize():f}"


def _idempotency(caller: Service, callee: Service) -> Contradiction | None:
    if not caller.retries or callee.idempotent:
        return None
    return Contradiction(
        "idempotency",
        (f"{caller.name}.retries", f"{callee.name}.idempotent"),
        f"{caller.name} asks up to {caller.retries + 1} times, and {callee.name} does it every time",
        f"let {callee.name} know a request by its key, or set {caller.name}.retries to 0",
    )


def _keep_alive(caller: Service, callee: Service) -> Contradiction | None:
    if caller.keep_alive is None or callee.idle_timeout is None or caller.keep_alive < callee.idle_timeout:
        return None
    return Contradiction(
        "keep-alive",
        (f"{caller.name}.keep_alive", f"{callee.name}.idle_timeout"),
        f"{caller.name} keeps a connection {caller.keep_alive:g} s, and {callee.name} closes it after "
        f"{callee.idle_timeout:g} s: a request can meet the closing",
        f"set {caller.name}.keep_alive below {callee.idle_timeout:g}",
    )


def _size(caller: Service, callee: Service) -> Contradiction | None:
    if caller.sends is None or callee.accepts is None or caller.sends <= callee.accepts:
        return None
    return Contradiction(
        "message size",
        (f"{caller.name}.sends", f"{callee.name}.accepts"),
        f"{caller.name} sends up to {caller.sends:,} bytes, and {callee.name} takes {callee.accepts:,}",
        f"set {callee.name}.accepts to {caller.sends} or more, or split what {caller.name} sends",
    )


def _batch(caller: Service, callee: Service) -> Contradiction | None:
    if caller.batch is None or callee.batch_limit is None or caller.batch <= callee.batch_limit:
        return None
    return Contradiction(
        "batch",
        (f"{caller.name}.batch", f"{callee.name}.batch_limit"),
        f"{caller.name} sends {caller.batch} records at once, and {callee.name} takes {callee.batch_limit}",
        f"set {caller.name}.batch to {callee.batch_limit} or less",
    )


def _multiplied(chain: Sequence[Service]) -> list[Contradiction]:
    """Find out whether retries at several places make one request many."""
    retrying = [service for service in chain if service.retries]
    tries = prod(service.retries + 1 for service in chain)
    if len(retrying) < 2 or tries <= TRIES:
        return []
    first, last = retrying[0], retrying[-1]
    factors = " x ".join(str(service.retries + 1) for service in retrying)
    return [
        Contradiction(
            "retries",
            (f"{first.name}.retries", f"{last.name}.retries"),
            f"one request becomes up to {factors} = {tries} tries at the end of the chain",
            f"retry in one place: set retries to 0 in all but {last.name}",
        )
    ]


def ends_of(settings: Any) -> tuple[Service, Service]:
    """Give systems A and B of a simulation's settings as a chain, so that both can be asked about one configuration."""
    calls = settings.failure_scenario == "configuration"
    return (
        Service("A", settings.upstream_timeout, settings.upstream_retries),
        Service("B", settings.downstream_timeout, settings.downstream_retries,
                idempotent=settings.delivery == "exactly_once",
                latency=settings.latency if calls else None, deadline=settings.deadlines and calls),
    )  # fmt: skip
