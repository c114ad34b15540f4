"""Hear of a death, or share it: monitors and links between processes, as Erlang has them.

A monitor is one-way: when the watched process ends, the watcher finds a `Down` with the reason in its mailbox. A link
goes both ways and is stronger: when one end dies of anything but a normal end, the other is killed, and passes the
same reason on. So a fault takes a group with it, and whoever monitors the group learns what began it.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable
from dataclasses import dataclass

from companion.calls.concurrency.supervisor.children import Process


@dataclass(frozen=True)
class Down:
    """A message to a watcher.

    Attributes
    ----------
    name : str
        Who is dead.
    reason : str
        `normal`, `exit N`, the name of a signal, or `noproc` if it was dead before anyone watched.
    """

    name: str
    reason: str


class Bonds:
    """The monitors and links between some processes, and the mailboxes of those who watch.

    Parameters
    ----------
    processes : iterable of Process
        They are running; who starts and stops them is not decided here.
    """

    def __init__(self, processes: Iterable[Process]) -> None:
        self._processes = {process.name: process for process in processes}
        self.mailboxes: dict[str, list[Down]] = {}
        self._monitors: list[tuple[str, str]] = []
        self._links: set[frozenset[str]] = set()
        self._dead: dict[str, str] = {}

    def monitor(self, watcher: str, watched: str) -> None:
        """Let somebody hear of the end of a process, at once if it has ended or was never there."""
        self.settle()
        process = self._processes.get(watched)
        if process is None or watched in self._dead:
            self._tell(watcher, Down(watched, "noproc"))
        else:
            self._monitors.append((watcher, watched))

    def link(self, one: str, other: str) -> None:
        """Let each of two processes die with the other.

        Raises
        ------
        KeyError
            If there is no process of that name.
        """
        for name in (one, other):
            if name not in self._processes:
                raise KeyError(name)
        self._links.add(frozenset((one, other)))
        for dead, living in ((one, other), (other, one)):
            if dead in self._dead and living not in self._dead:
                self._die(living, "noproc")

    def settle(self) -> None:
        """Notice who has ended, take the linked ones along, and tell the watchers."""
        for name, process in self._processes.items():
            why = process.reason()
            if why is not None and name not in self._dead:
                self._spread(name, why)

    def _spread(self, name: str, why: str) -> None:
        """Record a death, and let it travel along the links, nearest first."""
        waiting = [name]
        self._dead[name] = why
        while waiting:
            gone = waiting.pop(0)
            for watcher, watched in self._monitors:
                if watched == gone:
                    self._tell(watcher, Down(gone, why))
            self._monitors = [pair for pair in self._monitors if pair[1] != gone]
            if why == "normal":
                return
            for other in sorted(name for link in self._links if gone in link for name in link - {gone}):
                if other not in self._dead:
                    self._processes[other].send(signal.SIGKILL)
                    self._dead[other] = why
                    waiting.append(other)

    def _die(self, name: str, why: str) -> None:
        self._processes[name].send(signal.SIGKILL)
        self._spread(name, why)

    def _tell(self, watcher: str, message: Down) -> None:
        self.mailboxes.setdefault(watcher, []).append(message)


__all__ = ["Bonds", "Down"]
