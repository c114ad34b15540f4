"""What can be set: the replicas and their quorums, the network, what breaks, the clocks, and what the clients ask for.

The defaults are five replicas, 20 ms from six serial clients, with majorities for reads and writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from companion.parameters import ParameterError, Preset, check, parameter
from companion.simulators.consistency.delays import NETWORKS
from companion.simulators.partition import Partition

LEVELS = ("one", "one+gossip", "majority", "majority+writeback", "all", "custom", "timeline", "failover")
"""What an operation waits for. At the last two a primary orders the writes, and what is set of repair, clocks and
membership does not matter."""

FORMERLY = {"weak": "one", "eventual": "one+gossip", "strong": "majority", "linearizable": "all"}
"""The levels' names in the first edition, which spoke of what they were hoped to promise."""

QUORUMS: dict[str, tuple[Any, ...]] = {"consistency_level": tuple(one for one in LEVELS if one not in LEVELS[-2:])}
"""The levels at which replicas are equals."""

SHORTEST = 0.1
"""What an operation and the pause after it take at least (ms): without any, a run would have no end."""


@dataclass(frozen=True)
class Settings(Partition):
    """The parameters of one run; `companion.parameters.describe` lists their units, ranges and meaning.

    Raises
    ------
    companion.parameters.ParameterError
        If a value is out of its range, a quorum or a fault is larger than the cluster, or an operation takes no time.
    """

    # fmt: off
    consistency_level: str = parameter("majority",
        "What an operation waits for: one replica, one with anti-entropy behind (one+gossip), a majority (R+W>N), a "
        "majority that a read first tells what it saw (majority+writeback), all, or read_quorum and write_quorum "
        "(custom). Or who orders the writes: a node of its own for each key, read at the nearest replica (timeline), "
        "or one for all keys, read there, and replaced if it is not heard of (failover, with write_quorum).",
        choices=LEVELS, formerly=FORMERLY,
        label="what an operation waits for")
    n_nodes: int = parameter(5, "Replicas, N.", unit="nodes", minimum=1, maximum=15, useful=(3, 9),
        label="replicas, N")
    read_quorum: int = parameter(1, "R, for the level custom.", unit="nodes", minimum=1, maximum=15, useful=(1, 5),
        label="R", when={"consistency_level": ("custom",)})
    write_quorum: int = parameter(1, "W, for the levels custom and failover.", unit="nodes", minimum=1, maximum=15,
        useful=(1, 5),
        label="W", when={"consistency_level": ("custom", "failover")})
    confirm_reads: bool = parameter(False,
        "Whether a primary that may have been replaced (failover) first asks a majority whether it still is the one, "
        "and only then answers a read (ReadIndex).",
        label="the primary confirms itself before a read", when={"consistency_level": ("failover",)})
    network: str = parameter("lan",
        "How long a message takes, one way: near network_latency (lan), but a twentieth to the nearest replica "
        "(wan), exponential (there and back in one), or the fits of LinkedIn's stores (ssd, disk), which ignore it.",
        choices=NETWORKS, group="Network")
    network_latency: float = parameter(20.0, "What a message takes on average, one way.",
        unit="ms", minimum=0, maximum=10_000, useful=(0, 200),
        label="a message, one way", when={"network": ("lan", "wan", "exponential")})
    base_latency: float = parameter(1.0, "What a replica needs to answer.",
        unit="ms", minimum=0, maximum=1000, useful=(0, 20), group="Network",
        label="a replica's work")
    loss: float = parameter(0.0, "The share of messages that are lost.", minimum=0, maximum=0.9, useful=(0, 0.3),
        group="Network",
        label="messages lost")
    timeout: float = parameter(1000.0, "How long a client waits before it gives up.",
        unit="ms", minimum=1, maximum=60_000, useful=(50, 5000), group="Network",
        label="a client gives up after")
    partition_active: bool = parameter(False, "Whether the last nodes are cut off for a while, with the clients there.",
        label="cut the network")
    partition_start: float = parameter(10.0, "When they are cut off.",
        unit="s", minimum=0, maximum=10_000, useful=(0, 30), group="Faults",
        label="the fault begins")
    partition_seconds: float = parameter(10.0, "How long they stay cut off.",
        unit="s", minimum=0, maximum=10_000, useful=(0, 30), group="Faults",
        label="the cut lasts", when={"partition_active": (True,)})
    cut_nodes: int = parameter(2, "How many nodes are cut off.", unit="nodes", minimum=1, maximum=15, useful=(1, 4),
        group="Faults",
        label="nodes cut off", when={"partition_active": (True,)})
    crashed_nodes: int = parameter(0, "How many nodes, the last ones, crash at partition_start, for good.",
        unit="nodes", minimum=0, maximum=15, useful=(0, 4), group="Faults",
        label="nodes that crash")
    membership: str = parameter("fixed",
        "Whether all nodes are replaced at partition_start while clients go on, each learning of it in its own time: "
        "not at all (fixed), at once (unsafe), or by way of a quorum of both the old and the new nodes (joint).",
        choices=("fixed", "unsafe", "joint"), group="Faults",
        label="replacing all nodes", when=QUORUMS)
    read_repair: str = parameter("none",
        "What a read does with the newest that it saw: nothing, tell the others afterwards (async), or before it "
        "answers (blocking).", choices=("none", "async", "blocking"), group="Repair",
        label="read repair", when=QUORUMS)
    hinted_handoff: bool = parameter(False, "Whether a reachable node keeps what an unreachable one should have.",
        group="Repair")
    sloppy_quorum: bool = parameter(False,
        "Whether other nodes stand in for unreachable ones, and count; implies hinted hand-off.", group="Repair")
    gossip_interval: float = parameter(200.0,
        "How often nodes exchange (one+gossip), hand over hints, or hear of their primary.",
        unit="ms", minimum=10, maximum=60_000, useful=(50, 2000), group="Repair",
        label="nodes exchange every",
        when=({"consistency_level": ("one+gossip", "timeline", "failover")}, QUORUMS | {"hinted_handoff": (True,)},
              QUORUMS | {"sloppy_quorum": (True,)}))
    versions: str = parameter("clock",
        "Where the version of a write comes from: the client's clock, or the highest that a quorum knows (query).",
        choices=("clock", "query"), group="Clocks",
        label="versions come from", when=QUORUMS)
    clock_skew: float = parameter(0.0, "How far the clock of client 1 is ahead.",
        unit="ms", minimum=0, maximum=60_000, useful=(0, 100), group="Clocks",
        label="one clock is ahead by", when=QUORUMS | {"versions": ("clock",)})
    clock_uncertainty: float = parameter(0.0, "The bound within which every clock is off, and known to be.",
        unit="ms", minimum=0, maximum=1000, useful=(0, 20), group="Clocks",
        label="clocks are off by up to")
    commit_wait: bool = parameter(False,
        "Whether a write is answered, or shown to a reader, only when its version is past on every clock.",
        group="Clocks",
        label="commit-wait", when=QUORUMS | {"versions": ("clock",)})
    n_clients: int = parameter(6, "Clients; client i lives beside node i, and does one thing after the other.",
        unit="clients", minimum=1, maximum=50, useful=(2, 20), group="Clients",
        label="clients")
    think_time: float = parameter(50.0, "What a client waits between two operations, on average.",
        unit="ms", minimum=0, maximum=60_000, useful=(0, 500), group="Clients",
        label="pause of a client")
    n_keys: int = parameter(5, "Registers, asked alike.", unit="keys", minimum=1, maximum=1000, useful=(1, 50),
        group="Clients",
        label="keys")
    write_ratio: float = parameter(0.3, "The share of operations that write.", minimum=0, maximum=1, useful=(0, 1),
        label="share of writes")
    duration: float = parameter(30.0, "How long clients ask.", unit="s", minimum=1, maximum=600, useful=(10, 60),
        label="clients ask for")
    seed: int = parameter(11, "Where every random draw comes from.", minimum=0, maximum=2**32 - 1)
    # fmt: on

    def __post_init__(self) -> None:
        check(self)
        asked = {
            "read_quorum": self.consistency_level == "custom",
            "write_quorum": self.consistency_level in ("custom", "failover"),
            "cut_nodes": self.partition_active,
            "crashed_nodes": True,
        }
        for name, matters in asked.items():
            if matters and getattr(self, name) > self.n_nodes:
                raise ParameterError(
                    f"{name} = {getattr(self, name)} is not accepted: with n_nodes = {self.n_nodes} it takes up to "
                    f"{self.n_nodes}"
                )
        least = self.network_latency + self.base_latency + self.think_time
        if self.network not in ("ssd", "disk") and least < SHORTEST:
            raise ParameterError(
                f"network_latency + base_latency + think_time = {least:g} ms is not accepted: together they take "
                f"{SHORTEST:g} ms or more"
            )

    @property
    def quorums(self) -> tuple[int, int]:
        """R and W."""
        majority = self.n_nodes // 2 + 1
        return {
            "majority": (majority, majority),
            "majority+writeback": (majority, majority),
            "all": (self.n_nodes, self.n_nodes),
            "custom": (self.read_quorum, self.write_quorum),
            "failover": (1, self.write_quorum),
        }.get(self.consistency_level, (1, 1))

    @property
    def writes_back(self) -> bool:
        """Whether a read tells a quorum what it saw before it answers."""
        return self.consistency_level == "majority+writeback" or self.read_repair == "blocking"

    @property
    def keeps_hints(self) -> bool:
        """Whether writes for unreachable nodes are kept elsewhere."""
        return self.hinted_handoff or self.sloppy_quorum


