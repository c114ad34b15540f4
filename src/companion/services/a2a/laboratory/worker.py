"""A worker that may be weaker than ours, and that stumbles where it is told to.

    python -m companion.services.a2a.laboratory.worker JSON

It takes a task, has its effect (a file in the folder of somebody else, who is no database), and completes the task.
Between the two lies the moment that matters: the effect is there, and nobody knows.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from companion.services.a2a.errors import IllegalMove, LostLease
from companion.services.a2a.laboratory import children
from companion.services.a2a.tasks import store
from companion.services.a2a.tasks.effects import effect_key
from companion.services.a2a.tasks.states import State
from companion.services.a2a.tasks.store import Lease
from companion.services.database import as_tenant, connect
from companion.services.database.errors import Unreachable

Regime = Literal["no lease", "lease", "lease + fence", "lease + fence + key"]
REGIMES: tuple[Regime, ...] = ("no lease", "lease", "lease + fence", "lease + fence + key")
FOR_EVER = 1e6

# As `store.MOVE`, without the fence and without the predecessors.
UNFENCED = f"""
with written as (
    update tasks set state = 'completed', seq = seq + 1, lease_owner = null, lease_until = null
    where id = %(task)s
    returning id, seq, fence)
{store.LOG}
"""


@dataclass(frozen=True)
class Orders:
    """What a worker is told.

    Attributes
    ----------
    address : str
        The service's address of the database.
    tenant : str
        Whose tasks.
    regime : str
        How careful it is.
    folder : str
        Where its effects go, and its signs of life.
    lease, pace : float
        Seconds of a lease, and of the work before and behind the effect.
    stumbles : dict of str to str
        ``kill`` or ``pause``, by the text of the task at which it happens, the first time that this is begun.
    """

    address: str
    tenant: str
    regime: Regime
    folder: str
    lease: float
    pace: float = 0.005
    stumbles: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> str:
        """Write them for the command line."""
        return json.dumps(asdict(self))


def main(orders: Orders) -> None:
    """Work until a file `stop` lies in the folder; a database that is gone for a while is waited for."""
    folder = Path(orders.folder)
    (folder / f"alive-{os.getpid()}").touch()
    while not (folder / "stop").exists():
        try:
            with connect(orders.address) as connection:
                while not (folder / "stop").exists():
                    if not one_task(connection, orders, folder):
                        time.sleep(0.02)
        except (psycopg.OperationalError, Unreachable):
            time.sleep(0.1)


def one_task(connection: Connection[TupleRow], orders: Orders, folder: Path) -> bool:
    """Do one task; say whether there was one."""
    seconds = FOR_EVER if orders.regime == "no lease" else orders.lease
    tenant = UUID(orders.tenant)
    with as_tenant(connection, tenant):
        lease = store.claim(connection, f"worker-{os.getpid()}", seconds)
        if lease is None:
            return False
        text = store.messages(connection, lease.task)[0]["parts"][0]["text"]
    time.sleep(orders.pace)
    have_effect(folder, lease, keyed=orders.regime.endswith("key"))
    if lease.fence == 1:
        stumble(folder, lease, orders.stumbles.get(text, ""))
    time.sleep(orders.pace)
    with as_tenant(connection, tenant):
        try:
            if "fence" in orders.regime:
                store.move(connection, lease, State.COMPLETED)
            else:
                data = Jsonb({"status": {"state": State.COMPLETED}})
                connection.execute(UNFENCED, {"task": lease.task, "data": data})
        except (LostLease, IllegalMove):
            (folder / f"refused-{lease.task}-{lease.fence}").touch()
    return True


def have_effect(folder: Path, lease: Lease, *, keyed: bool) -> None:
    """Send a mail, say: the receiver takes each key once, and knows no keys but those that he is given."""
    key = effect_key(lease, "mail") if keyed else f"{lease.task}:{uuid.uuid4()}"
    (folder / f"effect-{key}").touch()  # a file that is there already stays the one file that it is


def stumble(folder: Path, lease: Lease, how: str) -> None:
    """Die, or fall asleep, as the operating system does it to a process."""
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "pause":
        (folder / f"paused-{os.getpid()}-{lease.task}").touch()
        os.kill(os.getpid(), signal.SIGSTOP)


if __name__ == "__main__":
    children.end_with_parent()
    main(Orders(**json.loads(sys.argv[1])))
