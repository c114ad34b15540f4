"""Lighthouse gives 95 or more in all four of its categories, as for a phone of the middle class on a slow network.

Run by itself, on a quiet machine: performance is reckoned from what the page's work took here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.browser.conftest import FLAGS

pytestmark = pytest.mark.soak
PAGES = ["index.html", "part-4-simulators.html", "chapters/18-metastable.html"]
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
RUNS = 3
ENOUGH = 95
QUIET = 0.75
"""Processes that want a core, for each core, up to which a time says something about the page."""


def judge(address: str, node_modules: Path, chromium: str) -> dict[str, Any]:
    """Let Lighthouse judge a page; give its scores, and the figures behind the first."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("not installed here: node")
    program = node_modules / "lighthouse" / "cli" / "index.js"
    chrome = f"--chrome-flags=--headless=new {' '.join(FLAGS)}"
    wanted = f"--only-categories={','.join(CATEGORIES)}"
    command = [node, str(program), address, "--quiet", "--output=json", wanted, chrome]
    environment = {**os.environ, "CHROME_PATH": chromium}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    scores = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES}
    figures = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")
    wrong = [audit["id"] for audit in report["audits"].values()
             if audit["score"] == 0 and audit["scoreDisplayMode"] == "binary"]  # fmt: skip
    return {**scores, "figures": {name: report["audits"][name]["displayValue"] for name in figures}, "wrong": wrong,
            "speed": report["environment"]["benchmarkIndex"]}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_fast_accessible_and_well_made(address: str, chromium: str, node_modules: Path, page: str) -> None:
    loads, runs = [], []
    for _ in range(RUNS):
        loads.append(os.getloadavg()[0] / (os.cpu_count() or 1))
        runs.append(judge(address + page, node_modules, chromium))
    print(page, [round(load, 2) for load in loads], json.dumps(runs, indent=1))
    for category in CATEGORIES[1:]:
        assert median(run[category] for run in runs) >= ENOUGH, runs
    fast = median(run["performance"] for run in runs)
    if fast < ENOUGH and max(loads) > QUIET:
        pytest.skip(f"performance is {fast:.0f}, but this machine was busy ({max(loads):.1f} processes a core)")
    assert fast >= ENOUGH, runs
