"""A directory that forgets on purpose: who does not renew is not listed any more."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from companion.calls.coordination.naming.names import OPERATIONS, Entry, Lease, Names

MAX_ENTRIES = 10_000
MAX_TTL_S = 3600.0
"""Nobody gets more: a lease for ever is none."""


class LeaseNames(Names):
    """A directory in memory; `clock` gives seconds."""

    title: ClassVar[str] = "lease directory"
    has: ClassVar[frozenset[str]] = frozenset(OPERATIONS)

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.listed: dict[str, tuple[Lease, Entry, float]] = {}  # lease, entry, when last heard of
        self.news: list[tuple[str, str]] = []
        self.numbers = 0

    def register(self, name: str, address: str, attributes: Mapping[str, str], ttl: float) -> Lease:
        """List a service under a lease; one that is listed and alive is not replaced (ValueError)."""
        if not 0 < ttl <= MAX_TTL_S:
            raise ValueError(f"a lease of {ttl} s: more than 0, and at most {MAX_TTL_S:.0f}")
        self._lapse()
        if name in self.listed:
            raise ValueError(f"{name} is taken, and its lease is not over")
        if len(self.listed) >= MAX_ENTRIES:
            raise ValueError(f"{MAX_ENTRIES} entries are listed; no more are taken")
        self.numbers += 1
        lease = Lease(name, self.numbers, ttl, secrets.token_hex(16))
        self.listed[name] = (lease, Entry(name, address, dict(attributes)), self.clock())
        self.news.append(("came", name))
        return lease

    def renew(self, lease: Lease) -> bool:
        """Begin the lease anew, if it is not over."""
        if not self._holds(lease):
            return False
        _, entry, _ = self.listed[lease.name]
        self.listed[lease.name] = (lease, entry, self.clock())
        return True

    def drop(self, lease: Lease) -> bool:
        """Take the entry back, if the lease is not over."""
        if not self._holds(lease):
            return False
        self._remove(lease.name)
        return True

    def resolve(self, name: str) -> str | None:
        """The address of a name whose lease is not over."""
        self._lapse()
        return self.listed[name][1].address if name in self.listed else None

    def find(self, template: Mapping[str, str]) -> list[Entry]:
        """All that have these attributes, with the seconds since each was heard of."""
        self._lapse()
        now = self.clock()
        return [
            Entry(name, entry.address, entry.attributes, now - heard)
            for name, (_, entry, heard) in sorted(self.listed.items())
            if template.items() <= entry.attributes.items()
        ]

    def watch(self) -> list[tuple[str, str]]:
        """What came and went since this was last asked."""
        self._lapse()
        news, self.news = self.news, []
        return news

    def _holds(self, lease: Lease) -> bool:
        self._lapse()
        held = self.listed.get(lease.name)
        return held is not None and secrets.compare_digest(held[0].token, lease.token)

    def _lapse(self) -> None:
        now = self.clock()
        for name, (lease, _, heard) in list(self.listed.items()):
            if now - heard >= lease.ttl:
                self._remove(name)

    def _remove(self, name: str) -> None:
        del self.listed[name]
        self.news = [*self.news, ("went", name)][-MAX_ENTRIES:]
