"""Record, where there is an ORB, what is shown where there is none.

python -m companion.calls.wire.objects.record_orb
"""

import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from companion.calls.wire.customers import WireError
from companion.calls.wire.objects import corba, endings, giop, hostile_orb, invoker, leaks

ADA = {"id": 1, "name": "Ada Lovelace", "balance": 1234.5}
CALLS: dict[str, list[list[Any]]] = {
    "Customers": [["add", ADA], ["get", 1], ["get", 1], ["get", 99]],
    "Traffic": [
        ["getAverageSpeed"],
        ["reportData", {"sensor_id": 101, "speed": 65.5, "timestamp": corba.NOW - 60}],
        ["reportData", {"sensor_id": 102, "speed": 54.5, "timestamp": corba.NOW - 600}],
        ["getRecentData", 5],
        ["getAverageSpeed"],
    ],
}
"""The calls of the chapter, in their order."""


def record() -> dict[str, Any]:
    """Make the calls and return what came of them."""
    conversations = {interface: _converse(interface) for interface in CALLS}
    # What our own socket asks: zeros in the gaps, in both byte orders.
    template = bytes.fromhex(conversations["Customers"][1]["request"])
    asked = [giop.masked(_for(template, id)) for id in (1, 2)]
    told = leaks.ask(*20 * asked, live=True)
    leaked = max(told[1::2], key=lambda answer: len(leaks.gaps_of(answer).strip(b"\0")))
    return {
        "made by": f"omniORB in jeteve-omniorb {version('jeteve-omniorb')}, {platform.system()} {platform.machine()}",
        "conversations": conversations,
        "answers": {asked[0].hex(): told[0].hex(), asked[1].hex(): leaked.hex()},
        "endings": [asdict(ending) for ending in endings.endings(live=True)],
        "reactions": hostile_orb.reactions(live=True),
        "attempts": [asdict(attempt) for attempt in invoker.table(live=True)],
    }


def _for(request: bytes, id: int) -> bytes:
    """Return the request with the id that our own socket uses, 2, and another customer."""
    return request[:12] + (2).to_bytes(4, "little") + request[16:-4] + id.to_bytes(4, "little")


def _converse(interface: str) -> list[dict[str, Any]]:
    entries = []
    with corba.conversation(interface, live=True) as far:
        for operation, *arguments in CALLS[interface]:
            try:
                told: dict[str, Any] = {"result": far.call(operation, *arguments)}
            except corba.UserException as error:
                members = json.loads(str(error).partition(": ")[2] or "{}")
                told = {"raised": error.code, "members": members}
            except WireError as error:
                raise AssertionError(f"{operation}: {error}") from error
            entry = {"call": [operation, *arguments], "told": told}
            entries.append(entry | {"request": far.request.hex(), "answer": far.answer.hex()})
    return entries


def main() -> None:
    """Write the recording."""
    corba.RECORDED.write_text(json.dumps(record(), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
