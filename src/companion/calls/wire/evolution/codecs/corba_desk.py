"""One side of the CORBA column: a process that serves one version of the customer, and calls others with it.

It reads one JSON command a line from its parent and answers with one; it ends when its parent does, for then its input
ends. Two versions of one struct have one repository id, so that one process cannot hold both.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

MILLISECONDS = 20_000
"""A call that takes longer has failed: nobody here waits for it when all is well."""


def serve(folder: str) -> None:
    """Answer commands until standard input ends."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # omniidl's
    import omniORB  # type: ignore[import-not-found,unused-ignore]

    (idl,) = Path(folder).glob("*.idl")
    omniORB.importIDL(str(idl))
    from omniORB import CORBA

    stubs, skeletons = sys.modules["_GlobalIDL"], sys.modules["_GlobalIDL__POA"]
    seen: list[dict[str, Any]] = []
    entered, leave = threading.Event(), threading.Event()

    class Desk(skeletons.Desk):  # type: ignore[misc,name-defined]
        def put(self, customer: Any) -> int:
            seen.append(dict(vars(customer)))
            return len(seen) - 1

        def wait(self) -> int:
            entered.set()
            leave.wait(MILLISECONDS / 1000)
            return 7

    options = {"endPoint": "giop:tcp:127.0.0.1:0", "oneCallPerConnection": "0", "verifyObjectExistsAndType": "0"}
    words = [word for name, value in options.items() for word in (f"-ORB{name}", value)]
    orb = CORBA.ORB_init(["desk", *words], CORBA.ORB_ID)
    poa = orb.resolve_initial_references("RootPOA")
    servant = Desk()
    ior = orb.object_to_string(servant._this())
    poa._get_the_POAManager().activate()
    omniORB.setClientCallTimeout(MILLISECONDS)

    def call(address: str, operation: str, *given: Any) -> Any:
        try:
            return getattr(orb.string_to_object(address)._narrow(stubs.Desk), operation)(*given)
        except CORBA.SystemException as error:
            return f"{type(error).__name__}, {error.completed}"

    def innocent(address: str, record: dict[str, Any]) -> list[Any]:
        """Wait for one answer while another call on the same connection sends a customer."""
        answers: list[Any] = []
        waiter = threading.Thread(target=lambda: answers.append(call(address, "wait")))
        waiter.start()
        calls.pop(0)  # the parent's word that the other call has arrived
        guilty = call(address, "put", stubs.Customer(**record))
        answer({"done": "put"})
        waiter.join()
        return [guilty, *answers]

    def answer(value: Any) -> None:
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()

    class Lines:
        def pop(self, _: int) -> Any:
            line = sys.stdin.readline()
            if not line:
                os._exit(0)  # the ORB's threads would keep a process alive
            return json.loads(line)

    calls = Lines()
    answer({"ior": ior})
    while True:
        command = calls.pop(0)
        if command["do"] == "send":
            answer([call(command["to"], "put", stubs.Customer(**record)) for record in command["records"]])
        elif command["do"] == "seen":
            answer(seen)
            seen.clear()
        elif command["do"] == "innocent":
            answer(innocent(command["to"], command["record"]))
        elif command["do"] == "entered":
            answer(entered.wait(MILLISECONDS / 1000))
        elif command["do"] == "leave":
            leave.set()
            answer(True)


if __name__ == "__main__":
    serve(sys.argv[1])
