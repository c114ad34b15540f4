"""Multicast DNS with service discovery, on loopback alone: there is no directory, each answers for itself.

A service is a process of its own, so that it can be killed. `MdnsNames` is a browser, which remembers what it has heard
for as long as the records say.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import ClassVar, Self

from zeroconf import ServiceBrowser, ServiceListener, Zeroconf

from companion.calls.coordination.naming.children import Child
from companion.calls.coordination.naming.names import Lacks, Lease, Names

KIND = "_traffic._tcp.local."
LOOPBACK = ["127.0.0.1"]
WORKER = "companion.calls.coordination.naming.mdns_worker"
PATIENCE_S = 60.0
"""How long to wait for what must come."""
AGAIN_S = 4.0
"""After this silence the browser asks again."""
SILENCE_MS = 500
"""How long a new browser asks before it takes silence for an answer."""
MAX_NEWS = 1000
POINTER, SERVICE = 12, 33
"""The numbers that DNS gives to records of these kinds."""


def why_not() -> str | None:
    """Why there is no multicast DNS here, in one line; None if there is."""
    try:
        _zeroconf().close()
    except OSError as error:
        return f"Multicast DNS is not run here: {error.strerror or error}."
    return None


def _zeroconf() -> Zeroconf:
    """Open it in a thread: in a notebook's own it would join the notebook's event loop, and wait with it for ever."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(Zeroconf, interfaces=LOOPBACK).result()


class MdnsNames(Names, ServiceListener):
    """A browser of one kind of service; a context manager."""

    title: ClassVar[str] = "mDNS"
    has: ClassVar[frozenset[str]] = frozenset({"register", "ttl", "renew", "drop", "resolve", "watch"})

    def __init__(self) -> None:
        try:
            self._zeroconf = _zeroconf()
        except OSError as error:
            raise Lacks(f"multicast on 127.0.0.1: {error}") from None
        self._news: list[tuple[str, str]] = []
        self._there: set[str] = set()
        self._heard = threading.Condition()
        self.services: dict[str, Child] = {}
        self._browser = ServiceBrowser(self._zeroconf, KIND, self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self.services.values():
            with child:
                pass
        self._zeroconf.close()

    def register(self, name: str, address: str, attributes: Mapping[str, str], ttl: float) -> Lease:
        """Start a process that answers for this name, and hear of it; `ttl` in whole seconds, 0: as usual."""
        pairs = [f"{key}={value}" for key, value in attributes.items()]
        self.services[name] = Child(WORKER, name, address, str(int(ttl)), *pairs)
        self.wait_for("came", name)
        return Lease(name, 0, ttl)

    def renew(self, lease: Lease) -> bool:
        """Announce again, which makes every cache begin anew; False when the service is gone."""
        service = self.services.get(lease.name)
        if service is None or service.process.poll() is not None:
            return False
        return bool(service.ask(renew=True)["ready"])

    def drop(self, lease: Lease) -> bool:
        """End the service in good order: it says goodbye, records with a lifetime of 0."""
        if (service := self.services.pop(lease.name, None)) is None:
            return False
        gone = service.process.poll() is None
        service.stop()
        if gone:
            self.wait_for("went", lease.name)
        return gone

    def resolve(self, name: str) -> str | None:
        """What this browser remembers; it asks the network only when it remembers nothing."""
        found = self._zeroconf.get_service_info(KIND, f"{name}.{KIND}", SILENCE_MS)
        return None if found is None else f"{found.parsed_addresses()[0]}:{found.port}"

    def watch(self) -> list[tuple[str, str]]:
        """What came and went since this was last asked."""
        with self._heard:
            news, self._news = self._news, []
        return news

    def lifetimes(self, name: str) -> dict[str, int]:
        """For how many seconds this browser may remember that the service is there, and at which address."""
        cache = self._zeroconf.cache
        kinds = {"pointer": (KIND, POINTER), "address": (f"{name}.{KIND}", SERVICE)}
        return {
            what: int(record.ttl)
            for what, (key, number) in kinds.items()
            for record in cache.entries_with_name(key)
            if record.type == number
        }

    def wait_for(self, what: str, name: str) -> None:
        """Wait until this browser has heard that a service came, or went."""
        deadline = time.monotonic() + PATIENCE_S
        while not self._heard_of(what, name):
            if time.monotonic() > deadline:
                raise Lacks(f"not heard within {PATIENCE_S:.0f} s that {name} {what}")
            self._browser.cancel()  # datagrams may be lost: a new browser asks again at once
            self._browser = ServiceBrowser(self._zeroconf, KIND, self)

    def _heard_of(self, what: str, name: str) -> bool:
        with self._heard:
            return self._heard.wait_for(lambda: (name in self._there) == (what == "came"), AGAIN_S)

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """The browser has heard of a service."""
        self._tell("came", name)

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """It has heard a goodbye, or its records are over."""
        self._tell("went", name)

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """A service says something else of itself; which is no news here."""

    def _tell(self, what: str, name: str) -> None:
        short = name.removesuffix(f".{KIND}")
        with self._heard:
            if (short in self._there) != (what == "came"):
                self._there ^= {short}
                self._news = [*self._news, (what, short)][-MAX_NEWS:]
                self._heard.notify_all()


def new_browser(name: str) -> str | None:
    """What a browser finds that has just started, and remembers nothing."""
    with MdnsNames() as browser:
        return browser.resolve(name)
