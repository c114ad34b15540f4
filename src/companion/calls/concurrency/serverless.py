"""Functions as a service: what a start costs when nothing, much, or everything is prepared; and who pays for waiting.

A start is timed in three ways. Cold: a new interpreter that imports what the function needs. Forked: a copy of a
process that has imported it already. Warm: a message to a process that has answered before.

A function that calls another, and waits for its answer, is billed for both. `chain` runs such functions as processes of
their own and bills each from the arrival of its call to its answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import IO

NOTHING: tuple[str, ...] = ()
MUCH = ("sqlalchemy", "grpc", "numpy")
"""What a function of a usual service imports."""

FUNCTION = """
import json, os, sys, time
for name in json.loads(sys.argv[1]):
    __import__(name)
print("ready", flush=True)
for line in sys.stdin:  # until whoever started this is gone
    if line == "fork\\n":
        child = os.fork()
        if child == 0:
            print("answer", flush=True)
            os._exit(0)
        os.waitpid(child, 0)
    else:
        print("answer", flush=True)
"""

STATION = """
import json, subprocess, sys, time
milliseconds, *behind = json.loads(sys.argv[1])
following = None
if behind:
    command = [sys.executable, "-I", "-c", sys.argv[2], json.dumps(behind), sys.argv[2]]
    following = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    following.stdout.readline()
print("ready", flush=True)
for line in sys.stdin:  # until whoever started this is gone
    began = time.perf_counter()
    time.sleep(milliseconds / 1000)
    bills = []
    if following:
        following.stdin.write(line)
        following.stdin.flush()
        bills = json.loads(following.stdout.readline())
    print(json.dumps([1000 * (time.perf_counter() - began), *bills]), flush=True)
if following:
    following.stdin.close()
    following.wait()
"""
"""A function that works so long, and then calls the next one and waits for its answer."""


def bills(work: Sequence[float]) -> list[float]:
    """Return for how long each function of a chain is billed that works so long, and then waits for the next.

    Parameters
    ----------
    work : sequence of float
        How long each works itself, in any unit.

    Returns
    -------
    list of float
        The first pays for all, and the last for itself.
    """
    return [sum(work[first:]) for first in range(len(work))]


def factor(work: Sequence[float]) -> float:
    """Return how many times the work a chain is billed: the sum of i times w of i, over the sum of w."""
    return sum(bills(work)) / sum(work)


def chain(work: Sequence[float]) -> list[float]:
    """Run a chain of functions, a process each, and return what each is billed in milliseconds.

    Parameters
    ----------
    work : sequence of float
        How many milliseconds each works.
    """
    command = [sys.executable, "-I", "-c", STATION, json.dumps(list(work)), STATION]
    with _speaking(command) as (says, hears):
        hears.write("call\n")
        hears.flush()
        measured: list[float] = json.loads(says.readline())
        return measured


def chains() -> dict[str, float]:
    """Measure how many times its work a chain of four is billed, when work is equal, grows, and shrinks along it."""
    shapes = {"equal": [20.0] * 4, "growing": [5.0, 10.0, 20.0, 45.0], "shrinking": [45.0, 20.0, 10.0, 5.0]}
    return {name: statistics.median(sum(chain(work)) / sum(work) for _ in range(5)) for name, work in shapes.items()}


def starts(imports: Sequence[str], times: int = 5) -> dict[str, float]:
    """Time one call of a function that is cold, forked and warm.

    Parameters
    ----------
    imports : sequence of str
        The modules that the function needs.
    times : int
        How often each is timed; the medians are returned.

    Returns
    -------
    dict
        `cold`, `forked` and `warm`, in milliseconds from the call to the answer.

    Raises
    ------
    RuntimeError
        Where processes cannot be forked.
    """
    if not hasattr(os, "fork"):
        raise RuntimeError("this system cannot fork a process")
    command = [sys.executable, "-c", FUNCTION, json.dumps(list(imports))]
    took: dict[str, list[float]] = {"cold": [], "warm": [], "forked": []}
    for _ in range(times):
        began = time.perf_counter()
        with _speaking(command) as (says, hears):
            for kind in ("cold", "warm", "forked"):  # after a fork the parent still tidies up
                hears.write("fork\n" if kind == "forked" else "call\n")
                hears.flush()
                says.readline()
                took[kind].append(1000 * (time.perf_counter() - began))
                began = time.perf_counter()
    return {kind: statistics.median(times) for kind, times in took.items()}


def cold_starts() -> dict[str, float]:
    """Time the three starts of a function that imports nothing, and of one that imports `MUCH`, in milliseconds."""
    return {
        f"{kind}, {name}": took
        for name, imports in (("nothing imported", NOTHING), ("much imported", MUCH))
        for kind, took in starts(imports).items()
    }


@contextlib.contextmanager
def _speaking(command: Sequence[str]) -> Iterator[tuple[IO[str], IO[str]]]:
    """Start a process that says when it is ready, and give what it says and what it hears while the context lasts."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None
    with process:
        try:
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("the function did not start")
            yield process.stdout, process.stdin
        finally:
            process.stdin.close()  # which ends it
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
