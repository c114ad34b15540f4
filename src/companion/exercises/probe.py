"""Which walls this system gives: found out by putting them up."""

from __future__ import annotations

import os
import sys

from companion.exercises import kernel, seccomp
from companion.exercises.isolation import WALLS, Isolation
from companion.exercises.runner import try_walls
from companion.exercises.sandbox import NAMESPACES


def candidates() -> list[str]:
    """List the walls that are worth trying on this system."""
    if sys.platform != "linux":
        return []
    wanted = ["user"] if os.getuid() == 0 else []
    wanted += NAMESPACES
    wanted += ["landlock"] if kernel.landlock_version() else []
    return wanted + (["seccomp"] if seccomp.known_machine() else [])


def find_isolation() -> Isolation:
    """Put up all walls around an answer that does nothing, leaving out those that fail, until the rest stands."""
    walls = candidates()
    missing = {wall: "not on this system" for wall in WALLS if wall not in walls}
    if "user" in missing and sys.platform == "linux":
        missing["user"] = "only root can change the user"
    while walls:
        failed, reason = try_walls(walls)
        if not failed:
            break
        if failed not in walls:
            return Isolation((), {**missing, **dict.fromkeys(walls, reason)})
        walls.remove(failed)
        missing[failed] = reason
    return Isolation(tuple(walls), missing)
