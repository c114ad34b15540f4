"""What can be set: the type, the replicas and how they gossip, what breaks, and what users ask for.

The defaults are five replicas that tell a random other one everything they know, about once a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from companion.parameters import Preset, check, parameter
from companion.simulators.partition import Partition

TYPES = ("naive", "tombstones", "orswot", "delta", "gcounter", "pncounter", "lww", "register")


@dataclass(frozen=True)
class Settings(Partition):
    """The parameters of one run; `companion.parameters.describe` lists their units, ranges and meaning.

    Raises
    ------
    companion.parameters.ParameterError
        If a value is out of its range.
    """

    # fmt: off
    crdt_type: str = parameter("orswot",
        "What is replicated: a set (naive, tombstones, orswot, or orswot sending deltas), a counter (gcounter, "
        "pncounter), a last-writer-wins map (lww) or a register that keeps rivals (register).", choices=TYPES)
    n_replicas: int = parameter(5, "Replicas, each with its users.", unit="replicas", minimum=2, maximum=10,
        useful=(2, 8))
    n_operations: int = parameter(200, "Updates, at random replicas, in the first two thirds of the run.",
        unit="updates", minimum=0, maximum=5000, useful=(10, 1000))
    n_elements: int = parameter(20, "Elements or keys that users care for.", unit="elements", minimum=1, maximum=1000,
        useful=(1, 100))
    remove_share: float = parameter(0.4, "The share of updates that remove (a set) or subtract (a counter).",
        minimum=0, maximum=1, useful=(0, 1))
    merge_probability: float = parameter(0.5, "The chance that a replica tells another one, at each interval.",
        minimum=0, maximum=1, useful=(0, 1), group="Gossip")
    gossip_interval: float = parameter(0.5, "How often it may.", unit="s", minimum=0.05, maximum=60, useful=(0.1, 5),
        group="Gossip")
    network_delay: float = parameter(0.1, "What a message takes on average (half of it fixed, half exponential).",
        unit="s", minimum=0, maximum=60, useful=(0, 5), group="Gossip")
    fifo: bool = parameter(False, "Whether messages of one replica to another keep their order.", group="Gossip")
    duplicate: float = parameter(0.0, "The share of messages that arrive twice.", minimum=0, maximum=1, useful=(0, 1),
        group="Gossip")
    loss: float = parameter(0.0, "The share of messages that never arrive.", minimum=0, maximum=1, useful=(0, 0.9),
        group="Gossip")
    partition_active: bool = parameter(False, "Whether the last replica is cut off for a while.")
    partition_start: float = parameter(10.0, "When it is cut off.", unit="s", minimum=0, maximum=10_000,
        useful=(0, 60), group="Partition")
    partition_seconds: float = parameter(20.0, "How long it stays cut off.", unit="s", minimum=0, maximum=10_000,
        useful=(0, 60), group="Partition")
    collect: str = parameter("never",
        "When tombstones are forgotten: never, early (by age alone), seen (every other replica has told that it knows "
        "of the removal), or stable (and no message that lacks it is under way).",
        choices=("never", "early", "seen", "stable"),
        group="Tombstones")
    collect_after: float = parameter(5.0, "The age at which early forgets them.", unit="s", minimum=0, maximum=10_000,
        useful=(0, 60), group="Tombstones")
    liars: int = parameter(0, "Replicas that tell every other one something else.",
        unit="replicas", minimum=0, maximum=10, useful=(0, 2), group="Gossip")
    duration: float = parameter(60.0, "How long replicas gossip.", unit="s", minimum=3, maximum=3600, useful=(20, 300))
    seed: int = parameter(11, "Where every random draw comes from.", minimum=0, maximum=2**32 - 1)
    # fmt: on

    def __post_init__(self) -> None:
        check(self)


_CUT: dict[str, Any] = {"partition_active": True}

PRESETS: Mapping[str, Preset[Settings]] = MappingProxyType(
    {
        name: Preset(Settings, told, values)
        for name, told, values in (
            ("orswot", "A set without tombstones, among five replicas.", {}),
            ("resurrection", "The naive set: what was removed comes back.", {"crdt_type": "naive"}),
            ("tombstones", "A set that remembers every removal.", {"crdt_type": "tombstones"}),
            ("deltas", "The set without tombstones, sending changes only.", {"crdt_type": "delta", "n_elements": 200}),
            ("partition", "One of five replicas is cut off for twenty seconds.", _CUT),
            ("slow_gossip", "Replicas hardly ever talk.", {"merge_probability": 0.05}),
            ("fast_gossip", "Replicas talk all the time.", {"merge_probability": 1.0, "gossip_interval": 0.1}),
            ("counter", "A counter that goes both ways.", {"crdt_type": "pncounter"}),
            ("lww_loss", "A map in which the last write wins: writes are lost.", {"crdt_type": "lww"}),
            ("double_booking", "Two users book the same slot on either side of a cut; one of them loses it.",
             _CUT | {"crdt_type": "lww", "n_elements": 100, "remove_share": 0.0}),
            ("rivals", "A register that keeps what was written at the same time.",
             {"crdt_type": "register", "merge_probability": 0.2}),
            ("early_collection", "Tombstones are forgotten after five seconds, while a replica is cut off.",
             _CUT | {"crdt_type": "tombstones", "collect": "early"}),
            ("stable_collection", "Tombstones are forgotten when nothing that lacks them can still arrive.",
             _CUT | {"crdt_type": "tombstones", "collect": "stable"}),
            ("liar", "One replica tells every other something else, under the same stamp.",
             {"crdt_type": "lww", "liars": 1}),
        )
    }
)  # fmt: skip
"""Scenarios by name."""
