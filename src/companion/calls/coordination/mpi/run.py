"""Start a program on several ranks with `mpiexec`, under a time-out, and tell what came out.

There is no MPI wheel for Windows. There `why_not` says so, and chapters show `recorded` results instead.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from companion.errors import CompanionError
from companion.import_graph import PACKAGE

PROGRAMS = Path(__file__).parent / "programs"
KEEPER = Path(__file__).parents[1] / "keeper.py"
MAX_RANKS = 32
MAX_OUTPUT = 1 << 20
"""Bytes of each stream that are kept; what comes after them is read, and dropped."""
TIMED_OUT = 124
MARGIN_S = 15.0
"""What the keeper may need, beyond the time-out, to end everything."""


class MPIError(CompanionError):
    """A program could not be started, or did not say what it should."""


@dataclass(frozen=True)
class Run:
    """What a program of several ranks did.

    Attributes
    ----------
    status : int
        `mpiexec`'s exit status, or 124 when the time was up.
    told : list of dict
        The lines of JSON that the ranks printed, by rank.
    errors : str
        What went to standard error.
    """

    status: int
    told: list[dict[str, Any]]
    errors: str = field(repr=False)

    @property
    def hung(self) -> bool:
        """Whether the time was up before the program had ended."""
        return self.status == TIMED_OUT

    @property
    def result(self) -> dict[str, Any]:
        """What rank 0 told; for a program that went well."""
        first = next((line for line in self.told if line.get("rank") == 0), None)
        if self.status or first is None:
            raise MPIError(f"exit status {self.status}, and no result of rank 0: {self.errors.strip()[-200:]}")
        return first


def mpiexec() -> Path:
    """The launcher of the mpich wheel, which stands beside this interpreter."""
    return Path(sys.executable).parent / "mpiexec"


def why_not() -> str | None:
    """Why programs cannot be run here, in one line; None if they can."""
    if sys.platform == "win32":
        return "MPI is not run here: there is no wheel of it for Windows."
    if not mpiexec().exists() or find_spec("mpi4py") is None:
        return "MPI is not run here: mpich and mpi4py are missing (pip install companion[calls])."
    return None


def run(program: str | Path, ranks: int, *arguments: str, timeout_s: float = 60.0, aborting: bool = True) -> Run:
    """Run a program of `programs/`, or a file, on so many ranks.

    Parameters
    ----------
    program : str or Path
        A name, ``"article_sum"``, or the path of a Python file.
    ranks : int
        From 1 to 32; each is a process, which spins while it waits.
    arguments : str
        What the program is given.
    timeout_s : float
        After this many seconds all of it is ended.
    aborting : bool
        Whether an exception in one rank ends all (``python -m mpi4py``); otherwise the others wait for it.

    Raises
    ------
    MPIError
        When MPI is missing here, or there is no such program.
    """
    if reason := why_not():
        raise MPIError(reason)
    path = PROGRAMS / f"{program}.py" if isinstance(program, str) else program
    if not path.is_file():
        raise MPIError(f"{path.name}: no such program")
    if not 1 <= ranks <= MAX_RANKS:
        raise MPIError(f"{ranks} ranks: from 1 to {MAX_RANKS}")
    python = [sys.executable, *(["-m", "mpi4py"] if aborting else [])]
    launcher = [str(mpiexec()), "-localhost", "127.0.0.1", "-n", str(ranks)]
    keeper = [sys.executable, "-I", "-S", str(KEEPER), str(timeout_s)]
    return _collect([*keeper, *launcher, *python, str(path), *arguments], timeout_s + MARGIN_S)


def _collect(command: Sequence[str], seconds: float) -> Run:
    paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as keeper:
        kept: dict[str, bytes] = {}
        readers = [
            threading.Thread(target=_read, args=(name, stream, kept), daemon=True)
            for name, stream in (("told", keeper.stdout), ("errors", keeper.stderr))
        ]
        for reader in readers:
            reader.start()
        try:
            status = keeper.wait(seconds)
            for reader in readers:
                reader.join(MARGIN_S)
        finally:
            if keeper.stdin is not None:
                keeper.stdin.close()  # the keeper ends everything when this ends
            try:
                keeper.wait(MARGIN_S)
            except subprocess.TimeoutExpired:
                keeper.kill()
    lines = [_line(text) for text in kept.get("told", b"").decode("utf-8", "replace").splitlines()]
    told = sorted((line for line in lines if line is not None), key=lambda line: line["rank"])
    return Run(status, told, kept.get("errors", b"").decode("utf-8", "replace"))


def _read(name: str, stream: IO[bytes] | None, kept: dict[str, bytes]) -> None:
    """Read a stream to its end, and keep its beginning."""
    if stream is None:
        return
    beginning = bytearray()
    while piece := os.read(stream.fileno(), 65536):
        beginning += piece[: MAX_OUTPUT - len(beginning)]
    kept[name] = bytes(beginning)


def _line(text: str) -> dict[str, Any] | None:
    """What a rank printed, if it is a JSON object that names its rank; Python's warnings and the like are not."""
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) and isinstance(line.get("rank"), int) else None
