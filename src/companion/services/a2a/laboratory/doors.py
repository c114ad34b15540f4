"""Who gets in: the same requests at the door of the SDK's server and at ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from companion.services.a2a.laboratory import own, sdk
from companion.services.a2a.laboratory.sdk import HEADERS
from companion.services.database import Database

OLD = {
    "jsonrpc": "2.0", "id": 1, "method": "message/send",
    "params": {"message": {"kind": "message", "messageId": "old", "role": "user",
                           "parts": [{"kind": "text", "text": "go"}]}},
}  # fmt: skip
"""A call as version 0.3 writes it."""


def requests(token: str) -> dict[str, tuple[Mapping[str, str], bytes]]:
    """List requests that somebody makes who should not, or should: headers and body."""
    good = HEADERS | {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    listing = _body("ListTasks", {})
    unknown = {name: value for name, value in good.items() if name != "authorization"}
    return {
        "as it should be": (good, listing),
        "another Host": (good | {"host": "evil.example"}, listing),
        "another Origin": (good | {"origin": "http://evil.example"}, listing),
        "twelve megabytes": (good, _body("GetTask", {"id": "x" * 12_000_000})),
        "nobody": (unknown, listing),
        "a form of another page": (
            {"content-type": "text/plain", "origin": "http://evil.example"},
            json.dumps(OLD).encode(),
        ),
    }


def knock(url: str, token: str = "") -> dict[str, int]:
    """Make each of the requests; give the status of HTTP."""
    with httpx.Client(trust_env=False, timeout=30.0) as web:
        return {
            what: web.post(f"{url}/rpc", content=body, headers=dict(headers)).status_code
            for what, (headers, body) in requests(token).items()
        }


def both(database: Database) -> tuple[dict[str, int], int, dict[str, int]]:
    """Knock at the SDK's door and at ours; say also how many tasks the SDK's agent has begun."""

    async def work(context: Any, updater: Any) -> None:
        await updater.complete()

    with sdk.running("", "plain", work) as (url, agent):
        theirs = knock(url)
        begun = agent.begun
    world = own.new_world(database)
    with own.served(world) as url:
        return theirs, begun, knock(url, world.token())


def _body(method: str, params: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
