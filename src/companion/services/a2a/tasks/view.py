"""A task as the protocol shows it: its log, folded.

Nothing of it is stored. A message of the caller's goes to the history; a status replaces the one before, whose message
goes to the history; a piece of a result is added to the result that it belongs to, or replaces it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from a2a.types.a2a_pb2 import Task
from google.protobuf.json_format import ParseDict
from google.protobuf.timestamp_pb2 import Timestamp

from companion.services.a2a.tasks.states import State
from companion.services.a2a.tasks.store import Event, Row

SEQ = "seq"
"""The key in an event's metadata under which its number travels: pushes have no `id:`, and some clients hide it."""


def task_of(row: Row, events: Iterable[Event], history: int | None = None) -> Task:
    """Give a task as the protocol has it.

    Parameters
    ----------
    row : Row
        The task's row.
    events : iterable of Event
        Its log, from the first on.
    history : int, optional
        How many messages to show at most, the latest ones; by default all.

    Returns
    -------
    a2a.types.Task
        With the number of the last event in its metadata.
    """
    status: dict[str, Any] = {"state": State.SUBMITTED.wire, "timestamp": timestamp(row.status_at)}
    messages: list[dict[str, Any]] = []
    artifacts: dict[str, dict[str, Any]] = {}
    last = 0
    for event in events:
        last = event.seq
        if "message" in event.data:
            messages.append(event.data["message"])
        elif "status" in event.data:
            if "message" in status:
                messages.append(status["message"])
            status = _status(event)
        elif event.data["append"] and (found := artifacts.get(event.data["artifact"]["artifactId"])):
            found["parts"] = [*found["parts"], *event.data["artifact"]["parts"]]
        else:
            artifacts[event.data["artifact"]["artifactId"]] = dict(event.data["artifact"])
    whole = {
        "id": str(row.id),
        "contextId": row.context,
        "status": status,
        "artifacts": list(artifacts.values()),
        "history": messages if history is None else messages[len(messages) - history :] if history else [],
        "metadata": {SEQ: str(last)},
    }
    return ParseDict(whole, Task())


def response_of(row: Row, event: Event) -> dict[str, Any] | None:
    """Give an event as a stream shows it, in JSON; a message of the caller's is none that the protocol streams."""
    about = {"taskId": str(row.id), "contextId": row.context, "metadata": {SEQ: str(event.seq)}}
    if "status" in event.data:
        return {"statusUpdate": about | {"status": _status(event)}}
    if "artifact" in event.data:
        flags = {name: True for name in ("append", "lastChunk") if event.data[name]}
        return {"artifactUpdate": about | {"artifact": event.data["artifact"]} | flags}
    return None


def _status(event: Event) -> dict[str, Any]:
    said = event.data["status"]
    shown: dict[str, Any] = {"state": State(said["state"]).wire, "timestamp": timestamp(event.at)}
    return shown | ({"message": said["message"]} if "message" in said else {})


def timestamp(at: datetime) -> str:
    """Write a moment as the protocol does: in UTC, to the millisecond."""
    exact = Timestamp()
    exact.FromDatetime(at)
    exact.nanos -= exact.nanos % 1_000_000
    return exact.ToJsonString()
