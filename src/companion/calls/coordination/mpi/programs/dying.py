"""A rank that dies before a collective call: `dying.py raise|kill|exit`."""

from __future__ import annotations

import json
import os
import signal
import sys

from mpi4py import MPI

world = MPI.COMM_WORLD
rank, how = world.Get_rank(), sys.argv[1]
if rank == 1:
    if how == "raise":
        raise ValueError("rank 1 has a hole in its data")
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(0)
total = world.reduce(rank, op=MPI.SUM, root=0)
if rank == 0:
    print(json.dumps({"rank": 0, "sum": total}))
