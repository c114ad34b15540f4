"""What the soak of the pages needs beside a browser: packages that nobody installs for reading the book."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Install Lighthouse and what drives Firefox into this folder, once."""
    installed, lock = HERE / "node_modules" / ".package-lock.json", HERE / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("not installed here: npm")
        command = [npm, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"npm ci failed in {HERE.name}: {done.stderr.strip()[-300:]}")
    return HERE / "node_modules"
