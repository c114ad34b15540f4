"""What can be set: the service, its callers, the load, the trigger, and the policy that is on trial.

The defaults are the reference scenario of the chapter, and it collapses: ten servers with an exponential service time
of 0.1 s (a capacity of 100 requests/s), callers who wait 1 s and try again three times at once, 70 requests/s, and
140 for the ten seconds from t = 60 s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from companion.parameters import ParameterError, Preset, check, parameter

POLICIES = ("immediate", "backoff", "full_jitter", "budget", "breaker", "aimd", "shedding", "lifo", "codel")
PATTERNS = ("constant", "spike", "ramp", "cache_flush", "outage")
DELAYS = ("immediate", "backoff", "full_jitter")

_WAITS = ({"policy": ("backoff", "full_jitter"), "backoff_enabled": (None, True)}, {"backoff_enabled": (True,)})
_CACHED = {"pattern": ("cache_flush",)}

Intervention = tuple[float, str, float]
"""When (s), what (``retries``, ``load`` or ``queue``), and to which value."""


@dataclass(frozen=True)
class Settings:
    """The parameters of one run; `companion.parameters.describe` lists their units, ranges and meaning.

    Raises
    ------
    companion.parameters.ParameterError
        If a value is out of its range, or two of them contradict each other.
    """

    # fmt: off
    policy: str = parameter(
        "immediate",
        "What is done about failures; the first three say when a retry is sent, the others add one defence.",
        choices=POLICIES)
    backoff_enabled: bool | None = parameter(
        None, "Whether retries wait: false is immediate, true is full_jitter (or backoff, where that is the policy); "
        "none leaves it to the policy.", group="Defences")
    backoff_base: float = parameter(0.1, "The first retry waits so long (full jitter: at most so long).",
        unit="s", minimum=0, maximum=600, useful=(0, 20), group="Defences", when=_WAITS)
    backoff_cap: float = parameter(60.0, "No retry waits longer, however often the delay has doubled.",
        unit="s", minimum=0, maximum=3600, useful=(0, 120), group="Defences", when=_WAITS)
    budget_ratio: float = parameter(0.1, "Policy budget: tokens that each first attempt earns; a retry spends one.",
        minimum=0, maximum=10, useful=(0, 1), group="Defences", when={"policy": ("budget",)},
        label="budget: tokens a request")
    budget_cap: float = parameter(10.0, "Policy budget: tokens that can be saved up.",
        minimum=0, maximum=10000, useful=(0, 100), group="Defences", when={"policy": ("budget",)},
        label="budget: most tokens")
    breaker_threshold: float = parameter(0.5, "Policy breaker: the share of failures at which it opens.",
        minimum=0.01, maximum=1, useful=(0.05, 1), group="Defences", when={"policy": ("breaker",)})
    breaker_open_s: float = parameter(5.0, "Policy breaker: how long it stays open before it lets one request try.",
        unit="s", minimum=0, maximum=600, useful=(0, 60), group="Defences", when={"policy": ("breaker",)},
        label="breaker stays open")
    shed_margin: float = parameter(
        0.1, "Policy shedding: a server drops what has less than this left before its caller gives up.",
        unit="s", minimum=0, maximum=600, useful=(0, 2), group="Defences", when={"policy": ("shedding",)})
    codel_target: float = parameter(
        0.05, "Policy codel: a wait that is below this once in every interval is no queue that stands.",
        unit="s", minimum=0.0001, maximum=60, useful=(0.005, 0.5), group="Defences", when={"policy": ("codel",)})
    codel_interval: float = parameter(
        0.1, "Policy codel: how long the wait must stay above the target before something is dropped.",
        unit="s", minimum=0.001, maximum=600, useful=(0.05, 2), group="Defences", when={"policy": ("codel",)})
    server_capacity: int = parameter(10, "Requests served at the same time; more of them wait.",
        unit="servers", minimum=1, maximum=1000, useful=(1, 50), group="Service", label="workers")
    base_latency: float = parameter(0.1, "The mean time that a server works on a request.",
        unit="s", minimum=0.001, maximum=60, useful=(0.01, 1), group="Service", label="mean service time")
    concurrency_slope: float = parameter(0.0, "What each request in service adds to that time.",
        unit="s per request", minimum=0, maximum=10, useful=(0, 0.02), group="Service",
        label="slower for each neighbour")
    service: str = parameter("exponential", "How service times are distributed around their mean.",
        choices=("fixed", "exponential"), group="Service", label="service times")
    timeout: float = parameter(1.0, "How long a caller waits for an answer.",
        unit="s", minimum=0.01, maximum=600, useful=(0.1, 10))
    max_retries: int = parameter(3, "How often a caller tries again.",
        unit="retries", minimum=0, maximum=20, useful=(0, 10), label="retries")
    queue_bound: int | None = parameter(
        None, "How many may wait, not counting those in service; none means any number.",
        unit="requests", minimum=0, maximum=1_000_000, useful=(0, 1000), label="places in the queue")
    refusal: str = parameter(
        "told", "Whether a caller who is refused is told at once, or waits in vain until the timeout.",
        choices=("told", "silent"), group="Service")
    refusal_cost: float = parameter(
        0.0, "How long a server is kept busy by each attempt that is refused, or that a server drops.",
        unit="s", minimum=0, maximum=60, useful=(0, 0.1), group="Service", label="cost of a refusal")
    pattern: str = parameter("spike", "How the load changes, or what goes wrong.", choices=PATTERNS,
        label="what happens")
    load: float = parameter(70.0, "Requests that callers begin (ramp: at the bottom).",
        unit="requests/s", minimum=0, maximum=10000, useful=(0, 200), when={"clients": ("open",)})
    spike_load: float = parameter(140.0, "The load during a spike.",
        unit="requests/s", minimum=0, maximum=10000, useful=(0, 400), when={"pattern": ("spike",)})
    spike_start: float = parameter(60.0, "When the spike or the outage begins, or the cache is flushed.",
        unit="s", minimum=0, maximum=100_000, useful=(0, 300), group="Load and trigger",
        when={"pattern": ("spike", "outage", "cache_flush")})
    spike_seconds: float = parameter(10.0, "How long the spike or the outage lasts.",
        unit="s", minimum=0, maximum=100_000, useful=(0, 60), when={"pattern": ("spike", "outage")},
        label="length of the spike")
    ramp_top: float = parameter(150.0, "The ramp's highest load.",
        unit="requests/s", minimum=0, maximum=10000, useful=(0, 300), group="Load and trigger",
        when={"pattern": ("ramp",)})
    ramp_step: float = parameter(10.0, "How much a step of the ramp adds or takes away.",
        unit="requests/s", minimum=0.1, maximum=10000, useful=(1, 50), group="Load and trigger",
        when={"pattern": ("ramp",)})
    ramp_step_seconds: float = parameter(60.0, "How long a step of the ramp lasts.",
        unit="s", minimum=1, maximum=10000, useful=(10, 300), group="Load and trigger", when={"pattern": ("ramp",)})
    clients: str = parameter(
        "open",
        "Open: requests arrive whatever became of the others. Closed: each client waits for its own, then thinks.",
        choices=("open", "closed"), group="Callers")
    client_count: int = parameter(180, "Closed clients: how many.",
        unit="clients", minimum=1, maximum=100_000, useful=(1, 1000), group="Callers",
        when={"clients": ("closed",)}, label="clients")
    think_time: float = parameter(2.0, "Closed clients: the mean pause before the next request.",
        unit="s", minimum=0.001, maximum=3600, useful=(0.1, 20), group="Callers", when={"clients": ("closed",)})
    cache_keys: int = parameter(1000, "Pattern cache_flush: how many keys there are.",
        unit="keys", minimum=1, maximum=1_000_000, useful=(1, 5000), group="Cache", when=_CACHED)
    cache_exponent: float = parameter(1.0, "Pattern cache_flush: the key of rank r is asked for r ** -this as often.",
        minimum=0, maximum=5, useful=(0, 3), group="Cache", when=_CACHED)
    cache_ttl: float = parameter(60.0, "Pattern cache_flush: how long a cached answer is good.",
        unit="s", minimum=0.1, maximum=100_000, useful=(1, 300), group="Cache", when=_CACHED)
    cache_fill: str = parameter(
        "on_time", "Pattern cache_flush: whether an answer that comes after its caller gave up still fills the cache.",
        choices=("on_time", "late"), group="Cache", when=_CACHED)
    single_flight: bool = parameter(
        False, "Pattern cache_flush: whether one who misses a key that is already asked for waits for that answer, "
        "instead of asking again.", group="Cache", when=_CACHED)
    set_retries_at: float | None = parameter(
        None, "When the number of retries is changed in the running service; none is never.",
        unit="s", minimum=0, maximum=100_000, useful=(0, 600), group="Interventions", label="change the retries at")
    set_retries_to: int = parameter(
        0, "What it is changed to.", unit="retries", minimum=0, maximum=20, useful=(0, 10), group="Interventions",
        label="to")
    cut_load_at: float | None = parameter(
        None, "When new requests begin to be turned away at the door; none is never.",
        unit="s", minimum=0, maximum=100_000, useful=(0, 600), group="Interventions",
        label="turn callers away at")
    cut_load_to: float = parameter(
        20.0, "How many requests are still let in then.",
        unit="requests/s", minimum=0, maximum=10000, useful=(0, 100), group="Interventions",
        when={"clients": ("open",)}, label="down to")
    drop_queue_at: float | None = parameter(
        None, "When everything that waits is thrown away, as by a restart; none is never.",
        unit="s", minimum=0, maximum=100_000, useful=(0, 600), group="Interventions", label="drop the queue at")
    duration: float = parameter(360.0, "How long the run lasts.",
        unit="s", minimum=1, maximum=100_000, useful=(60, 1800), group="Load and trigger")
    seed: int = parameter(11, "Where every random draw comes from.", minimum=0, maximum=2**32 - 1)
    # fmt: on

    def __post_init__(self) -> None:
        check(self)
        if self.policy == "shedding" and self.shed_margin >= self.timeout:
            raise ParameterError(
                f"shed_margin = {self.shed_margin:g} is not accepted: it takes 0 to less than the timeout, "
                f"{self.timeout:g} s"
            )
        if self.clients == "closed" and self.pattern in ("spike", "ramp"):
            raise ParameterError(
                f"pattern = {self.pattern!r} is not accepted: with clients = closed, who set their own load, "
                "it takes constant | cache_flush | outage"
            )
        if self.clients == "closed" and self.cut_load_at is not None:
            raise ParameterError(
                f"cut_load_at = {self.cut_load_at:g} is not accepted: with clients = closed, who set their own load, "
                "it takes none"
            )
        if self.pattern == "ramp" and self.ramp_top < self.load:
            raise ParameterError(
                f"ramp_top = {self.ramp_top:g} is not accepted: it takes {self.load:g} requests/s, the load, or more"
            )

    @property
    def delay(self) -> str:
        """When a retry is sent: ``immediate``, ``backoff`` or ``full_jitter``."""
        own = self.policy if self.policy in DELAYS else "immediate"
        if self.backoff_enabled is None:
            return own
        if not self.backoff_enabled:
            return "immediate"
        return own if own != "immediate" else "full_jitter"

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        """What somebody changes in the running service, in the order in which it is done."""
        planned = (
            (self.set_retries_at, "retries", float(self.set_retries_to)),
            (self.cut_load_at, "load", self.cut_load_to),
            (self.drop_queue_at, "queue", 0.0),
        )
        due = [(at, what, to) for at, what, to in planned if at is not None]
        return tuple(sorted(due, key=lambda one: one[0]))  # at one time, as they stand: callers first, then the queue

    @property
    def capacity(self) -> float:
        """What all servers together finish when none is idle, in requests/s."""
        return self.server_capacity / (self.base_latency + self.concurrency_slope * self.server_capacity)


_CLOSED: dict[str, Any] = {"clients": "closed", "pattern": "outage"}
_NIGHT: dict[str, Any] = {"duration": 900.0}
_CACHE: dict[str, Any] = {"pattern": "cache_flush", "load": 1000.0, "spike_start": 100.0, "duration": 300.0}

PRESETS: Mapping[str, Preset[Settings]] = MappingProxyType(
    {
        "collapse": Preset(Settings, "A ten-second spike; callers retry at once; it never recovers."),
        "recovers": Preset(Settings, "The same with a 10 % retry budget: it recovers.", {"policy": "budget"}),
        "no_retries": Preset(Settings, "The same without retries: it recovers.", {"max_retries": 0}),
        "one_retry": Preset(
            Settings, "The same with one retry: 140 attempts/s are still too many.", {"max_retries": 1}
        ),
        "full_jitter": Preset(
            Settings,
            "Exponential backoff with full jitter, base 1 s: no rescue for an open crowd.",
            {"policy": "full_jitter", "backoff_base": 1.0},
        ),
        "breaker": Preset(Settings, "A circuit breaker that opens at 50 % failures.", {"policy": "breaker"}),
        "aimd": Preset(Settings, "Callers adapt how many requests they keep in flight.", {"policy": "aimd"}),
        "lifo": Preset(Settings, "The newest request is served first.", {"policy": "lifo"}),
        "shedding_naive": Preset(
            Settings,
            "Servers drop what is older than the timeout, and start much that will end too late.",
            {"policy": "shedding", "shed_margin": 0.0},
        ),
        "shedding": Preset(
            Settings,
            "Servers drop what has less than the mean service time left: it recovers.",
            {"policy": "shedding", "shed_margin": 0.1},
        ),
        "codel": Preset(
            Settings, "Controlled delay: a server drops from a queue that stands, and ever faster.", {"policy": "codel"}
        ),
        "bounded_queue": Preset(
            Settings, "At most 50 requests wait, the rest is refused: it recovers.", {"queue_bound": 50}
        ),
        "long_queue": Preset(
            Settings, "At most 1000 requests wait: ten times what the callers' patience allows.", {"queue_bound": 1000}
        ),
        "silent_refusal": Preset(
            Settings,
            "At most 110 wait, and who is refused is not told: a tenth more than the patience is too much.",
            {"queue_bound": 110, "refusal": "silent"},
        ),
        "short_spike": Preset(
            Settings, "A spike of two seconds: most runs survive it, some do not.", {"spike_seconds": 2.0}
        ),
        "coordination": Preset(
            Settings,
            "No spike, but servers that slow each other down until the retries take over.",
            {"pattern": "constant", "concurrency_slope": 0.004},
        ),
        "load_cut": Preset(
            Settings,
            "Two minutes into the collapse all but 20 requests/s are turned away: nothing changes.",
            {**_NIGHT, "cut_load_at": 180.0, "cut_load_to": 20.0},
        ),
        "retries_off": Preset(
            Settings,
            "Two minutes into the collapse nobody tries again any more: the backlog takes minutes to drain.",
            {**_NIGHT, "set_retries_at": 180.0},
        ),
        "queue_dropped": Preset(
            Settings,
            "Two minutes into the collapse the queue is thrown away: it is down again within seconds.",
            {**_NIGHT, "drop_queue_at": 180.0},
        ),
        "way_out": Preset(
            Settings,
            "Two minutes into the collapse the queue is thrown away and nobody tries again: it is over at once.",
            {**_NIGHT, "set_retries_at": 180.0, "drop_queue_at": 180.0},
        ),
        "hysteresis": Preset(
            Settings,
            "The load goes up in steps and comes down again; the goodput takes another way back.",
            {"pattern": "ramp", "load": 10.0, "queue_bound": 1000, "duration": 1740.0},
        ),
        "closed_outage": Preset(
            Settings, "180 clients who wait for their answer; an outage; immediate retries.", _CLOSED
        ),
        "closed_outage_jitter": Preset(
            Settings,
            "The same clients with full jitter of means 1, 2 and 4 s: here it is the cure.",
            {**_CLOSED, "policy": "full_jitter", "backoff_base": 2.0},
        ),
        "cache_flush": Preset(Settings, "A cache before a database is emptied, and never fills again.", _CACHE),
        "cache_flush_late": Preset(
            Settings,
            "The same, but late answers fill the cache too: it climbs back slowly.",
            {**_CACHE, "cache_fill": "late"},
        ),
        "cache_flush_bounded": Preset(
            Settings, "The same with at most 50 waiting at the database: it recovers.", {**_CACHE, "queue_bound": 50}
        ),
        "cache_flush_single_flight": Preset(
            Settings,
            "The same, but the database is asked once for a key, however many miss it: hardly anybody notices.",
            {**_CACHE, "single_flight": True},
        ),
    }
)
