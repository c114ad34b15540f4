"""A partition of the network between two times, as the simulators with replicas have it."""

from __future__ import annotations


class Partition:
    """What settings know of a partition; they have its three fields and their `duration`, times in s."""

    partition_active: bool
    partition_start: float
    partition_seconds: float
    duration: float

    @property
    def healed(self) -> float:
        """When it is over (s)."""
        return self.partition_start + self.partition_seconds

    def cut(self, time: float) -> bool:
        """Tell whether the network is cut at a time (s)."""
        return self.partition_active and self.partition_start <= time < self.healed

    @property
    def spans(self) -> list[tuple[float, float, str]]:
        """What to shade in a chart over time: from, to (s) and what it is."""
        if not self.partition_active or self.partition_start >= self.duration:
            return []
        return [(self.partition_start, min(self.healed, self.duration), "cut off")]
