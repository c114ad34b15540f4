"""The same sum, and each rank gets its own part only; no two parts differ by more than one."""

from __future__ import annotations

import json

import numpy as np
from mpi4py import MPI

from companion.calls.coordination.mpi.theory import even_shares

SIZE = 1000

world = MPI.COMM_WORLD
rank, size = world.Get_rank(), world.Get_size()
shares = even_shares(SIZE, size)
data = [np.arange(1, SIZE + 1, dtype="i4"), shares] if rank == 0 else None
mine = np.empty(shares[rank], "i4")
world.Scatterv(data, mine, root=0)

total = world.reduce(int(mine.sum()), op=MPI.SUM, root=0)
if rank == 0:
    print(json.dumps({"rank": 0, "sum": total, "shares": shares, "received": mine.nbytes}))
