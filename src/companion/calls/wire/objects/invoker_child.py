"""A server that unpickles what is posted to it, in the manner of Spring's HTTP Invoker; it is here to be broken into.

    python -I invoker_child.py CURE KEY MEMORY     # in a folder of its own, which is where a break-in leaves its mark

It has bounds of its own (memory, seconds of the processor, the size of a body), listens on loopback alone, and ends
when its input does. Nothing here imports this package.
"""

import contextlib
import hashlib
import hmac
import io
import json
import os
import pathlib
import pickle
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

CPU_SECONDS = 20
MAX_BODY = 1 << 16
GREEDY = 256 << 10  # kilobytes that one call may add before it counts as taking the memory


class Invocation:
    """What the client pickles: a method and its arguments."""

    def __init__(self, method: str, amount: int) -> None:
        self.method, self.amount = method, amount


class Shop:
    """The service: a till."""

    def __init__(self) -> None:
        self.paid = 0

    def pay(self, amount: int) -> int:
        """Take a payment; return what is in the till."""
        self.paid += amount
        return self.paid


class BlackList(pickle.Unpickler):
    """Refuses modules that are known to be dangerous."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Look a name up unless its module is on the list."""
        if module_name in {"os", "posix", "nt", "subprocess", "sys", "builtins"}:
            raise pickle.UnpicklingError(f"{module_name} is on the black list")
        return super().find_class(module_name, global_name)


class WhiteList(pickle.Unpickler):
    """Allows modules that the service needs."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Look a name up if its module is on the list."""
        if module_name not in {"__main__", "builtins"}:
            raise pickle.UnpicklingError(f"{module_name} is not on the white list")
        return super().find_class(module_name, global_name)


class ExactPairs(pickle.Unpickler):
    """Allows one name of one module."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Give the one class that an invocation needs."""
        if (module_name, global_name) != ("__main__", "Invocation"):
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is not allowed")
        return Invocation


UNPICKLERS = {"none": pickle.Unpickler, "black list": BlackList, "white list": WhiteList, "exact pairs": ExactPairs}


def invocation(cure: str, key: bytes, signature: str, body: bytes) -> Any:
    """Make an invocation of a body, as the cure allows."""
    if cure == "signature":
        if not hmac.compare_digest(hmac.digest(key, body, hashlib.sha256).hex(), signature):
            raise ValueError("the signature is not ours")
        return pickle.loads(body)
    if cure == "JSON":
        from pydantic import BaseModel, ConfigDict

        class Call(BaseModel):
            model_config = ConfigDict(extra="forbid", strict=True)
            method: str
            amount: int

        return Call.model_validate_json(body)
    return UNPICKLERS[cure](io.BytesIO(body)).load()


def peak() -> int:
    """Return the most memory that this process has had, in kilobytes."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most


class Handler(BaseHTTPRequestHandler):
    """Answers one POST: 200 with the till, 400 when it is refused, 507 when it takes the memory."""

    shop, cure, key = Shop(), "none", b""

    def do_POST(self) -> None:
        """Carry out the invocation that the body is."""
        size = int(self.headers.get("content-length", 0))
        if size > MAX_BODY:
            self.answer(413, "too large")
            return
        body, before = self.rfile.read(size), peak()
        try:
            call = invocation(self.cure, self.key, self.headers.get("x-signature", ""), body)
            greedy = peak() - before > GREEDY
            if greedy or call.method != "pay":
                self.answer(507 if greedy else 400, "refused")
                return
            self.answer(200, json.dumps(self.shop.pay(call.amount)))
        except MemoryError:
            self.answer(507, "no memory left")
        except Exception as error:  # noqa: BLE001 - unpickling fails as the pickle likes
            self.answer(400, type(error).__name__)

    def answer(self, status: int, text: str) -> None:
        """Send an answer."""
        self.send_response(status)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def main() -> None:
    """Take the bounds, serve, and end with the input."""
    import resource

    with contextlib.suppress(ValueError, OSError):  # macOS refuses a bound on address space
        resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[3]), int(sys.argv[3])))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_BODY, MAX_BODY))
    Handler.cure, Handler.key = sys.argv[1], sys.argv[2].encode()
    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    with contextlib.suppress(OSError):  # who would have emptied the folder may have been killed; another's is not empty
        pathlib.Path("marker").unlink(missing_ok=True)
        pathlib.Path.cwd().rmdir()
    os._exit(0)


if __name__ == "__main__":
    main()
