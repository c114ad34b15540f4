from __future__ import annotations

import httpx

from companion.services.a2a.laboratory import listeners, own
from companion.services.a2a.laboratory.listeners import Told, receiving
from tests.services.a2a.conftest import Place


def test_a_receiver_answers_as_it_is_told_and_keeps_what_came() -> None:
    with receiving(500, 200) as receiver, httpx.Client(trust_env=False) as web:
        body = {"statusUpdate": {"metadata": {"seq": "7"}}}
        answers = [web.post(receiver.url, json=body, headers={"X-Mark": "a"}).status_code for _ in range(3)]
    assert answers == [500, 200, 200]
    assert [each.status for each in receiver.came] == answers and len(receiver.taken) == 2
    first = receiver.came[0]
    assert isinstance(first, Told)
    assert (first.path, first.headers["x-mark"], first.body, first.number) == ("/told", "a", body, 7)


def test_the_sdks_agent_waits_for_its_receiver_and_ours_does_not(place: Place) -> None:
    with receiving(seconds=0.1) as receiver:
        assert listeners.sdk_with_receiver(receiver) > 0.1 * (listeners.EVENTS - 1)
    with receiving(seconds=0.1) as receiver:
        listeners.ours_with_receiver(own.new_world(place.database), receiver)
        assert len(receiver.came) == listeners.EVENTS


def test_the_sdk_does_not_try_again() -> None:
    with receiving(500) as receiver:
        listeners.sdk_with_receiver(receiver)
        assert len(receiver.came) == listeners.EVENTS, "each event once, though none was taken"
