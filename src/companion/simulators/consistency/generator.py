"""Random histories of one register: how many of them are linearizable, under which protocol.

How often a protocol fails hangs on who draws the histories, so this says how: three replicas, four serial clients
without think time that do 8, 8, 7 and 7 operations, each a write with probability one half; every request goes to all
three at once; write requests take LNKD-DISK's time for them, all else LNKD-SSD's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from companion.history.check import check
from companion.history.events import Operation
from companion.simulators.consistency.model import record
from companion.simulators.consistency.settings import Settings

CLIENTS = 4


def histories(count: int, quorum: int, operations: int = 30, **overrides: Any) -> Iterator[list[Operation]]:
    """Draw histories.

    Parameters
    ----------
    count : int
        How many; number i has the seed i.
    quorum : int
        R and W, of three.
    operations : int
        Of all clients together.
    **overrides
        Parameters by name, see `Settings`.
    """
    each = [operations // CLIENTS + (client < operations % CLIENTS) for client in range(CLIENTS)]
    values: dict[str, Any] = {
        "consistency_level": "custom", "n_nodes": 3, "read_quorum": quorum, "write_quorum": quorum, "n_keys": 1,
        "n_clients": CLIENTS, "network": "disk", "base_latency": 0.0, "think_time": 0.0, "write_ratio": 0.5,
        "timeout": 60_000.0, "duration": 600.0,
    }  # fmt: skip
    for seed in range(count):
        records = record(Settings(**{**values, **overrides}, seed=seed), each)
        yield [one.operation for one in records if one.f == "write" or one.returned is not None]


def without_pending(history: Sequence[Operation]) -> list[Operation]:
    """Drop what timed out, as a careless checker does."""
    return [one for one in history if not one.pending]


def not_linearizable(histories: Iterator[list[Operation]]) -> int:
    """Count the histories that no single copy could have given."""
    return sum(check(history).linearizable is False for history in histories)