_CUT: dict[str, Any] = {"partition_active": True}
_SITES: dict[str, Any] = {"network": "wan", "network_latency": 40.0, "gossip_interval": 1000.0}
_PAIR: dict[str, Any] = {"n_nodes": 3, "network": "disk", "think_time": 2.0, "n_keys": 1, "n_clients": 4,
                         "duration": 5.0, "partition_start": 2.0}  # fmt: skip
_BACK: dict[str, Any] = {"consistency_level": "majority+writeback"}
_FAILOVER: dict[str, Any] = _CUT | _SITES | {"consistency_level": "failover"}

PRESETS: Mapping[str, Preset[Settings]] = MappingProxyType(
    {
        name: Preset(Settings, told, values, formerly)
        for name, told, values, formerly in (
            ("majority", "Majorities of five replicas, 20 ms away.", {}, "strong"),
            ("majority_writeback", "The same; a read writes back what it saw before it answers.", _BACK, ""),
            ("all", "All five replicas answer every operation.", {"consistency_level": "all"}, "linearizable"),
            ("one", "One replica answers; nobody repairs.", {"consistency_level": "one"}, "weak"),
            ("one_gossip", "One replica answers; anti-entropy follows.", {"consistency_level": "one+gossip"},
             "eventual"),
            ("partition", "Two of five nodes are cut off for ten seconds; majorities.", _CUT, ""),
            ("partition_writeback", "The same cut; majorities, and reads write back.", _CUT | _BACK, ""),
            ("partition_all", "The same cut; all must answer.", _CUT | {"consistency_level": "all"}, ""),
            ("partition_gossip", "The same cut; one replica answers, and anti-entropy follows.",
             _CUT | {"consistency_level": "one+gossip"}, "partition_eventual"),
            ("partition_one", "The same cut; one replica answers, and nobody repairs.",
             _CUT | {"consistency_level": "one"}, "partition_weak"),
            ("sloppy_quorum", "The same cut; others stand in for the unreachable, and count.",
             _CUT | {"sloppy_quorum": True}, ""),
            ("hinted_handoff", "The same cut; one replica answers, the others' share is kept for them.",
             _CUT | {"consistency_level": "one", "hinted_handoff": True}, ""),
            ("timeline", "Sites 40 ms apart, the same cut; each key has a primary, reads ask the nearest (PNUTS).",
             _CUT | _SITES | {"consistency_level": "timeline"}, ""),
            ("failover", "The same; one primary, cut off and then replaced, acknowledges alone (MongoDB, once).",
             _FAILOVER, ""),
            ("failover_majority", "The same; a write is acknowledged when a majority has it.",
             _FAILOVER | {"write_quorum": 3}, ""),
            ("failover_confirmed", "The same; before a read, too, the primary asks a majority whether it still leads.",
             _FAILOVER | {"write_quorum": 3, "confirm_reads": True}, ""),
            ("wan", "Each client has one replica near it and the others 80 ms away.",
             {"network": "wan", "network_latency": 80.0}, ""),
            ("one_crash", "One of five nodes crashes where all must answer.",
             {"consistency_level": "all", "crashed_nodes": 1}, ""),
            ("two_crashes", "Two of five nodes crash where three must answer.", {"crashed_nodes": 2}, ""),
            ("lone_read", "R+W>N on disks: a read sees a write that the next one does not.",
             _PAIR | {"seed": 3}, ""),
            ("read_repair", "The same; reads tell the others, afterwards.", _PAIR | {"read_repair": "async"}, ""),
            ("abd", "The same; reads write back before they answer, versions come from a quorum (ABD).",
             _PAIR | _BACK | {"versions": "query"}, ""),
            ("clock_skew", "Reads write back, but versions come from clocks, and one is 50 ms ahead.",
             _PAIR | _BACK | {"clock_skew": 50.0}, ""),
            ("uncertain_clocks", "The same; every clock is off by up to 10 ms.",
             _PAIR | _BACK | {"clock_uncertainty": 10.0}, ""),
            ("commit_wait", "The same; a write, and who reads it, wait until its version is past on every clock.",
             _PAIR | _BACK | {"clock_uncertainty": 10.0, "commit_wait": True}, ""),
            ("membership", "All nodes are replaced at once, while clients go on.",
             _PAIR | _BACK | {"membership": "unsafe", "versions": "query"}, ""),
            ("joint", "The same by way of a quorum of both the old and the new nodes.",
             _PAIR | _BACK | {"membership": "joint", "versions": "query", "timeout": 300.0}, ""),
        )
    }
)  # fmt: skip
"""Scenarios by name."""
