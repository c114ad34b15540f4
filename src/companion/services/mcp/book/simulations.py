"""The simulators, each run in a process of its own by the command that a reader would type.

A program started for a stranger is bounded on every side: no shell reads its arguments, it may take so many seconds, so
much memory, and print so many bytes, only two run at a time, and when its caller hangs up it is killed. What the
arguments mean, the command itself judges; its refusal, one line, is passed on.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import resource
import shlex
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import anyio

import companion
from companion.errors import CompanionError
from companion.services.mcp.book.chapters import NotInTheBook

SECONDS = 60.0
"""How long a simulation may take, on the clock and of the processor."""

MOST_BYTES = 4 << 20
"""How much it may print."""

MOST_MEMORY = 2 << 30
"""How much address space it may have (bytes)."""

LONGEST_REFUSAL = 2_000
AT_ONCE = 2
TICK_SECONDS = 1.0
"""How often its caller is told that it goes on."""

REFUSED = 2
"""The status of a command that did not accept its arguments."""

Value = str | float | int | bool | None
Progress = Callable[[float], Awaitable[None]]

_PARAMETER = re.compile(r"^(?P<name>\w+) = (?P<default>.*?)  \((?P<range>.*)\)$")


class SimulationError(CompanionError):
    """A simulation that was refused, failed, or took too much; the message is one line."""


@dataclass(frozen=True)
class Described:
    """A simulator: its presets and what each is for; its parameters, each with default, range and meaning."""

    name: str
    presets: dict[str, str]
    parameters: list[dict[str, str]]


@dataclass(frozen=True)
class Finished:
    """What a command left: its output, what it said beside it, and its status."""

    output: bytes
    said: str
    status: int


class Simulations:
    """Runs the book's simulators, in the folder of the book, `AT_ONCE` at a time.

    Parameters
    ----------
    root : Path
        The book.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def describe(self, name: str) -> Described:
        """Ask a simulator for its presets and its parameters.

        Raises
        ------
        NotInTheBook
            If there is no such simulator.
        SimulationError
            If it does not say.
        """
        lists = await asyncio.gather(self._run(name, "--list-presets"), self._run(name, "--list-parameters"))
        presets, parameters = (finished.output.decode() for finished in lists)
        return Described(name, read_presets(presets), read_parameters(parameters))

    async def run(
        self, name: str, preset: str, parameters: Mapping[str, Value], seed: int | None, progress: Progress
    ) -> tuple[dict[str, Any], str, list[str]]:
        """Run a simulator.

        Parameters
        ----------
        name, preset
            Which, and the scenario to start from; no preset is the simulator's first.
        parameters
            What to change.
        seed
            Where every random draw comes from; None is the simulator's own.
        progress
            Told the seconds that have passed, now and then.

        Returns
        -------
        dict, str, list of str
            Parameters, summary and series; the command line that gives the same; and what the command remarked.

        Raises
        ------
        NotInTheBook
            If there is no such simulator.
        SimulationError
            If it refuses, fails, or takes too much.
        """
        options = [f"--preset={preset}"] if preset else []
        options += [f"--parameter={key}={_written(value)}" for key, value in parameters.items()]
        options += [] if seed is None else [f"--seed={seed}"]
        finished = await self._run(name, *options, "--json=-", progress=progress)
        try:
            result: dict[str, Any] = json.loads(finished.output)
        except ValueError:
            raise SimulationError(f"{name} did not give a result that can be read") from None
        return result, shlex.join(["companion", "simulate", name, *options]), finished.said.splitlines()

    async def _run(self, name: str, *options: str, progress: Progress | None = None) -> Finished:
        if name not in simulators():
            raise NotInTheBook(f"no simulator {name!r}: there are {', '.join(simulators())}")
        command = [sys.executable, "-P", "-m", "companion", "simulate", name, *options]
        try:
            async with asyncio.timeout(SECONDS), self._turn:
                finished = await run_bounded(command, self._root, progress)
        except TimeoutError:
            raise SimulationError(f"{name} was not done within {SECONDS:g} s, and was stopped") from None
        if finished.status == REFUSED:
            raise SimulationError(finished.said.strip().rpartition("\n")[2][:LONGEST_REFUSAL])
        if finished.status != 0:
            raise SimulationError(f"{name} failed, with status {finished.status}: it may have needed too much memory")
        return finished


def simulators() -> list[str]:
    """List the simulators by name; nothing is imported."""
    return sorted(file.parent.name for file in _home().glob("*/simulate.schema.json"))


def _home() -> Path:
    return Path(companion.__file__).parent / "simulators"


async def run_bounded(command: Sequence[str], folder: Path, progress: Progress | None = None) -> Finished:
    """Run a command to its end, or kill it: when the task that waits is cancelled, or when it prints too much.

    Raises
    ------
    SimulationError
        If it printed more than `MOST_BYTES`.
    """
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _limit(process.pid)
        async with asyncio.TaskGroup() as group:
            reading = [group.create_task(_at_most(stream, process)) for stream in (process.stdout, process.stderr)]
            telling = group.create_task(_tell(progress)) if progress else None
            await process.wait()
            if telling:
                telling.cancel()
    finally:
        if process.returncode is None:
            process.kill()
            with anyio.CancelScope(shield=True):  # whoever cancels waits until the process is gone, and its pipes empty
                await process.communicate()
    output, said = (task.result() for task in reading)
    if max(len(output), len(said)) > MOST_BYTES:
        raise SimulationError(f"it printed more than {MOST_BYTES} bytes, and was stopped")
    return Finished(output, said.decode("utf-8", "replace"), process.returncode or 0)


def _limit(pid: int) -> None:
    """Have the kernel bound a process, also when this one is killed and can bound nothing any more (Linux)."""
    if hasattr(resource, "prlimit"):
        seconds = int(SECONDS) + 1
        with contextlib.suppress(ProcessLookupError):  # it has ended already
            resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))
            resource.prlimit(pid, resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


async def _at_most(stream: asyncio.StreamReader | None, process: asyncio.subprocess.Process) -> bytes:
    """Read a stream to its end; a process that prints too much is killed, which is its end."""
    assert stream is not None
    found = bytearray()
    while piece := await stream.read(1 << 16):
        if len(found) <= MOST_BYTES:
            found += piece
        elif process.returncode is None:
            process.kill()
    return bytes(found)


async def _tell(progress: Progress) -> None:
    began = time.monotonic()
    while True:
        await progress(time.monotonic() - began)
        await asyncio.sleep(TICK_SECONDS)


def _written(value: Value) -> str:
    """Write a value as the command line takes it."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return str(value)


def read_presets(text: str) -> dict[str, str]:
    """Read what `--list-presets` prints: a name, and what it is for."""
    return {name: says.strip() for name, _, says in (line.partition("  ") for line in text.splitlines()) if name}


def read_parameters(text: str) -> list[dict[str, str]]:
    """Read what `--list-parameters` prints: a line with name, default and range, and one with the meaning."""
    lines = text.splitlines()
    return [
        {**match.groupdict(), "help": meaning.strip()}
        for line, meaning in pairwise(lines)
        if (match := _PARAMETER.match(line))
    ]
