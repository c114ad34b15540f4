"""CORBA by real calls of omniORB between processes, one for each version of the struct: position, with padding."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from companion.calls.wire.evolution.changes import BY_NAME, Record, Schema
from companion.calls.wire.evolution.codecs import giop
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
    return f"struct Customer {{ {members} }};\ninterface Desk {{ long put(in Customer c); long ping(); }};\n"


class Desk:
    """A process with one version of the customer."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.ior = str(self._line()["ior"])

    def ask(self, **command: Any) -> Any:
        """Send a command, and wait for its answer."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise CorbaError(f"a CORBA process has ended: {error}") from None
        return self._line()

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


def innocent_calls(record: Record, pings: int = 3) -> dict[str, str]:
    """Send a customer and some pings behind it on one connection, to a server whose customer has no balance.

    Returns
    -------
    dict
        What became of each call: `answered`, or `closed`, the connection having ended first.
    """
    with desk(BY_NAME["remove last"].new) as new:
        (host, port), key = giop.address_of(new.ior)
        bodies = [("put", cdr(record))] + [("ping", b"")] * pings
        message = b"".join(giop.request(key, number, name, body) for number, (name, body) in enumerate(bodies))
        with socket.create_connection((host, port), timeout=SECONDS) as connection:
            connection.sendall(message)
            answered = giop.answers(connection, len(bodies), SECONDS)
    names = ["put", *(f"ping {number}" for number in range(1, pings + 1))]
    return {name: "answered" if number in answered else "closed" for number, name in enumerate(names)}


def cdr(record: Record) -> bytes:
    """Encode a customer as CDR, with a double at a multiple of eight."""
    data: bytes = struct.pack(">iI", record["id"], len(record["name"]) + 1) + record["name"].encode() + bytes(1)
    if "balance" in record:
        data += bytes(-len(data) % 8) + struct.pack(">d", record["balance"])
    return data
