"""The runs that the chapter shows: made anew where MPI is as it was for the chapter, else read from a record.

    python -m companion.calls.coordination.mpi.recorded

makes the record anew. What wrong programs do is not for a standard to say: it belongs to MPICH 5 on Linux, x86-64, and
so does the record. Elsewhere the record speaks, and says so in one line.
"""

from __future__ import annotations

import json
import platform
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from companion.calls.coordination.mpi.run import MPIError, Run, run, why_not

RECORD = Path(__file__).with_name("recorded.json")
HANG_S = 1.5
"""After this many seconds a program that should have taken one is said to hang."""

EXPERIMENTS: tuple[tuple[str, int, tuple[str, ...], bool], ...] = (
    ("article_sum", 4, (), True),
    ("scattered_sum", 3, (), True),
    ("collectives", 4, ("linear", "binomial", "doubling"), True),
    ("mismatches", 2, (), True),
    ("waits", 2, ("barrier",), True),
    ("waits", 2, ("order", "1"), True),
    ("waits", 2, ("order", "8"), True),
    ("waits", 2, ("order", "100000"), True),
    ("waits", 2, ("send", "4000"), True),
    ("waits", 2, ("send", "40000"), True),
    ("dying", 4, ("raise",), False),
    ("dying", 4, ("raise",), True),
    ("dying", 4, ("kill",), True),
)
"""Program, ranks, arguments, and whether an exception in one rank ends all."""


def outcome(program: str, ranks: int, *arguments: str, aborting: bool = True, timeout_s: float = 60.0) -> Run:
    """Run one of the chapter's experiments, or read what came out when it was recorded."""
    reason = why_not()
    if reason is None and (sys.platform, platform.machine()) != ("linux", "x86_64"):
        reason = f"MPI is not run here: the chapter's runs were made on Linux x86-64, not on {platform.system()}."
    if reason is None:
        return run(program, ranks, *arguments, aborting=aborting, timeout_s=timeout_s)
    print(f"{reason} Recorded {_record()['date']}:")
    return recorded(program, ranks, *arguments, aborting=aborting)


def recorded(program: str, ranks: int, *arguments: str, aborting: bool = True) -> Run:
    """What is in the record of this experiment."""
    for one in _record()["runs"]:
        if (one["program"], one["ranks"], one["arguments"], one["aborting"]) == (
            program, ranks, list(arguments), aborting,
        ):  # fmt: skip
            return Run(one["status"], one["told"], "")
    raise MPIError(f"{program} {' '.join(arguments)} on {ranks} ranks: no such record")


def eager_limit() -> int:
    """The greatest message in the record that both ranks could send before they received."""
    limit = _record()["eager_limit"]
    if not isinstance(limit, int):
        raise MPIError(f"{RECORD.name}: eager_limit is {limit!r}")
    return limit


def find_eager_limit(below: int = 4000, above: int = 40000) -> int:
    """Halve the interval until the last size that passes and the first that hangs are neighbours."""
    while above - below > 1:
        middle = (below + above) // 2
        if run("waits", 2, "send", str(middle), timeout_s=4 * HANG_S).hung:
            above = middle
        else:
            below = middle
    return below


def record(path: Path = RECORD) -> None:
    """Run every experiment and write the record."""
    runs = []
    for program, ranks, arguments, aborting in EXPERIMENTS:
        made = run(program, ranks, *arguments, aborting=aborting, timeout_s=4 * HANG_S)
        runs.append(
            {"program": program, "ranks": ranks, "arguments": arguments, "aborting": aborting,
             "status": made.status, "told": made.told}
        )  # fmt: skip
    made_of = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{platform.system()} {platform.machine()}",
        "versions": {name: metadata.version(name) for name in ("mpich", "mpi4py")},
        "eager_limit": find_eager_limit(),
        "runs": runs,
    }
    path.write_text(json.dumps(made_of, indent=1) + "\n", "utf-8")


def _record() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(RECORD.read_text("utf-8"))
    return read


if __name__ == "__main__":
    record()
