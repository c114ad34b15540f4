"""How fast the two engines are: attempts simulated in a second of the wall clock, on one core."""

from __future__ import annotations

import gc
import time

from companion.simulators.metastable import simulate


def engine_speed(duration: float = 120.0) -> dict[str, float]:
    """Time both engines on the collapse.

    Parameters
    ----------
    duration : float
        Simulated seconds.

    Returns
    -------
    dict
        ``heap`` and ``simpy`` in attempts a second of wall-clock time, and ``ratio``, the first to the second.
    """
    rates = {}
    for engine in ("heap", "simpy"):
        simulate("collapse", engine=engine, duration=20.0)  # warm-up: imports and the interpreter's own caches
        gc.collect()  # what the caller's earlier work left behind must not be collected on our time
        began = time.perf_counter()
        result = simulate("collapse", engine=engine, duration=duration)
        rates[engine] = result.totals["attempts"] / (time.perf_counter() - began)
    return {**rates, "ratio": rates["heap"] / rates["simpy"]}
