"""Two ranks that may wait for ever: `waits.py barrier`, or `waits.py send BYTES`, or `waits.py order BYTES`."""

from __future__ import annotations

import json
import sys

import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
rank, how = world.Get_rank(), sys.argv[1]
other = 1 - rank
sys.stdout.write(json.dumps({"rank": rank, "at": "start"}) + "\n")
sys.stdout.flush()

if how == "barrier":  # rank 1 has an early return
    if rank == 0:
        world.Barrier()
elif how == "send":  # both send before they receive
    size = int(sys.argv[2])
    came = np.empty(size, "u1")
    world.Send(np.zeros(size, "u1"), dest=other)
    world.Recv(came, source=other)
elif how == "order":  # a barrier and a broadcast, in another order
    value = np.zeros(int(sys.argv[2]), "u1")
    calls = [lambda: world.Bcast(value, root=0), world.Barrier]
    for call in calls if rank == 0 else reversed(calls):
        call()
else:
    raise SystemExit(f"no such wait: {how}")
sys.stdout.write(json.dumps({"rank": rank, "at": "end"}) + "\n")
