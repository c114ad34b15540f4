"""The chapter's SimPy model is at least as fast as happysim on the same queue, and they agree on what happens.

happysim needs Python 3.13, so both run in an environment of their own: `python3.13 -m venv E`, `E/bin/pip install
happysim==0.2.5 simpy`, and ``COMPANION_HAPPYSIM=E/bin/python`` names it.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

import pytest

HERE = Path(__file__).parent
PYTHON = os.environ.get("COMPANION_HAPPYSIM", "")
DURATION = 120.0
OURS = f"""
import json, time
from companion.simulators.metastable import simulate
simulate("collapse", engine="simpy", duration=20.0)
began = time.perf_counter()
totals = simulate("collapse", engine="simpy", seed=1, duration={DURATION}).totals
print(json.dumps(dict(totals) | {{"seconds": time.perf_counter() - began}}))
"""


def told(*arguments: str) -> dict[str, Any]:
    path = {**os.environ, "PYTHONPATH": str(HERE.parents[1] / "src")}
    run = subprocess.run([PYTHON, *arguments], capture_output=True, text=True, check=True, env=path, timeout=300)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.skipif(not PYTHON, reason="COMPANION_HAPPYSIM names no Python 3.13 that has happysim and simpy")
def test_the_simpy_model_is_at_least_as_fast_as_happysim() -> None:
    # In turns, so that a busy machine slows both.
    pairs = [(told("-c", OURS), told(str(HERE / "happysim_queue.py"), str(DURATION))) for _ in range(3)]
    ratios = [(ours["attempts"] / ours["seconds"]) / (its["attempts"] / its["seconds"]) for ours, its in pairs]
    ours, its = pairs[0]
    print(f"\nattempts/s, SimPy model to happysim: {', '.join(f'{ratio:.1f}' for ratio in ratios)}")
    # One seed each of a run that ends in a collapse: alike, not equal.
    assert its["attempts"] == pytest.approx(ours["attempts"], rel=0.1)
    assert its["late"] == pytest.approx(ours["late"], rel=0.1)
    assert its["answered"] == pytest.approx(ours["answered"], rel=0.1)
    assert median(ratios) >= 1
