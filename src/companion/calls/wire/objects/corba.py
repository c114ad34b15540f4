"""A real ORB, omniORB from a wheel: a server and a client in processes of their own, and a proxy that records between.

    with conversation("Customers") as far:
        far.call("add", {"id": 1, "name": "Ada Lovelace", "balance": 1234.5})
        far.call("get", 1)
        far.request, far.answer          # the bytes of the last call

The wheel is made for Linux only. Where it is missing the same calls are answered from a recording, `recorded.json`, and
`missing()` says so; a call that was not recorded is refused.
"""

import contextlib
import importlib.util
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from companion.calls.wire.customers import Address, RemoteError, WireError
from companion.errors import CompanionError
from companion.proxy import Proxy, proxy

HERE = Path(__file__).parent
IDL = HERE / "traffic.idl"
RECORDED = HERE / "recorded.json"
PATIENCE = 30.0  # seconds for a child to answer; it takes milliseconds, and a second to start
MAX_LINE = 1 << 20
NOW = 1_000_000_000  # the traffic service's clock stands still, so that "recent" means the same in every run


class SystemException(WireError):
    """The ORB could not complete a call.

    Parameters
    ----------
    name : str
        As COMM_FAILURE or TRANSIENT.
    completed : str
        What the ORB knows about the work: YES, NO or MAYBE.
    """

    def __init__(self, name: str, completed: str) -> None:
        super().__init__(f"{name}, COMPLETED_{completed}")
        self.name, self.completed = name, completed


class UserException(RemoteError):
    """The servant raised an exception that the IDL declares; `code` is its name."""


class NotRecorded(CompanionError):
    """There is no ORB here, and the recording does not hold this call."""


class Far(Protocol):
    """A remote object, real or recorded."""

    request: bytes
    answer: bytes

    def call(self, operation: str, *arguments: Any) -> Any:
        """Call an operation; `request` and `answer` are then what passed."""
        ...


def missing() -> str | None:
    """Say in one line why there is no ORB here; None when there is one."""
    if importlib.util.find_spec("omniORB") is None or not Path(sys.executable).with_name("omniidl").exists():
        return "no ORB for this Python: jeteve-omniorb is not installed (Linux only); you see a recording"
    return None


class Child:
    """A process with an ORB, driven by lines of JSON; it ends when this object, or this Python, does."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(HERE / "orb_child.py"), str(IDL)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.executed = 0
        self.reader = threading.Thread(target=self._read, name="orb-child", daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        while line := self.process.stdout.readline(MAX_LINE):
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def order(self, **order: Any) -> None:
        """Tell the child to do something."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()

    def ask(self, **order: Any) -> dict[str, Any]:
        """Tell the child to do something and return what it says.

        Raises
        ------
        CompanionError
            When it says nothing in time, or dies.
        """
        self.order(**order)
        while (told := self._next()) is not None:
            if "executed" not in told:
                return told
        raise CompanionError("the process with the ORB died")

    def wait_for_work(self) -> None:
        """Wait until one more call is executed, or the process is gone."""
        before = self.executed
        while self.executed == before and self._next() is not None:
            pass

    def _next(self) -> dict[str, Any] | None:
        try:
            told = self.lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise CompanionError(f"the process with the ORB said nothing for {PATIENCE:.0f} s") from None
        self.executed += told is not None and "executed" in told
        return told

    def close(self) -> None:
        """End the process and wait for it."""
        assert self.process.stdin and self.process.stdout
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        self.process.stdout.close()


@contextlib.contextmanager
def orb() -> Iterator[Child]:
    """Start a process with an ORB; it is gone when the context ends."""
    with contextlib.closing(Child()) as child:
        yield child


@contextlib.contextmanager
def serving(now: int = NOW) -> Iterator[tuple[Child, Address]]:
    """Serve `Traffic` and `Customers` in a process of their own; give it and its address."""
    with orb() as server:
        yield server, Address("127.0.0.1", server.ask(do="serve", now=now)["port"])


def call(
    client: Child, address: Address | tuple[str, int], interface: str, operation: str, *arguments: Any,
    key: str | None = None, timeout_ms: int = 0,
) -> Any:  # fmt: skip
    """Have a client's process make one call.

    Parameters
    ----------
    client : Child
        Whose ORB calls.
    address : tuple of str and int
        Where the server, or a proxy before it, listens.
    interface, operation : str
        "Customers" or "Traffic", and one of its operations.
    *arguments
        Numbers and strings; a dict stands for a struct of the IDL.
    key : str, optional
        The object's key; by default the interface's name.
    timeout_ms : int
        Milliseconds until the client gives up; 0 waits for ever.

    Raises
    ------
    SystemException, UserException
        As the ORB tells its caller.
    """
    at = f"corbaloc:iiop:1.2@{address[0]}:{address[1]}/{key or interface}"
    told = client.ask(
        do="call", at=at, interface=interface, operation=operation, arguments=arguments, timeout_ms=timeout_ms
    )
    return outcome(told)


def outcome(told: dict[str, Any]) -> Any:
    """Return the result that a child told, or raise the exception."""
    if "raised" in told:
        raise UserException(told["raised"], json.dumps(told["members"]) if told["members"] else "")
    if "failed" in told:
        raise SystemException(told["failed"], told["completed"])
    return told["result"]


class Live:
    """A remote object that is there: its server, its client and the proxy between them run."""

    def __init__(self, client: Child, wire: Proxy, interface: str) -> None:
        self.client, self.wire, self.interface = client, wire, interface
        self.request = self.answer = b""

    def call(self, operation: str, *arguments: Any) -> Any:
        """Call an operation of the object, through the proxy."""
        began = len(self.wire.pieces)
        try:
            return call(self.client, self.wire.address, self.interface, operation, *arguments)
        finally:
            pieces = self.wire.pieces[began:]
            self.request = b"".join(piece.data for piece in pieces if piece.direction == "to server")
            self.answer = b"".join(piece.data for piece in pieces if piece.direction == "to client")


class Recorded:
    """A remote object that was there: the same calls in the same order get the recorded answers."""

    def __init__(self, interface: str) -> None:
        self.calls = iter(recording()["conversations"][interface])
        self.request = self.answer = b""

    def call(self, operation: str, *arguments: Any) -> Any:
        """Return what this call returned when it was recorded.

        Raises
        ------
        NotRecorded
            When another call, or none, was recorded here.
        """
        entry = next(self.calls, None)
        if entry is None or entry["call"] != json.loads(json.dumps([operation, *arguments])):
            raise NotRecorded(f"{operation}{arguments} was not recorded at this place, and there is no ORB here")
        self.request, self.answer = bytes.fromhex(entry["request"]), bytes.fromhex(entry["answer"])
        return outcome(entry["told"])


@contextlib.contextmanager
def conversation(interface: str, live: bool | None = None) -> Iterator[Far]:
    """Give a remote object, `Customers` or `Traffic`.

    Parameters
    ----------
    interface : str
        Which of the two.
    live : bool, optional
        Whether to start an ORB; by default when there is one.
    """
    if missing() is not None if live is None else not live:
        yield Recorded(interface)
        return
    with serving() as (_, address), proxy(address) as wire, orb() as client:
        yield Live(client, wire, interface)


def recording() -> dict[str, Any]:
    """Read what was recorded where there was an ORB."""
    found: dict[str, Any] = json.loads(RECORDED.read_text("utf-8"))
    return found
