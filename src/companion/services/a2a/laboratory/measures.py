"""What chapter 9 has measured and recorded."""

from __future__ import annotations

import itertools

from companion.services.a2a.laboratory import kills, own, stores
from companion.services.a2a.laboratory.kills import Storm
from companion.services.a2a.laboratory.worker import REGIMES
from companion.services.database import open_database

SIZES = (25, 50, 100, 200)
SIZE = 1000
TASKS = 1000

_seeds = itertools.count(1)


def written() -> dict[str, float]:
    """Weigh what PostgreSQL writes ahead for status messages of a kilobyte, as a multiple of the messages."""
    with open_database() as database:
        world = own.new_world(database)
        figures = {}
        for events in SIZES:
            told = events * SIZE
            figures[f"sdk_{events}"] = stores.wal_of_sdk(database.admin, events, SIZE) / told
            figures[f"ours_{events}"] = stores.wal_of_ours(database, world.tenant, events, SIZE) / told
        return figures


def storms() -> dict[str, float]:
    """Do a thousand tasks in each regime while workers are killed and put to sleep; another weather each time."""
    weather = Storm(kill_every=1.0, pause_every=1.5, pause=1.6, seed=next(_seeds))
    figures: dict[str, float] = {}
    for regime in REGIMES:
        with open_database() as database:
            told = kills.storm(database, regime, weather, tasks=TASKS)
        figures |= {f"{regime}: {what}": count for what, count in vars(told).items() if what != "tasks"}
    return figures
