"""One way of asking for both bindings, as raw HTTP: no SDK stands between the test and the bytes."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Not used, and so made once: a client would read all of the system's certificates."""

CODES = {
    "TASK_NOT_FOUND": (-32001, 404),
    "TASK_NOT_CANCELABLE": (-32002, 400),
    "PUSH_NOTIFICATION_NOT_SUPPORTED": (-32003, 400),
    "UNSUPPORTED_OPERATION": (-32004, 400),
    "CONTENT_TYPE_NOT_SUPPORTED": (-32005, 400),
    "VERSION_NOT_SUPPORTED": (-32009, 400),
    "INVALID_PARAMS": (-32602, 400),
}
"""Section 5.4: for each error its code in JSON-RPC and its HTTP status in REST; and what 9.5 says of parameters."""


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes
    ----------
    status : int
        HTTP's.
    body : dict
        All of it.
    result : dict or None
        Without JSON-RPC's envelope; None for an error.
    error : dict or None
        The error, as the binding has it.
    events : list of dict
        Of a stream, without envelopes.
    """

    status: int
    body: Any
    result: Any = None
    error: dict[str, Any] | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    headers: httpx.Headers = field(default_factory=httpx.Headers)

    @property
    def details(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (self.error or {}).get("data") or (self.error or {}).get("details") or []
        return found

    @property
    def reason(self) -> str:
        return next((each["reason"] for each in self.details if "reason" in each), "")


class Binding:
    """The operations of the protocol."""

    name = ""

    def __init__(self, url: str, token: str, **headers: str) -> None:
        given = {"authorization": f"Bearer {token}", "a2a-version": "1.0"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        self.web = httpx.Client(base_url=url, headers=given, trust_env=False, timeout=30.0, verify=NO_TLS)

    def send(self, message: dict[str, Any], **configuration: Any) -> Answer:
        return self.ask("SendMessage", {"message": message, "configuration": configuration})

    def stream(self, message: dict[str, Any], **configuration: Any) -> Answer:
        with self.open("SendStreamingMessage", {"message": message, "configuration": configuration}) as answer:
            return answer

    def get(self, task: str, **given: Any) -> Answer:
        return self.ask("GetTask", {"id": task} | given)

    def list(self, **given: Any) -> Answer:
        return self.ask("ListTasks", given)

    def cancel(self, task: str) -> Answer:
        return self.ask("CancelTask", {"id": task})

    def push(self, operation: str, task: str, **given: Any) -> Answer:
        return self.ask(
            f"{operation}TaskPushNotificationConfig" + "s" * (operation == "List"), {"taskId": task} | given
        )

    def extended_card(self) -> Answer:
        return self.ask("GetExtendedAgentCard", {})

    def subscribe(self, task: str) -> Answer:
        with self.open("SubscribeToTask", {"id": task}) as answer:
            return answer

    def ask(self, method: str, params: dict[str, Any]) -> Answer:
        return self.read(self.web.send(self.request(method, params)))

    @contextmanager
    def open(self, method: str, params: dict[str, Any]) -> Iterator[Answer]:
        """Read a stream to its end, or an error."""
        response = self.web.send(self.request(method, params), stream=True)
        try:
            if "event-stream" not in response.headers.get("content-type", ""):
                response.read()
                yield self.read(response)
            else:
                events = [self.inside(json.loads(data)) for data in data_of(response.iter_lines())]
                yield Answer(response.status_code, None, events=events, headers=response.headers)
        finally:
            response.close()

    def each(self, method: str, params: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the events of a stream as they come; closing the iterator closes the stream."""
        with self.web.stream(*self.parts(method, params)[:2], **self.parts(method, params)[2]) as response:
            for data in data_of(response.iter_lines()):
                yield self.inside(json.loads(data))

    def request(self, method: str, params: dict[str, Any]) -> httpx.Request:
        verb, path, given = self.parts(method, params)
        return self.web.build_request(verb, path, **given)

    def parts(self, method: str, params: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        raise NotImplementedError

    def read(self, response: httpx.Response) -> Answer:
        raise NotImplementedError

    def inside(self, data: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError


class Rpc(Binding):
    """JSON-RPC (section 9)."""

    name = "JSONRPC"

    def parts(self, method: str, params: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        return "POST", "/rpc", {"json": {"jsonrpc": "2.0", "id": "7", "method": method, "params": params}}

    def read(self, response: httpx.Response) -> Answer:
        body = response.json()
        return Answer(response.status_code, body, body.get("result"), body.get("error"), headers=response.headers)

    def inside(self, data: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = data["result"]
        return result


class Rest(Binding):
    """HTTP and JSON (section 11)."""

    name = "HTTP+JSON"

    def parts(self, method: str, params: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        params = dict(params)
        task = params.pop("taskId", None) or (params.pop("id", None) if "TaskPush" not in method else None)
        pushes = f"/rest/tasks/{task}/pushNotificationConfigs"
        places: dict[str, tuple[str, str]] = {
            "SendMessage": ("POST", "/rest/message:send"),
            "SendStreamingMessage": ("POST", "/rest/message:stream"),
            "GetTask": ("GET", f"/rest/tasks/{task}"),
            "ListTasks": ("GET", "/rest/tasks"),
            "CancelTask": ("POST", f"/rest/tasks/{task}:cancel"),
            "SubscribeToTask": ("POST", f"/rest/tasks/{task}:subscribe"),
            "CreateTaskPushNotificationConfig": ("POST", pushes),
            "ListTaskPushNotificationConfigs": ("GET", pushes),
            "GetExtendedAgentCard": ("GET", "/rest/extendedAgentCard"),
        }
        if method in ("GetTaskPushNotificationConfig", "DeleteTaskPushNotificationConfig"):
            verb = "GET" if method.startswith("Get") else "DELETE"
            return verb, f"{pushes}/{params['id']}", {}
        verb, path = places[method]
        if verb == "GET":
            query = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
            return verb, path, {"params": query}
        return verb, path, {"json": params}

    def read(self, response: httpx.Response) -> Answer:
        body = response.json()
        if response.is_success:
            return Answer(response.status_code, body, body, headers=response.headers)
        return Answer(response.status_code, body, error=body["error"], headers=response.headers)

    def inside(self, data: dict[str, Any]) -> dict[str, Any]:
        return data


def data_of(lines: Iterator[str]) -> Iterator[str]:
    """Give the data of each Server-Sent Event."""
    for line in lines:
        if line.startswith("data:"):
            yield line.removeprefix("data:").strip()
