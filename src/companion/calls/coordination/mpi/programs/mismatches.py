"""Two ranks whose collective calls do not fit each other; each tells what it got, under a name for each mismatch.

Each has a communicator of its own, made while both are still in step.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
rank = world.Get_rank()


def box(value: float, kind: str = "d") -> Any:
    """A buffer with one number."""
    return np.array([value], kind)


def other_operation(comm: Any) -> list[Any]:
    """One sends to all, the other adds up."""
    mine, result = box(10 + rank), box(-1)
    if rank == 0:
        comm.Bcast(mine, root=0)
        return mine.tolist()  # type: ignore[no-any-return]
    comm.Reduce(mine, result, op=MPI.SUM, root=0)
    return result.tolist()  # type: ignore[no-any-return]


def other_order(comm: Any) -> list[Any]:
    """One broadcasts a, then b; the other receives b, then a."""
    a, b = (box(1), box(2)) if rank == 0 else (box(-1), box(-1))
    for one in (a, b) if rank == 0 else (b, a):
        comm.Bcast(one, root=0)
    return [a.item(), b.item()]


def other_root(comm: Any) -> list[Any]:
    """Each takes itself for the one that sends."""
    mine = box(10 + rank)
    comm.Bcast(mine, root=rank)
    return mine.tolist()  # type: ignore[no-any-return]


def sum_and_max(comm: Any) -> list[Any]:
    """One adds up, the other looks for the greatest."""
    result = box(-1)
    comm.Allreduce(box(10 + rank), result, op=MPI.SUM if rank == 0 else MPI.MAX)
    return result.tolist()  # type: ignore[no-any-return]


def other_type(comm: Any) -> list[Any]:
    """A double is sent, an integer received."""
    mine = box(1.5) if rank == 0 else box(-1, "q")
    comm.Bcast(mine, root=0)
    return mine.tolist()  # type: ignore[no-any-return]


MISMATCHES: dict[str, Callable[[Any], list[Any]]] = {
    "Bcast / Reduce": other_operation,
    "Bcast a, b / b, a": other_order,
    "root 0 / root 1": other_root,
    "SUM / MAX": sum_and_max,
    "double / int64": other_type,
}

comms = {name: world.Dup() for name in MISMATCHES}
got = {name: mismatch(comms[name]) for name, mismatch in MISMATCHES.items()}
sys.stdout.write(json.dumps({"rank": rank, "got": got}) + "\n")
