"""CORBA's request interceptors, in a real ORB: what they see, whom they refuse, and which call they never see."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from companion.calls.coordination.naming.children import Child

WORKER = "companion.calls.contracts.concerns.corba_worker"


def why_not() -> str | None:
    """Why there is no CORBA here, in one line; None if there is."""
    if find_spec("omniORB") is None or not Path(sys.executable).with_name("omniidl").exists():
        return "CORBA is not run here: there is no wheel of omniORB for this system."
    return None


def calls() -> dict[str, tuple[str, list[str]]]:
    """Call the object from another process with a token and without, and from its own process without one.

    Returns
    -------
    dict
        For each call the answer or the exception, and what the interceptors of both processes noted; empty where there
        is no ORB.
    """
    if why_not():
        return {}
    found = {}
    with Child(WORKER, "serve") as server, Child(WORKER, "call", str(server.ready["reference"])) as client:
        for name, asked, token in (
            ("another process, a token", client, "t-ada"),
            ("another process, none", client, ""),
            ("the same process, none", server, ""),
        ):
            told: dict[str, Any] = asked.ask(call=True, token=token)
            behind: dict[str, Any] = server.ask(call=False)
            found[name] = (str(told["answer"]), [str(line) for line in (*told["noted"], *behind["noted"])])
    return found
