"""A process with an ORB in it: a server or a client, told what to do in lines of JSON, and gone when its input ends.

    python -I orb_child.py traffic.idl

An ORB is initialised once a process, so each server and each client has one. Nothing here imports this package: the
process starts in a fifth of a second.
"""

import json
import os
import queue
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

orders: "queue.Queue[dict[str, Any]]" = queue.Queue()
talking = threading.Lock()
references: dict[str, Any] = {}
plan: dict[str, Any] = {"then": None, "now": 0, "silence": threading.Event()}


def say(**told: Any) -> None:
    """Write one line to whoever started us."""
    with talking:
        print(json.dumps(told), flush=True)


def listen() -> None:
    """Queue the orders; the end of the input is the end of this process, whatever it is waiting for."""
    for line in sys.stdin:
        orders.put(json.loads(line))
    os._exit(0)


def spoilt() -> str | None:
    """Suffer what is planned for before the work; return what is planned for after it."""
    then: str | None
    then, plan["then"] = plan["then"], None
    if then == "dies before":
        os._exit(1)
    if then == "has a bug":
        raise ZeroDivisionError
    return then


def executed(then: str | None) -> None:
    """Say that the work is done, and suffer what comes after it."""
    say(executed=True)
    if then == "dies after":
        os._exit(1)
    if then == "falls silent":
        plan["silence"].wait()


def servants() -> dict[str, Any]:
    """Make the article's traffic service and the chapter's customers."""
    shop, traffic = import_module("Shop"), import_module("TrafficMonitor")
    customers_base: Any = import_module("Shop__POA").Customers
    traffic_base: Any = import_module("TrafficMonitor__POA").TrafficService

    class Traffic(traffic_base):  # type: ignore[misc]
        def __init__(self) -> None:
            self.data: list[Any] = []

        def reportData(self, data: Any) -> None:
            then = spoilt()
            self.data.append(data)
            executed(then)

        def getRecentData(self, minutes: int) -> list[Any]:
            return [data for data in self.data if data.timestamp >= plan["now"] - 60 * minutes]

        def getAverageSpeed(self) -> float:
            if not self.data:
                raise traffic.NoData()
            return float(sum(data.speed for data in self.data) / len(self.data))

    class Customers(customers_base):  # type: ignore[misc]
        def __init__(self) -> None:
            self.customers: dict[int, Any] = {}

        def add(self, who: Any) -> bool:
            then = spoilt()
            added = self.customers.setdefault(who.id, who) is who
            executed(then)
            return added

        def get(self, id: int) -> Any:
            if id not in self.customers:
                raise shop.NoSuchCustomer(id)
            return self.customers[id]

        def list(self) -> list[Any]:
            return sorted(self.customers.values(), key=lambda customer: int(customer.id))

    return {"Traffic": Traffic(), "Customers": Customers()}


def serve(orb: Any, now: int) -> None:
    """Serve both objects under their names; say on which port."""
    plan["now"] = now
    root = orb.resolve_initial_references("omniINSPOA")
    for name, servant in servants().items():
        root.activate_object_with_id(name.encode(), servant)
    root._get_the_POAManager().activate()
    reference = bytes.fromhex(orb.object_to_string(root.id_to_reference(b"Customers"))[4:])
    place = reference.index(b"127.0.0.1\0") + len(b"127.0.0.1\0")  # the port follows the host, in the sender's order
    say(port=int.from_bytes(reference[place : place + 2], "little" if reference[0] else "big"))


def call(orb: Any, order: dict[str, Any]) -> None:
    """Make one call and say what came of it."""
    omni, corba, shop, traffic = map(import_module, ("omniORB", "omniORB.CORBA", "Shop", "TrafficMonitor"))
    interface = {"Customers": shop.Customers, "Traffic": traffic.TrafficService}[order["interface"]]
    try:
        if order["at"] not in references:  # a new reference asks first where its object is
            references[order["at"]] = orb.string_to_object(order["at"])._unchecked_narrow(interface)
        far = references[order["at"]]
        omni.setClientCallTimeout(far, order["timeout_ms"])
        arguments = [structure(argument) for argument in order["arguments"]]
        say(result=plain(getattr(far, order["operation"])(*arguments)))
    except corba.UserException as error:
        members = {name: value for name, value in vars(error).items() if not name.startswith("_")}
        say(raised=type(error).__name__, members=members)
    except corba.SystemException as error:
        say(failed=type(error).__name__, completed=str(error.completed).removeprefix("COMPLETED_"))


def structure(value: Any) -> Any:
    """Make the generated class of a JSON object; its members say which."""
    if not isinstance(value, dict):
        return value
    if "balance" in value:
        return import_module("Shop").Customer(**value)
    return import_module("TrafficMonitor").SensorData(**value)


def plain(value: Any) -> Any:
    """Make of a result what JSON can write."""
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return vars(value) if hasattr(value, "__dict__") else value


def main() -> None:
    """Read the interface, start the ORB, and do as told."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    omni, corba = import_module("omniORB"), import_module("omniORB.CORBA")
    omni.importIDL(sys.argv[1])  # runs omniidl, which lies beside the interpreter
    arguments = ["orb", "-ORBendPoint", "giop:tcp:127.0.0.1:0", "-ORBtraceLevel", "0"]
    orb = corba.ORB_init(arguments, corba.ORB_ID)
    threading.Thread(target=listen, daemon=True).start()
    while True:
        order = orders.get()
        if order["do"] == "serve":
            serve(orb, order["now"])
        elif order["do"] == "plan":
            plan["then"] = order["then"]
            say(planned=True)
        else:
            call(orb, order)


if __name__ == "__main__":
    main()
