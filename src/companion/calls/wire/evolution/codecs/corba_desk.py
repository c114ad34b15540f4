"""One side of the CORBA column: a process that serves one version of the customer, and calls others with it.

It reads one JSON command a line from its parent and answers with one; it ends when its parent does, for then its input
ends. Two versions of one struct have one repository id, so that one process cannot hold both.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

MILLISECONDS = 20_000
"""A call that takes longer has failed: nobody here waits for it when all is well."""


def serve(folder: str) -> None:
    """Answer commands until standard input ends."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # omniidl's
    import omniORB  # type: ignore[import-untyped,import-not-found,unused-ignore]

    (idl,) = Path(folder).glob("*.idl")
    omniORB.importIDL(str(idl))
    from omniORB import CORBA

    stubs, skeletons = sys.modules["_GlobalIDL"], sys.modules["_GlobalIDL__POA"]
    seen: list[dict[str, Any]] = []

    class Desk(skeletons.Desk):  # type: ignore[misc,name-defined]
        def put(self, customer: Any) -> int:
            seen.append(dict(vars(customer)))
            return len(seen) - 1

        def ping(self) -> int:
            return 7

    orb = CORBA.ORB_init(["desk", "-ORBendPoint", "giop:tcp:127.0.0.1:0"], CORBA.ORB_ID)
    poa = orb.resolve_initial_references("RootPOA")
    servant = Desk()
    ior = orb.object_to_string(servant._this())
    poa._get_the_POAManager().activate()
    omniORB.setClientCallTimeout(MILLISECONDS)

    def put(address: str, record: dict[str, Any]) -> int | str:
        try:
            return int(orb.string_to_object(address)._narrow(stubs.Desk).put(stubs.Customer(**record)))
        except CORBA.SystemException as error:
            return f"{type(error).__name__}, {error.completed}"

    def answer(value: Any) -> None:
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()

    answer({"ior": ior})
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "send":
            answer([put(command["to"], record) for record in command["records"]])
        else:
            answer(seen)
            seen.clear()
    shutil.rmtree(folder, ignore_errors=True)  # a parent that was killed does not
    os._exit(0)  # the ORB's threads would keep the process alive


if __name__ == "__main__":
    serve(sys.argv[1])
