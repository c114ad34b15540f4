"""The server that thriftpy2 brings, in a process of its own, to be sent what no client should send.

    with library_server("binary") as child:
        child.told(frame)

In a process of its own, since a server that is kept busy in a library's C code keeps all of Python from running.
"""

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.calls.wire.customers import Address

SOON = 0.5
"""Seconds after which an answer that has not come is said to be waited for."""
LONG = 10.0
"""Seconds after which an honest caller is said not to be answered, where a process's work cannot be seen."""
BUSY = 0.3
"""Seconds of the processor's that no honest call takes: a server that has spent so many, and not answered, is busy."""
PATIENCE = 60.0
"""Seconds for what will come, however busy the machine is."""
GET_ONE = b"\x80\x01\x00\x01\x00\x00\x00\x03get\x00\x00\x00\x00\x08\x00\x01\x00\x00\x00\x01\x00"


@dataclass
class Child:
    """A running server.

    Parameters
    ----------
    address : Address
        Where it listens.
    process : subprocess.Popen
        The process; it ends when its stdin does.
    framed : bool
        Whether its messages have their length in front.
    """

    address: Address
    process: subprocess.Popen[str]
    framed: bool

    def told(self, frame: bytes) -> str:
        """Send bytes; say what became of the sender, and of somebody else who calls meanwhile."""
        with socket.create_connection(self.address, timeout=PATIENCE) as bad:
            bad.sendall(frame)
            bad.settimeout(SOON)
            try:
                ended = bad.recv(65_536)
            except TimeoutError:
                return "waits for the rest" if self.answers(LONG) else "is busy: nobody is answered"
            except OSError:
                ended = b""
            return "answers" if ended else "hangs up"

    def answers(self, seconds: float) -> bool:
        """Say whether an honest caller is answered in time."""
        call = len(GET_ONE).to_bytes(4, "big") + GET_ONE if self.framed else GET_ONE
        until, spent = time.monotonic() + seconds, self.spent()
        with socket.create_connection(self.address, timeout=PATIENCE) as honest:
            honest.sendall(call)
            honest.settimeout(0.05)
            while time.monotonic() < until and self.spent() - spent < BUSY:
                with contextlib.suppress(TimeoutError):
                    return bool(honest.recv(65_536))
        return False

    def spent(self) -> float:
        """Return how many seconds of the processor's the process has had; 0 where the system does not say."""
        file = Path(f"/proc/{self.process.pid}/stat")
        if not file.exists():
            return 0.0
        times = file.read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")

    def peak_kilobytes(self) -> int:
        """Ask for the most memory that the process has had; 0 on Windows, which does not say."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("peak\n")
        self.process.stdin.flush()
        return int(json.loads(self.process.stdout.readline())["peak"])


@contextlib.contextmanager
def library_server(*, framed: bool = False) -> Iterator[Child]:
    """Run the library's own server while the context lasts, with the binary protocol."""
    program = f"from {__name__} import main; main({framed})"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # where the library says what it made of garbage
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline() or "{}")
            if not said:
                raise RuntimeError("the server did not start")
            yield Child(Address("127.0.0.1", said["port"]), process, framed)
        finally:
            process.kill()


def main(framed: bool) -> None:
    """Serve one customer; on each line of stdin say the peak of memory; end with stdin."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: also while C code holds the interpreter
    from thriftpy2 import protocol, transport
    from thriftpy2.server import TThreadedServer
    from thriftpy2.thrift import TProcessor

    from companion.calls.wire.customers import Customer, CustomerStore
    from companion.calls.wire.framed.thrift_wire import Handler, interface

    store = CustomerStore([Customer(id=1, name="Ada Lovelace", balance=1234.5)])
    libraries: Any = protocol  # which do not say their types
    transports: Any = transport
    place = transports.TServerSocket(host="127.0.0.1", port=0)
    place.listen()
    place.listen = lambda: None  # the server would listen a second time; the port is known now
    in_frames, in_a_row = transports.TFramedTransportFactory, transports.TBufferedTransportFactory
    server = TThreadedServer(
        TProcessor(interface().Customers, Handler(store)),
        place,
        iprot_factory=libraries.TBinaryProtocolFactory(),
        itrans_factory=in_frames() if framed else in_a_row(),
        daemon=True,
    )
    threading.Thread(target=server.serve, daemon=True).start()
    print(json.dumps({"port": place.sock.getsockname()[1]}), flush=True)
    for _ in sys.stdin:
        print(json.dumps({"peak": _peak()}), flush=True)
    os._exit(0)


def _peak() -> int:
    if sys.platform == "win32":
        return 0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most  # bytes there, kilobytes elsewhere
