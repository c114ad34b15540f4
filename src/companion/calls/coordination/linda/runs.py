"""The designs with processes that are killed and stopped, and waiters that are no longer there.

The server's clock is set by hand, so that a lease is over when the experiment says so. A killed process closes its
connection, and the server gives back at once what it held on lease and forgets what it waited for. A stopped process,
or a machine that is off, closes nothing.
"""

from collections.abc import Sequence

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.linda.client import SpaceClient
from companion.calls.coordination.linda.designs import KILLED, LONG, TASK, TASKS, total
from companion.calls.coordination.linda.server import serve_space
from companion.calls.coordination.puppets import Puppet

MODULE = "companion.calls.coordination.linda.worker"


def run(design: str, fails: Sequence[tuple[str, str]], tasks: int = TASKS) -> int:
    """Do what `play` does with processes: each is killed by SIGKILL, or stopped by SIGSTOP, at its point."""
    with serve_space(HandClock()) as address, SpaceClient(address) as master:
        for number in range(tasks):
            master.out(("task", number))
        paused: list[Puppet] = []
        try:
            for point, fate in fails:
                worker = Puppet(MODULE, *address, design)
                paused.append(worker)
                worker.until(point)
                if fate == KILLED:
                    paused.pop().kill()
                else:
                    worker.pause()
                master.pass_time(LONG)
            with Puppet(MODULE, *address, design) as rescuer:
                rescuer.next_point()
                rescuer.finish()
            for worker in paused:
                worker.resume()
                worker.finish()
        finally:
            for worker in paused:
                worker.__exit__()
        return total(master)


def eaten(fate: str, lease: float | None, waiters: int = 3, tasks: int = 10) -> tuple[int, int]:
    """Let processes wait, kill or stop them, and put tuples in.

    Parameters
    ----------
    fate : str
        ``killed`` or ``paused``.
    lease : float or None
        What they ask for.
    waiters, tasks : int
        How many wait, and how many tuples come.

    Returns
    -------
    (int, int)
        How many tuples of all are there afterwards: at once, and when the leases are over.
    """
    with serve_space(HandClock()) as address, SpaceClient(address) as master:
        puppets = [Puppet(MODULE, *address, "waits", lease or 0) for _ in range(waiters)]
        try:
            for puppet in puppets:
                puppet.until("waits")
                puppet.send()
            _until(master, waiters)
            for puppet in puppets:
                if fate == KILLED:
                    puppet.kill()
                else:
                    puppet.pause()
            if fate == KILLED:
                _until(master, 0)  # the server has heard of it
            for number in range(tasks):
                master.out(("task", number))
            at_once = master.count(TASK)
            master.pass_time(LONG)
            return at_once, master.count(TASK)
        finally:
            for puppet in puppets:
                puppet.__exit__()


def _until(space: SpaceClient, waiting: int) -> None:
    """Ask until so many wait; there is no event that tells."""
    while space.waiting() != waiting:
        continue
