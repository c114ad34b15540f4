"""The algorithms of `algorithms.py` with MPI's send and receive: `collectives.py NAME...`; rank 0 tells the counts.

Each message carries the round in which it was sent, so that rounds are counted as the simulation counts them.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from mpi4py import MPI

from companion.calls.coordination.mpi.algorithms import ALGORITHMS, Send

world = MPI.COMM_WORLD
rank, size = world.Get_rank(), world.Get_size()


def play(name: str, value: Any) -> tuple[Any, int, int]:
    """Run one algorithm; this rank's result, how many messages it sent, and its last round."""
    steps = ALGORITHMS[name](rank, size, value)
    sent = clock = received = 0
    got = None
    while True:
        try:
            step = steps.send(got)
        except StopIteration as end:
            return end.value, sent, clock
        if isinstance(step, Send):
            sent, clock = sent + 1, clock + 1
            world.isend((clock, step.value), dest=step.to).wait()
            got = None
        else:
            arrived, got = world.recv(source=step.source)
            received = max(arrived, received + 1)
            clock = max(clock, received)


counts = {}
for name in sys.argv[1:]:
    value = rank + 1 if name == "doubling" else 7 if rank == 0 else None
    told = world.gather(play(name, value))
    if told is not None:
        results, messages, rounds = zip(*told, strict=True)
        counts[name] = {"results": results, "messages": sum(messages), "rounds": max(rounds)}
if rank == 0:
    print(json.dumps({"rank": 0, "counts": counts}))
