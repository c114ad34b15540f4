from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from companion.services.a2a.errors import TargetRefused
from companion.services.a2a.laboratory.listeners import Receiver, receiving
from companion.services.a2a.server import pushes
from companion.services.a2a.server.pushes import Targets
from companion.services.a2a.tasks.run import Run
from companion.services.database import Pool, as_tenant
from tests.services.a2a.conftest import Place

Said = Callable[..., dict[str, object]]
PATIENCE = 20.0


def over(receiver: Receiver) -> bool:
    states = [each.body.get("statusUpdate", {}).get("status", {}).get("state") for each in receiver.taken]
    return "TASK_STATE_COMPLETED" in states


def numbers(receiver: Receiver) -> list[int]:
    return [each.number for each in receiver.taken]


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
    with receiving(500, 503, 200, 500, 200) as hook, place.server(three_steps, inside=frozenset({hook.host})) as url:
        send(place, url, said, hook.url)
        until(lambda: over(hook))
    assert numbers(hook) == sorted(set(numbers(hook))), "in order, and each taken once"
    assert len(numbers(hook)) == 5
    assert len(hook.came) == 8, "three attempts were not taken"


def test_a_slow_receiver_is_not_in_the_agents_way(place: Place, said: Said) -> None:
    with receiving(200, seconds=0.6) as hook, place.server(three_steps, inside=frozenset({hook.host})) as url:
        task = send(place, url, said, hook.url)
        assert task["status"]["state"] == "TASK_STATE_COMPLETED"
        assert len(hook.taken) < 5, "the task was over before its receiver had heard of it"
        until(lambda: over(hook))


def test_notifications_go_on_when_their_server_has_stopped(place: Place, said: Said) -> None:
    with receiving(503) as hook:
        inside = frozenset({hook.host})
        with place.server(three_steps, inside=inside) as url:
            send(place, url, said, hook.url)
            until(lambda: len(hook.came) >= 1)
        hook.statuses[:] = [200]
        with place.server(three_steps, inside=inside):
            until(lambda: over(hook))
    assert numbers(hook) == sorted(set(numbers(hook)))


def test_a_redirect_is_not_followed(place: Place, said: Said) -> None:
    with receiving(302, 200) as hook, place.server(three_steps, inside=frozenset({hook.host})) as url:
        send(place, url, said, hook.url)
        until(lambda: over(hook))
    assert {each.path for each in hook.came} == {"/told"}


def test_a_receiver_that_never_answers_well_is_given_up(
    place: Place, tasks_pool: Pool, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushes, "FIRST_WAIT", 0.001)
    with receiving(500) as hook, place.server(three_steps, inside=frozenset({hook.host})) as url:
        send(place, url, said, hook.url)

        def forgotten() -> bool:
            with tasks_pool.connection() as connection, as_tenant(connection, place.tenant):
                left = connection.execute("select from pushes where url like %s", [f"%{hook.host}%"])
                return left.fetchone() is None

        until(forgotten)
    assert len(hook.came) == pushes.TRIES


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("http://{}/\x01", {}),
        ("http://{}/", {"x": "ü"}),
        ("http://{}/", {"x": "a\r\nb: c"}),
        ("http://{}/", {"host": "\0"}),
    ],
)
def test_what_cannot_be_sent_is_not_taken_and_ends_no_sender(url: str, headers: dict[str, str]) -> None:
    with receiving() as hook, httpx.Client(trust_env=False) as client:
        target = pushes.Target(url.format(hook.host), "127.0.0.1", int(hook.host.rpartition(":")[2]), "127.0.0.1")
        assert not pushes.post(client, target, headers, {})
        assert hook.came == []


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
     "//example.com", "https://example.com:99999/", "https://exämple.com/", "https://example.com/" + "a" * 3000, "",
     "https://[::1", "https://example.com/\x01", "https://example.com/a\nb"],
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

    with receiving(200) as hook:
        port = hook.host.rpartition(":")[2]
        targets = Targets(frozenset({f"told.example:{port}"}), rebinding)
        target = targets.check(f"http://told.example:{port}/told")
        with httpx.Client(trust_env=False) as client:
            assert pushes.post(client, target, {}, {"statusUpdate": {"metadata": {"seq": "1"}}})
        named = [each.headers["host"] for each in hook.came]
        assert named == [f"told.example:{port}"], "the name goes with it, for a server of many names"
    assert asked == ["told.example"]
