"""What a page runs of a simulator needs nothing that a web page lacks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from companion.simulators.commands import simulators

PROGRAM = """
import importlib, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in {*sys.stdlib_module_names, "simpy", "companion"}:
            raise ModuleNotFoundError(f"a page has no {name}", name=name)

sys.meta_path.insert(0, Refuse())
name = sys.argv[1]
simulator, page = importlib.import_module(name), importlib.import_module(f"{name}.page")
for preset in simulator.PRESETS:
    page.chart(simulator.simulate(preset))
    break
print("drawn")
"""


@pytest.mark.parametrize("name", simulators())
def test_a_simulator_runs_with_simpy_and_the_standard_library_alone(name: str, tmp_path: Path) -> None:
    program = [sys.executable, "-c", PROGRAM, f"companion.simulators.{name}"]
    run = subprocess.run(program, capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert (run.returncode, run.stdout) == (0, "drawn\n"), run.stderr
