"""One story, told to several directories: a service registers, dies by SIGKILL, and somebody asks for it.

    python -m companion.calls.coordination.naming.stories

makes the record anew, which speaks where a library or multicast is missing; one line then says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from companion.calls.coordination.naming import corba, mdns
from companion.calls.coordination.naming.cards import CardNames

RECORD = Path(__file__).with_name("recorded.json")

Story = dict[str, Any]
"""What was asked, and the answer."""


def corba_story() -> Story:
    """A traffic service under omniNames: alive; killed, and the naming service killed and started again; unbound."""
    if reason := corba.why_not():
        return _recorded("corba", reason)
    with corba.CorbaNames() as names:
        lease = names.register("traffic")
        told: Story = {"alive": [_listed(names), names.call("traffic")]}
        names.services["traffic"].kill()
        names.restart()
        told["service killed, omniNames killed and restarted"] = [_listed(names), names.call("traffic")]
        names.drop(lease)
        told["unbound by somebody else"] = [_listed(names), names.call("traffic")]
        return told


def _listed(names: corba.CorbaNames) -> str:
    return ", ".join(names.listed()) or "nobody"


def mdns_story() -> Story:
    """Two services that answer for themselves: south stops in good order, north is killed."""
    if reason := mdns.why_not():
        return _recorded("mdns", reason)
    with mdns.MdnsNames() as browser, ThreadPoolExecutor(2) as pool:
        register = {"north": "127.0.0.1:4711", "south": "127.0.0.1:4712"}
        leases = {
            lease.name: lease
            for lease in pool.map(lambda one: browser.register(one[0], one[1], {"road": "A1"}, 0), register.items())
        }
        lifetimes = browser.lifetimes("north")
        browser.drop(leases["south"])
        browser.services["north"].kill()
        heard = sorted(name for what, name in browser.watch() if what == "went")
        return {
            "lifetimes": lifetimes,
            "went": heard,
            "the old browser finds north at": browser.resolve("north"),
            "a new browser finds it at": mdns.new_browser("north"),
        }


def card_story() -> Story:
    """An agent serves its card, and is killed."""
    with CardNames() as cards:
        address = cards.start("north", "average_speed")
        statuses: list[int | str] = [cards.fetch(address), cards.fetch(address)]
        seen = cards.seen[address]
        cards.agents["north"].kill()
        try:
            statuses.append(cards.fetch(address))
        except httpx.ConnectError as error:
            statuses.append(type(error).__name__)
        return {
            "statuses": statuses,
            "has an ETag": bool(seen.etag),
            "Cache-Control": seen.cache_control,
            "still known to its client": cards.resolve("north") == address,
        }


STORIES: dict[str, Callable[[], Story]] = {"corba": corba_story, "mdns": mdns_story}


def _recorded(name: str, reason: str) -> Story:
    print(f"{reason} Recorded:")
    told: Story = json.loads(RECORD.read_text("utf-8"))[name]
    return told


def record(path: Path = RECORD) -> None:
    """Write down what the stories give here, for where they cannot be told."""
    for room in (corba, mdns):
        if reason := room.why_not():
            raise SystemExit(reason)
    path.write_text(json.dumps({name: story() for name, story in STORIES.items()}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    record()
