"""A function over a grid: on all cores of this machine, or on a Dask cluster, with the same results in the same order.

    from companion.sweep import sweep

    answered = sweep(share_answered, {"load": [10.0, 20.0, 40.0], "max_retries": [0, 1, 3]})
    answered[40.0, 3]

The function's own arguments must hold all that its result depends on, the seed included: then it does not matter what
ran it. A worker that dies (killed, out of memory) is replaced, and its points are tried again.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from companion.errors import CompanionError

Result = TypeVar("Result")
Key = tuple[Any, ...]

HERE = "here"
"""The scheduler that runs everything in this process, one point after the other: for a debugger, or to compare."""

ATTEMPTS = 3
"""How often a point may take its worker down before it is given up."""


class SweepError(CompanionError, RuntimeError):
    """A point took every worker down that tried it, or the cluster cannot be reached."""


def sweep(
    function: Callable[..., Result], grid: Mapping[str, Sequence[Any]], scheduler: str | None = None
) -> dict[Key, Result]:
    """Call a function at every point of a grid.

    Parameters
    ----------
    function : callable
        Called with one keyword argument for each axis. It runs in other processes, so what it takes and returns must be
        picklable; functions of a notebook are fine.
    grid : mapping of str to sequence
        The axes, each with its values, which must be hashable and differ.
    scheduler : str, optional
        All cores of this machine by default; the address of a Dask scheduler, such as ``tcp://10.0.0.7:8786`` (needs
        the extra ``cluster``, and this package on its workers); or ``here``.

    Returns
    -------
    dict
        The result of each point by its values, ordered like nested loops over the axes as they were given.

    Raises
    ------
    SweepError
        If a point kills its worker three times, or the scheduler does not answer within ten seconds.
    ValueError
        If an axis is empty or repeats a value.
    Exception
        Whatever the function raises, with a note that names the point; the rest of the sweep is given up.
    """
    for name, values in grid.items():
        if not len(values) or len(set(values)) < len(values):
            raise ValueError(f"the axis {name} of a sweep takes one or more values, all different: {list(values)!r}")
    points = list(itertools.product(*grid.values()))
    calls = [dict(zip(grid, point, strict=True)) for point in points]
    with _progress(len(points)) as advance:
        if scheduler is not None and scheduler != HERE:
            found = _on_a_cluster(function, calls, scheduler, advance)
        elif scheduler == HERE or len(points) == 1 or _cores() == 1:
            found = _one_by_one(function, calls, advance)
        else:
            found = _on_all_cores(function, calls, advance)
    return {point: found[number] for number, point in enumerate(points)}


Calls = Sequence[Mapping[str, Any]]
Advance = Callable[[], None]


def _one_by_one(function: Callable[..., Result], calls: Calls, advance: Advance) -> dict[int, Result]:
    found = {}
    for number, call in enumerate(calls):
        with _naming(call):
            found[number] = function(**call)
        advance()
    return found


def _on_all_cores(function: Callable[..., Result], calls: Calls, advance: Advance) -> dict[int, Result]:
    """Keep every core busy; whatever a dead worker may have had in hand is tried again, each point by itself."""
    found: dict[int, Result] = {}
    suspects = _run(function, calls, range(len(calls)), _cores(), found, advance)
    for number in suspects:
        for _ in range(ATTEMPTS - 1):
            if not _run(function, calls, [number], 1, found, advance):
                break
        else:
            raise SweepError(f"{_shown(calls[number])}: its worker died {ATTEMPTS} times; out of memory, perhaps")
    return dict(sorted(found.items()))


def _run(
    function: Callable[..., Result], calls: Calls, numbers: Sequence[int], workers: int, found: dict[int, Result],
    advance: Advance,
) -> list[int]:  # fmt: skip
    """Fill in what can be found; give the numbers of the points that were under way when a worker died.

    No more is handed out than there are workers, so that few are under suspicion.
    """
    from concurrent.futures import FIRST_COMPLETED, Future, wait
    from concurrent.futures.process import BrokenProcessPool

    from loky import ProcessPoolExecutor

    left, suspects = iter(numbers), list[int]()
    pool = ProcessPoolExecutor(max_workers=workers)
    pending: dict[Future[Result], int] = {}
    try:
        while True:
            for number in itertools.islice(left, workers - len(pending)):
                pending[pool.submit(function, **calls[number])] = number
            if not pending:
                return suspects
            done, _ = wait(pending, return_when=FIRST_COMPLETED)
            broken = []
            for future in done:
                number = pending.pop(future)
                try:
                    with _naming(calls[number]):
                        found[number] = future.result()
                    advance()
                except BrokenProcessPool:
                    broken.append(number)
            if broken:  # all that this pool had in hand is lost
                suspects += sorted([*broken, *pending.values()])
                pending.clear()
                pool.shutdown(wait=False, kill_workers=True)
                pool = ProcessPoolExecutor(max_workers=workers)
    finally:
        pool.shutdown(wait=False, kill_workers=True)


def _on_a_cluster(function: Callable[..., Result], calls: Calls, address: str, advance: Advance) -> dict[int, Result]:
    """Dask itself starts a task again elsewhere when its worker dies, three times by default."""
    try:
        from distributed import Client, KilledWorker, as_completed
    except ImportError:
        raise SweepError("a cluster needs the extra: pip install 'companion[cluster]'") from None
    try:
        client = Client(address, timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise SweepError(f"no Dask scheduler answers at {address} ({error})") from None
    found = {}
    with client, client.as_current():
        # Not pure: the same point in a later sweep is computed again, as on this machine.
        futures = {client.submit(_called, function, dict(call), pure=False): n for n, call in enumerate(calls)}
        for future in as_completed(futures):  # type: ignore[no-untyped-call]
            call = calls[futures[future]]
            try:
                with _naming(call):
                    found[futures[future]] = future.result()
            except KilledWorker:
                raise SweepError(f"{_shown(call)}: its workers died; out of memory, perhaps") from None
            advance()
    return dict(sorted(found.items()))


def _called(function: Callable[..., Result], call: dict[str, Any]) -> Result:
    return function(**call)  # submit() would take some names, such as `key`, for its own


def _cores() -> int:
    from loky import cpu_count

    count: int = cpu_count()  # of this process: it knows of containers and of taskset
    return count


def _shown(call: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in call.items())


@contextmanager
def _naming(call: Mapping[str, Any]) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        error.add_note(f"in a sweep, at {_shown(call)}")
        raise


@contextmanager
def _progress(total: int) -> Iterator[Advance]:
    """Show a bar on stderr, or in a notebook that a person has open; a page or a log has no use for one."""
    from rich.console import Console
    from rich.progress import Progress

    watched = "JPY_SESSION_NAME" in os.environ  # set by Jupyter's server
    # Rich takes a kernel's stderr for a terminal, since kernels set FORCE_COLOR: ask the stream itself.
    shown = watched or sys.stderr.isatty()
    with Progress(console=Console(stderr=True, force_jupyter=watched), transient=True, disable=not shown) as bar:
        task = bar.add_task("sweep", total=total)
        yield lambda: bar.advance(task)


__all__ = ["HERE", "SweepError", "sweep"]
