"""A run: clients and replicas for the given time, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from companion.simulators.consistency.client import Clients, Record
from companion.simulators.consistency.cluster import Cluster
from companion.simulators.consistency.result import Result, conclude
from companion.simulators.consistency.settings import Settings


def run(settings: Settings, progress: Callable[[int], object] | None = None) -> Result:
    """Simulate, and judge the history; `progress` is told after each simulated second."""
    cluster = Cluster(settings)
    clients = Clients(cluster)
    _plan_copy(cluster)
    for second in range(int(settings.duration)):
        cluster.run(1000.0 * (second + 1))
        if progress is not None:
            progress(second + 1)
    cluster.run(1000.0 * settings.duration + settings.timeout)  # what was begun in time may still end
    return conclude(cluster, clients.records, clients.lost)


def record(settings: Settings, operations: Sequence[int]) -> list[Record]:
    """Let each client do a given number of operations, and give what they recorded."""
    cluster = Cluster(settings)
    clients = Clients(cluster, operations)
    cluster.run(1000.0 * settings.duration)
    return clients.records


def _plan_copy(cluster: Cluster) -> None:
    """Copy what the old nodes know to the new ones: at once, or when no client asks the old ones alone any more."""
    settings = cluster.settings
    if settings.membership != "fixed":
        wait = 2 * settings.timeout if settings.membership == "joint" else 0.0
        cluster.after(1000 * settings.partition_start + wait, _copy, cluster)


def _copy(cluster: Cluster) -> None:
    n = cluster.settings.n_nodes
    for old in range(n):
        for key, stored in cluster.nodes[old].items():
            for new in range(n, 2 * n):
                cluster.store(new, key, stored)
