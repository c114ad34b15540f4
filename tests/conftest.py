"""What all tests share: they come out the same on a busy machine, and when a shell has put them in the background."""

from __future__ import annotations

import gc
import os
import signal
import sys

import pytest
from hypothesis import settings

# Files that take longest are begun first, so that no worker ends long after the others.
FIRST = (
    "18-metastable.ipynb",
    "19-consistency.ipynb",
    "02-wire.ipynb",
    "test_takehome.py",
    "test_whole_book.py",
    "test_examples.py",
    "test_panels.py",
    "test_panel.py",
    "22-hybrid.ipynb",
    "20-crdts.ipynb",
    "23-pii.ipynb",
    "21-interaction.ipynb",
)

# Two workers share two cores: threads of a linear algebra library that spin while they wait only take them away.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# jsonschema, if it finds this one, builds a grammar of URIs, for a second and a half, that no test makes use of.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# Examples are drawn anew at each run, and a failure prints how to repeat it. A deadline by the wall clock, which is
# Hypothesis' default, is no property of the code.
settings.register_profile("test", deadline=None, max_examples=150, print_blob=True)
settings.register_profile("mutants", deadline=None, max_examples=30, database=None)
settings.register_profile("soak", deadline=None, max_examples=5000, print_blob=True)
settings.load_profile("test")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a background shell; what a test starts would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first."""
    places = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(FIRST)))


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays until the end: modules and tests, half a million objects."""
    gc.collect()
    gc.freeze()
