"""CORBA's naming service: a real omniNames, with services and clients that are processes of their own.

What an entry holds is a reference to an object, wherever it is or was. The naming service never asks whether it is.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from companion.calls.coordination.naming.children import PATIENCE_S, Child, ChildError
from companion.calls.coordination.naming.names import Lacks, Lease, Names

KEEPER = Path(__file__).parents[1] / "keeper.py"
WORKER = "companion.calls.coordination.naming.corba_worker"
LIFETIME_S = 600
REMOVES = "import shutil, sys, time; sys.stdin.read(); time.sleep(2); shutil.rmtree(sys.argv[1], ignore_errors=True)"
"""The folder outlives nobody: this process waits until we are gone, then for omniNames to be, and removes it."""


def why_not() -> str | None:
    """Why there is no CORBA here, in one line; None if there is."""
    if not (Path(sys.executable).parent / "omniNames").exists() or find_spec("omniORB") is None:
        return "CORBA is not run here: there is no wheel of omniORB for this system."
    return None


class CorbaNames(Names):
    """omniNames over a folder of its own, and a client of it; a context manager."""

    title: ClassVar[str] = "CORBA naming"
    has: ClassVar[frozenset[str]] = frozenset({"register", "drop", "resolve"})

    def __init__(self) -> None:
        if reason := why_not():
            raise Lacks(reason)
        self._folder = tempfile.TemporaryDirectory(prefix="omninames-")
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", REMOVES, self._folder.name],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._server: subprocess.Popen[bytes] | None = None
        self._client: Child | None = None
        self.services: dict[str, Child] = {}
        self.port = 0

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def register(self, name: str, address: str = "", attributes: object = None, ttl: float = 0) -> Lease:
        """Start a service in a process of its own, which binds itself; address, attributes and ttl have no place."""
        service = Child(WORKER, "serve", self.reference, name)
        if old := self.services.pop(name, None):
            old.stop()
        self.services[name] = service
        return Lease(name, 0, float("inf"))

    def drop(self, lease: Lease) -> bool:
        """Unbind a name. Anybody may; no token is asked for."""
        return bool(self._ask("unbind", lease.name)["done"])

    def resolve(self, name: str) -> str | None:
        """The first characters of the reference that is bound to a name."""
        found = self._ask("resolve", name)["reference"]
        return str(found) if found else None

    def listed(self) -> list[str]:
        """Every name that is bound. It is no `find`: nothing is known of an entry but its name."""
        return [str(name) for name in self._ask("list", "")["names"]]

    def call(self, name: str) -> str:
        """Call the object that is bound to a name: its answer, or the exception and whether the call was made."""
        return str(self._ask("call", name)["answer"])

    def restart(self) -> None:
        """Kill omniNames with SIGKILL, and start it again over the same folder."""
        self._kill()
        self._start()

    def close(self) -> None:
        """End every process, and remove the folder."""
        for child in [*self.services.values(), *filter(None, [self._client])]:
            with child:
                pass
        self._kill()
        self._folder.cleanup()
        self._guard.kill()
        self._guard.wait()
        if self._guard.stdin is not None:
            self._guard.stdin.close()

    @property
    def reference(self) -> str:
        """Where the root of all names is."""
        return f"corbaloc:iiop:127.0.0.1:{self.port}/NameService"

    def _ask(self, operation: str, name: str) -> dict[str, Any]:
        if self._client is None:
            raise ChildError("omniNames is not running")
        return self._client.ask(operation=operation, name=name)

    def _start(self) -> None:
        """Start omniNames on a port of its own, which it keeps over restarts, as the references in it name it."""
        folder = self._folder.name
        first = self.port == 0
        if first:
            self.port = _free_port()
        command = [str(Path(sys.executable).parent / "omniNames"), *(["-start", str(self.port)] if first else [])]
        command += ["-datadir", folder, "-nohostname", "-errlog", f"{folder}/errors"]
        command += ["-ORBendPoint", f"giop:tcp:127.0.0.1:{self.port}"]
        keeper = [sys.executable, "-I", "-S", str(KEEPER), str(LIFETIME_S)]
        self._server = subprocess.Popen(
            [*keeper, *command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if self._client is not None:
            self._client.stop()
        self._client = Child(WORKER, "ask", self.reference)

    def _kill(self) -> None:
        """SIGKILL to omniNames itself; its keeper sees it end, and ends."""
        if self._server is None:
            return
        children = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children")
        with suppress(OSError):
            for child in children.read_text("ascii").split():
                os.kill(int(child), signal.SIGKILL)
        if self._server.stdin is not None:
            self._server.stdin.close()
        self._server.wait(PATIENCE_S)
        self._server = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
