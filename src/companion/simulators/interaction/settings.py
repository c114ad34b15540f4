"""What can be set: which interaction fails, what flows, and how the two systems wait, repeat and share.

The defaults are the chapter's: 20 requests a second from system A (upstream) to system B (downstream).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from companion.parameters import Preset, check, parameter
from companion.simulators.size import check_size

SCENARIOS = ("metadata", "schema", "configuration", "api", "types")
DATA_PLANE = ("metadata", "schema", "types")
PLANES = {**dict.fromkeys(DATA_PLANE, "data"), "configuration": "management", "api": "control"}
"""To which of the three planes of Tang et al. (EuroSys 2023) each scenario belongs."""

_DATA = {"failure_scenario": DATA_PLANE}
_CALLS = {"failure_scenario": ("configuration",)}
_API_ONLY = {"failure_scenario": ("api",)}
_MOVING = {"failure_scenario": ("configuration", "api")}


@dataclass(frozen=True)
class Settings:
    """The parameters of one run; `companion.parameters.describe` lists their units, ranges and meaning.

    Raises
    ------
    companion.parameters.ParameterError
        If a value is out of its range, or the run too large.
    """

    # fmt: off
    failure_scenario: str = parameter(
        "metadata",
        "Which interaction fails: metadata mismatch (a time as a long or as a timestamp), schema conflict (latin-1 or "
        "utf-8), configuration incoherence (timeouts and retries), API semantic violation (delivery and threads) or "
        "type confusion (numbers as float, as decimal or as integer).",
        choices=SCENARIOS, label="what the two disagree about")
    duration: float = parameter(60.0, "How long system A sends.", unit="s", minimum=1, maximum=10_000, useful=(10, 300),
        label="A sends for")
    request_rate: float = parameter(20.0, "What A sends, at random moments.",
        unit="requests/s", minimum=0.1, maximum=5000, useful=(1, 200), label="A sends")
    odd_share: float = parameter(
        0.3,
        "The share of records with a value that the two read differently: a time in milliseconds, a name that is not "
        "plain ASCII, an amount with tax, a number of 64 bits.",
        minimum=0, maximum=1, useful=(0, 1), group="Data", when=_DATA, label="share of odd records")
    shared_schema: bool = parameter(
        False, "Whether both keep one written schema: times as ISO 8601, text as utf-8, numbers as decimal text.",
        group="Data", when=_DATA, label="both keep one schema")
    encodings: str = parameter("latin-1 to utf-8", "What A writes and what B reads, for text.",
        choices=("latin-1 to utf-8", "utf-8 to latin-1"), group="Data",
        when={"failure_scenario": ("schema",), "shared_schema": (False,)}, label="A writes, B reads")
    numbers: str = parameter("amounts",
        "What is confused: an amount that A holds in binary and B in decimal, or an order number of up to 64 bits "
        "that B reads into a binary float.",
        choices=("amounts", "order numbers"), group="Data", when={"failure_scenario": ("types",)},
        label="which numbers")
    on_error: str = parameter(
        "strict", "What a system does with a value that it cannot convert: raise, or put something in its place.",
        choices=("strict", "replace"), group="Data", when={**_DATA, "shared_schema": (False,)},
        label="what cannot be converted")
    upstream_timeout: float = parameter(30.0, "How long A waits for B's answer.",
        unit="s", minimum=0.01, maximum=10_000, useful=(0.1, 120), group="Waiting", when=_MOVING, label="A waits")
    upstream_retries: int = parameter(3, "How often A asks again.",
        unit="retries", minimum=0, maximum=20, useful=(0, 10), group="Waiting", when=_MOVING, label="A asks again")
    downstream_timeout: float = parameter(60.0, "How long B waits for its own backend.",
        unit="s", minimum=0.01, maximum=10_000, useful=(0.1, 120), group="Waiting", when=_CALLS,
        label="B waits for its backend")
    downstream_retries: int = parameter(5, "How often B asks its backend again.",
        unit="retries", minimum=0, maximum=20, useful=(0, 10), group="Waiting", when=_CALLS,
        label="B asks its backend again")
    latency: float = parameter(
        25.0,
        "The median time that B's backend needs, or that a message takes between A and B if the API is at fault.",
        unit="s", minimum=0.001, maximum=1000, useful=(0.01, 60), group="Waiting", when=_MOVING,
        label="median latency")
    latency_spread: float = parameter(0.7, "How far those times spread: the deviation of their logarithm (log-normal).",
        minimum=0, maximum=3, useful=(0, 2), group="Waiting", when=_MOVING, label="spread of the latency")
    keeps_latency: bool = parameter(
        False, "Whether a request takes as long when it is asked again, as one for much data does; if not, each try "
        "draws a new time, as when one machine of many is slow.",
        group="Waiting", when=_CALLS, label="a retry takes as long again")
    deadlines: bool = parameter(
        False, "Whether a request carries the moment at which A leaves, and B stops then.",
        group="Waiting", when=_CALLS, label="B stops when A leaves")
    delivery: str = parameter(
        "at_least_once", "Whether B does a repeated request again, or knows it by its idempotency key.",
        choices=("at_least_once", "exactly_once"), group="Semantics", when=_MOVING,
        label="a repeated request takes effect")
    loss: float = parameter(0.05, "The share of messages that are lost, requests and acknowledgements alike.",
        minimum=0, maximum=1, useful=(0, 0.5), group="Semantics", when=_API_ONLY, label="share of messages lost")
    thread_safe: bool = parameter(True, "Whether B's read, change and write of an account exclude each other.",
        group="Semantics", when=_API_ONLY, label="a lock for each account")
    accounts: int = parameter(10, "Accounts that the requests add to: the fewer, the more meet at one.",
        unit="accounts", minimum=1, maximum=100_000, useful=(1, 100), group="Semantics", when=_API_ONLY)
    apply_time: float = parameter(20.0, "What passes in B between reading an account and writing it.",
        unit="ms", minimum=0, maximum=10_000, useful=(0, 500), group="Semantics", when=_API_ONLY,
        label="from read to write")
    seed: int = parameter(11, "Where every random draw comes from.", minimum=0, maximum=2**32 - 1)
    # fmt: on

    def __post_init__(self) -> None:
        check(self)
        check_size(self)


_CHAIN: dict[str, Any] = {"failure_scenario": "configuration"}
_API: dict[str, Any] = {
    "failure_scenario": "api", "upstream_timeout": 1.0, "latency": 0.05, "downstream_timeout": 0.5,
    "downstream_retries": 0,
}  # fmt: skip
_KEYED: dict[str, Any] = {**_API, "delivery": "exactly_once"}

PRESETS: Mapping[str, Preset[Settings]] = MappingProxyType(
    {
        "metadata_mismatch": Preset(
            Settings, "Some clients write a date of birth as milliseconds; B takes every long for seconds."),
        "metadata_null": Preset(
            Settings, "The same, with a reader that puts NULL where a value is out of range: nothing is loud.",
            {"on_error": "replace"}),
        "schema_conflict": Preset(
            Settings, "A writes names in latin-1, B reads utf-8 and raises.", {"failure_scenario": "schema"}),
        "schema_mojibake": Preset(
            Settings, "The other way round: every byte is a letter of latin-1, so nobody raises.",
            {"failure_scenario": "schema", "encodings": "utf-8 to latin-1"}),
        "type_confusion": Preset(
            Settings, "A adds the tax in binary, B rounds to cents: some half cents go the wrong way.",
            {"failure_scenario": "types", "on_error": "replace"}),
        "type_strict": Preset(
            Settings, "The same amounts, and a B that refuses what its column cannot hold.",
            {"failure_scenario": "types"}),
        "order_number": Preset(
            Settings, "A sends order numbers of up to 64 bits, B reads them into a float of 53.",
            {"failure_scenario": "types", "numbers": "order numbers", "on_error": "replace"}),
        "premature_timeout": Preset(
            Settings, "A gives up after 30 s and asks again; B allows its backend 60 s and five retries.", _CHAIN),
        "slow_requests": Preset(
            Settings, "The same timeouts, and a slow request that is as slow when it is asked again.",
            {**_CHAIN, "keeps_latency": True}),
        "deadline": Preset(
            Settings, "The same timeouts, and a B that stops when A leaves: nothing is done twice, as much fails.",
            {**_CHAIN, "deadlines": True}),
        "coherent": Preset(
            Settings, "A waits longer than the longest that B can take, and leaves the retries to B.",
            {**_CHAIN, "upstream_timeout": 400.0, "upstream_retries": 0}),
        "at_least_once": Preset(
            Settings, "Acknowledgements are lost, A sends again, and B adds again.", _API),
        "exactly_once": Preset(
            Settings, "The same losses, and a B that knows a request by its key.",
            _KEYED),
        "lost_update": Preset(
            Settings, "No message is lost, and two threads of B write the same account: the first write is gone.",
            {**_KEYED, "loss": 0.0, "thread_safe": False}),
        "synchronised": Preset(
            Settings, "The same, with a lock for each account.", {**_KEYED, "loss": 0.0}),
        "shared_schema": Preset(
            Settings, "Amounts as decimal text, by a schema that both keep: nothing is lost.",
            {"failure_scenario": "types", "shared_schema": True}),
    }
)  # fmt: skip
