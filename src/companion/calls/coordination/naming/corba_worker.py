"""What runs beside omniNames, as a process: a traffic service that binds itself, or a client that looks names up.

python -m companion.calls.coordination.naming.corba_worker serve|ask REFERENCE [NAME]
"""

from __future__ import annotations

import select
import sys
import time
from typing import Any

from companion.calls.coordination.naming.children import questions, say

IDL = "module TrafficMonitor { interface TrafficService { float getAverageSpeed(); }; };"
SPEED = 65.5
PATIENCE_S = 30.0


def main(role: str, reference: str, name: str = "") -> None:
    """Serve, or ask, until standard input ends."""
    import omniORB  # type: ignore[import-untyped]
    from omniORB import CORBA

    omniORB.importIDLString(IDL)
    import CosNaming  # type: ignore[import-untyped]

    options = ["-ORBInitRef", f"NameService={reference}", "-ORBendPoint", "giop:tcp:127.0.0.1:"]
    orb = CORBA.ORB_init(["worker", *options], CORBA.ORB_ID)
    omniORB.setClientCallTimeout(10_000)
    root = _root(orb, CORBA, CosNaming)
    if role == "serve":
        _serve(orb, root, CosNaming, name)
    else:
        _ask(orb, root, CORBA, CosNaming)
    orb.destroy()


def _root(orb: Any, corba: Any, cos_naming: Any) -> Any:
    """The root of all names, as soon as omniNames answers."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return orb.resolve_initial_references("NameService")._narrow(cos_naming.NamingContext)
        except corba.SystemException:
            if time.monotonic() > deadline:
                raise
            if select.select([sys.stdin], [], [], 0.02)[0]:  # nobody asks before it is ready: the parent is gone
                raise SystemExit(1) from None


def _serve(orb: Any, root: Any, cos_naming: Any, name: str) -> None:
    import TrafficMonitor  # type: ignore[import-not-found]
    import TrafficMonitor__POA  # type: ignore[import-not-found]

    class Service(TrafficMonitor__POA.TrafficService):  # type: ignore[misc]
        def getAverageSpeed(self) -> float:
            return SPEED

    poa = orb.resolve_initial_references("RootPOA")
    service = Service()
    binding = [cos_naming.NameComponent(name, "")]
    root.rebind(binding, service._this()._narrow(TrafficMonitor.TrafficService))
    poa._get_the_POAManager().activate()
    say(ready=True)
    for _ in questions():
        say(ready=True)
    root.unbind(binding)


def _ask(orb: Any, root: Any, corba: Any, cos_naming: Any) -> None:
    import TrafficMonitor

    say(ready=True)
    for question in questions():
        binding = [cos_naming.NameComponent(question["name"], "")]
        try:
            if question["operation"] == "list":
                found, _ = root.list(1000)
                say(names=sorted(one.binding_name[0].id for one in found))
            elif question["operation"] == "unbind":
                root.unbind(binding)
                say(done=True)
            else:
                bound = root.resolve(binding)
                if question["operation"] == "resolve":
                    say(reference=orb.object_to_string(bound)[:40])
                else:
                    say(answer=_call(bound, corba, TrafficMonitor))
        except cos_naming.NamingContext.NotFound:
            say(reference=None, done=False, answer="NotFound")


def _call(bound: Any, corba: Any, traffic_monitor: Any) -> str:
    """Narrowing may already be a call."""
    try:
        service = bound._narrow(traffic_monitor.TrafficService)
        return str(service.getAverageSpeed())
    except corba.SystemException as error:
        return f"{type(error).__name__} / {error.completed}"


if __name__ == "__main__":
    main(*sys.argv[1:])
