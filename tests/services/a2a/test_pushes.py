from __future__ import annotations

import contextlib
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from companion.services.a2a.errors import TargetRefused
from companion.services.a2a.server import pushes
from companion.services.a2a.server.pushes import Targets
from companion.services.a2a.tasks.run import Run
from companion.services.database import Pool, as_tenant
from tests.services.a2a.conftest import Place

Said = Callable[..., dict[str, object]]
PATIENCE = 20.0


class Hook:
    """A receiver that answers as it is told: a status for each request, the last one for all that follow."""

    def __init__(self, statuses: list[int], wait: float = 0.0) -> None:
        self.statuses, self.wait = statuses, wait
        self.got: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.hosts: list[str] = []
        self.address = ""

    @property
    def numbers(self) -> list[int]:
        return [int(next(iter(each.values()))["metadata"]["seq"]) for each in self.got]

    def over(self) -> bool:
        return any(
            each.get("statusUpdate", {}).get("status", {}).get("state") == "TASK_STATE_COMPLETED" for each in self.got
        )


@contextlib.contextmanager
def hooked(statuses: list[int], wait: float = 0.0) -> Iterator[Hook]:
    hook = Hook(statuses, wait)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            time.sleep(hook.wait)
            status = hook.statuses.pop(0) if len(hook.statuses) > 1 else hook.statuses[0]
            hook.paths.append(self.path)
            hook.hosts.append(self.headers["host"])
            if status < 300:
                hook.got.append(body)
            self.send_response(status)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.address = "{}:{}".format(*server.server_address[:2])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield hook
        finally:
            server.shutdown()
            thread.join()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def three_steps(run: Run) -> None:
    for step in range(3):
        run.report(f"step {step}")


def send(place: Place, url: str, said: Said, hook: str) -> dict[str, Any]:
    body = {"message": said(), "configuration": {"taskPushNotificationConfig": {"url": hook}}}
    with place.web(url) as web:
        task: dict[str, Any] = web.post("/rest/message:send", json=body).json()["task"]
    return task


def test_a_receiver_that_fails_is_told_again_and_in_order(place: Place, said: Said) -> None:
    with hooked([500, 503, 200, 500, 200]) as hook, place.server(three_steps, inside=frozenset({hook.address})) as url:
        send(place, url, said, f"http://{hook.address}/told")
        until(hook.over)
    assert hook.numbers == sorted(set(hook.numbers)), "in order, and each taken once"
    assert len(hook.numbers) == 5
    assert len(hook.paths) == 8, "three attempts were not taken"


def test_a_slow_receiver_is_not_in_the_agents_way(place: Place, said: Said) -> None:
    with hooked([200], wait=0.6) as hook, place.server(three_steps, inside=frozenset({hook.address})) as url:
        task = send(place, url, said, f"http://{hook.address}/told")
        assert task["status"]["state"] == "TASK_STATE_COMPLETED"
        assert len(hook.got) < 5, "the task was over before its receiver had heard of it"
        until(hook.over)


def test_notifications_go_on_when_their_server_has_stopped(place: Place, said: Said) -> None:
    with hooked([503]) as hook:
        inside = frozenset({hook.address})
        with place.server(three_steps, inside=inside) as url:
            send(place, url, said, f"http://{hook.address}/told")
            until(lambda: len(hook.paths) >= 1)
        hook.statuses[:] = [200]
        with place.server(three_steps, inside=inside):
            until(hook.over)
    assert hook.numbers == sorted(set(hook.numbers))


def test_a_redirect_is_not_followed(place: Place, said: Said) -> None:
    with hooked([302, 200]) as hook, place.server(three_steps, inside=frozenset({hook.address})) as url:
        send(place, url, said, f"http://{hook.address}/told")
        until(hook.over)
    assert set(hook.paths) == {"/told"}


def test_a_receiver_that_never_answers_well_is_given_up(
    place: Place, tasks_pool: Pool, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushes, "FIRST_WAIT", 0.001)
    with hooked([500]) as hook, place.server(three_steps, inside=frozenset({hook.address})) as url:
        send(place, url, said, f"http://{hook.address}/told")

        def forgotten() -> bool:
            with tasks_pool.connection() as connection, as_tenant(connection, place.tenant):
                left = connection.execute("select from pushes where url like %s", [f"%{hook.address}%"])
                return left.fetchone() is None

        until(forgotten)
    assert len(hook.paths) == pushes.TRIES


def always(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda host, port: list(addresses)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "255.255.255.255"],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused_whatever_its_name(address: str) -> None:
    with pytest.raises(TargetRefused, match="not a public one"):
        Targets(resolve=always("93.184.216.34", address)).check("https://example.com/hook")


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "file:///etc/passwd", "gopher://example.com", "https://", "https://a:b@example.com/",
     "//example.com", "https://example.com:99999/", "https://exämple.com/", "https://example.com/" + "a" * 3000, "", "https://[::1"],
)  # fmt: skip
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(TargetRefused):
        Targets(resolve=always("93.184.216.34")).check(url)


def test_a_name_that_leads_nowhere_is_refused() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    with pytest.raises(TargetRefused, match="not known"):
        Targets(resolve=nowhere).check("https://example.com/")


def test_what_is_inside_is_told_if_it_was_named_with_its_port() -> None:
    targets = Targets(frozenset({"127.0.0.1:8000"}))
    assert targets.check("http://127.0.0.1:8000/hook").address == "127.0.0.1"
    for url in ("http://127.0.0.1:8001/", "http://127.0.0.1/", "http://127.0.0.1:8000@evil.example/"):
        with pytest.raises(TargetRefused):
            targets.check(url)


def test_the_connection_goes_to_the_address_that_was_checked(place: Place, said: Said) -> None:
    """A name whose owner answers differently the second time: the second time is never asked for."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    with hooked([200]) as hook:
        port = hook.address.rpartition(":")[2]
        targets = Targets(frozenset({f"told.example:{port}"}), rebinding)
        target = targets.check(f"http://told.example:{port}/told")
        with httpx.Client(trust_env=False) as client:
            assert pushes.post(client, target, {}, {"statusUpdate": {"metadata": {"seq": "1"}}})
        assert hook.hosts == [f"told.example:{port}"], "the name goes with it, for a server of many names"
    assert asked == ["told.example"]
