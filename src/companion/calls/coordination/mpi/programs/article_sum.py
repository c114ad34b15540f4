"""The article's parallel sum, in Python: all of the array goes to all, and the last rank takes the remainder."""

from __future__ import annotations

import json

import numpy as np
from mpi4py import MPI

SIZE = 1000

world = MPI.COMM_WORLD
rank, size = world.Get_rank(), world.Get_size()
data = np.arange(1, SIZE + 1, dtype="i4") if rank == 0 else np.empty(SIZE, "i4")
world.Bcast(data, root=0)

chunk = SIZE // size
start = rank * chunk
end = SIZE if rank == size - 1 else start + chunk
shares = world.gather(end - start)
total = world.reduce(int(data[start:end].sum()), op=MPI.SUM, root=0)
if rank == 0:
    print(json.dumps({"rank": 0, "sum": total, "shares": shares, "received": data.nbytes}))
