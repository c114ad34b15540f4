"""What all tests share: they come out the same on a busy machine, and when a shell has put them in the background."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

ROOT = Path(__file__).parents[1]

# Chapters are begun first, then files that take long, so that no worker ends long after the others. Pages are made of
# what the chapters gave: they are opened when all of those have ended, and first in one file, which makes them.
FIRST = (
    "05-*.ipynb",
    "18-metastable.ipynb",
    "19-consistency.ipynb",
    "22-hybrid.ipynb",
    "02-wire.ipynb",
    "07-*.ipynb",
    "*.ipynb",
    "test_examples.py",
    "test_scenarios.py",
    "test_serve_a2a.py",
    "test_pages.py",
    "test_numbers.py",
    "test_takehome.py",
    "test_stdio.py",
    "test_measures.py",
    "test_whole_book.py",
    "test_hidden_settings.py",
    "test_panel.py",
    "test_panels.py",
    "test_control_room.py",
    "test_player*.py",
)

# Two workers share two cores: threads of a linear algebra library that spin while they wait only take them away.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# jsonschema, if it finds this one, builds a grammar of URIs, for a second and a half, that no test makes use of.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# Examples are drawn anew at each run, and a failure prints how to repeat it. A deadline by the wall clock, which is
# Hypothesis' default, is no property of the code.
settings.register_profile("test", deadline=None, max_examples=75, print_blob=True)
settings.register_profile("mutants", deadline=None, max_examples=30, database=None)
settings.register_profile("soak", deadline=None, max_examples=5000, print_blob=True)
settings.load_profile("test")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a background shell; what a test starts would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first."""
    places: dict[str, int] = {}

    def place(name: str) -> int:
        if name not in places:
            places[name] = next((at for at, pattern in enumerate(FIRST) if fnmatch(name, pattern)), len(FIRST))
        return places[name]

    items.sort(key=lambda item: place(item.path.name))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Spare the garbage collector what stays until the end: modules and tests, half a million objects."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the pages, if they are not those of the book as it stands; of workers that come together, one does."""
    html = ROOT / "_build" / "html"
    if "PYTEST_XDIST_TESTRUNUID" not in os.environ:
        build()
        return html
    shared = tmp_path_factory.getbasetemp().parent  # by the workers of this run, and by no other run
    with FileLock(shared / "pages.lock"):
        if not (shared / "pages-are-built").exists():
            build()
            (shared / "pages-are-built").touch()
    return html


def build() -> None:
    words = [sys.executable, "-m", "companion", "book", "build"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"the pages cannot be built:\n{done.stderr}", pytrace=False)
