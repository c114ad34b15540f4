"""CORBA by real calls of omniORB between processes, one for each version of the struct: position, with padding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from companion.calls.wire.evolution.changes import BY_NAME, CUSTOMER, Record, Schema
from companion.calls.wire.evolution.judge import Received, Refused
from companion.errors import CompanionError

KINDS = {"int32": "long", "int64": "long long", "double": "double", "float": "float", "string": "string"}
SECONDS = 60
DESK = Path(__file__).with_name("corba_desk.py")

Exchange = Callable[[Schema, Schema, Sequence[Record]], list[Received]]


class CorbaError(CompanionError):
    """A process of the CORBA column has ended, or does not answer."""


def missing() -> str:
    """Say why CORBA cannot run here, or nothing."""
    if find_spec("omniORB") is None:
        return "CORBA is left out: no omniORB here (its wheel, jeteve-omniorb, is for Linux)"
    if not Path(sys.executable).with_name("omniidl").exists():
        return "CORBA is left out: there is no omniidl beside this Python"
    return ""


def idl(schema: Schema) -> str:
    """Write a schema in OMG's IDL."""
    members = " ".join(f"{KINDS[field.kind]} {field.name};" for field in schema)
    return f"struct Customer {{ {members} }};\ninterface Desk {{ long put(in Customer c); long wait(); }};\n"


class Desk:
    """A process with one version of the customer."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.ior = str(self._line()["ior"])

    def ask(self, **command: Any) -> Any:
        """Send a command, and wait for its answer."""
        self.tell(**command)
        return self._line()

    def tell(self, **command: Any) -> None:
        """Send a command."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise CorbaError(f"a CORBA process has ended: {error}") from None

    def _line(self) -> Any:
        assert self._process.stdout is not None
        alarm = threading.Timer(SECONDS, self._process.kill)
        alarm.start()
        try:
            line = self._process.stdout.readline()
        finally:
            alarm.cancel()
        if not line:
            raise CorbaError(f"a CORBA process has ended, or did not answer within {SECONDS} s")
        return json.loads(line)

    hear = _line


@contextmanager
def desk(schema: Schema) -> Iterator[Desk]:
    """Start a process for one version, and end it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "customer.idl").write_text(idl(schema))
        process = subprocess.Popen(
            [sys.executable, str(DESK), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=folder,
            env={**os.environ, "TMPDIR": folder},
        )
        try:
            yield Desk(process)
        finally:
            process.kill()
            process.communicate()


@contextmanager
def desks() -> Iterator[Exchange]:
    """Give a column whose processes live as long as the context, one for each schema that came up."""
    with ExitStack() as stack:
        running: dict[Schema, Desk] = {}

        def of(schema: Schema) -> Desk:
            if schema not in running:
                running[schema] = stack.enter_context(desk(schema))
            return running[schema]

        def exchange(writer: Schema, reader: Schema, records: Sequence[Record]) -> list[Received]:
            there = of(reader)
            statuses = of(writer).ask(do="send", to=there.ior, records=list(records))
            seen = there.ask(do="seen")
            return [Refused(status) if isinstance(status, str) else seen[status] for status in statuses]

        yield exchange


def innocent_call() -> tuple[str, str]:
    """Let an old client wait for an answer, and meanwhile send a customer to a server that has removed a field.

    Returns
    -------
    tuple of str
        What became of the call that sent the customer, and of the one that only waited.
    """
    with desk(CUSTOMER) as old, desk(BY_NAME["remove last"].new) as new:
        record = {"id": 1, "name": "Ada", "balance": 1234.5}
        old.tell(do="innocent", to=new.ior, record=record)
        new.ask(do="entered")
        old.tell(do="go")
        old.hear()
        new.ask(do="leave")
        guilty, innocent = old.hear()
        return str(guilty), str(innocent)
