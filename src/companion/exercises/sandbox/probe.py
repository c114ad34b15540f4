"""Which isolation layers this system gives: found out by trying them."""

from __future__ import annotations

import os
import sys

from companion.exercises.sandbox import linux_calls, seccomp
from companion.exercises.sandbox.isolation import LAYERS, Isolation
from companion.exercises.sandbox.layers import NAMESPACES
from companion.exercises.sandbox.runner import try_layers


def candidates() -> list[str]:
    """List the layers that are worth trying on this system."""
    if sys.platform != "linux":
        return []
    wanted = ["user"] if os.getuid() == 0 else []
    wanted += NAMESPACES
    wanted += ["landlock"] if linux_calls.landlock_version() else []
    return wanted + (["seccomp"] if seccomp.known_machine() else [])


def find_isolation() -> Isolation:
    """Try all layers on an answer that does nothing, leaving out those that fail, until the rest works."""
    layers = candidates()
    missing = {layer: "not on this system" for layer in LAYERS if layer not in layers}
    if "user" in missing and sys.platform == "linux":
        missing["user"] = "only root can change the user"
    while layers:
        failed, reason = try_layers(layers)
        if not failed:
            break
        if failed not in layers:
            return Isolation((), {**missing, **dict.fromkeys(layers, reason)})
        layers.remove(failed)
        missing[failed] = reason
    return Isolation(tuple(layers), missing)
