"""What each way to serve keeps and loses, on one replica and on two."""

from __future__ import annotations

import asyncio

import httpx
import httpx2
import pytest

from companion.services.mcp.conversation import EARLIER, TODAY, call, post, request
from companion.services.mcp.replicas import (
    WAYS,
    RoundRobin,
    Way,
    calls_in_turn,
    replicas,
    try_tool,
    what_it_keeps,
    workshop,
)
from tests.services.mcp.conftest import answered

SECRET = b"32 bytes that all replicas share"

KEPT = {
    # calls of 20, progress of 5, after a hang-up, a question
    ("stateful", EARLIER): (10, 5, "cancelled", "asked"),
    ("stateful", TODAY): (20, 5, "cancelled", "asked"),
    ("stateless", EARLIER): (20, 5, "cancelled", "cannot ask"),
    ("stateless", TODAY): (20, 5, "cancelled", "asked"),
    ("stateless, JSON", EARLIER): (20, 0, "ran to its end", "cannot ask"),
    ("stateless, JSON", TODAY): (20, 0, "ran to its end", "asked"),
}


@pytest.mark.parametrize(("way", "generation"), KEPT)
def test_each_way_keeps_what_the_chapter_says(way: Way, generation: str) -> None:
    kept = asyncio.run(what_it_keeps(way, generation))
    assert (kept.way, kept.generation) == (way, generation)
    assert (kept.calls, kept.progress, kept.hang_up, kept.question) == KEPT[way, generation]


def test_calls_take_turns_and_a_session_is_one_replicas() -> None:
    with replicas("stateful", [workshop(), workshop()]) as urls:
        assert [one.status for one in calls_in_turn(urls, EARLIER, times=5)] == [200, 404, 200, 404, 200]
        assert [one.status for one in calls_in_turn(urls, TODAY, times=5)] == [200] * 5
        assert [one.status for one in calls_in_turn(urls[:1], EARLIER, times=3)] == [200] * 3


@pytest.mark.parametrize(("mode", "requests"), [("legacy", 6), ("auto", 3), (TODAY, 2)])
def test_a_call_is_so_many_requests(mode: str, requests: int) -> None:
    with replicas("stateful", [workshop()]) as urls:
        trial = asyncio.run(try_tool(urls, mode, "add", {"a": 1, "b": 1}))
    assert trial.answer == "2" and len(trial.asked) == requests, trial.asked
    assert trial.asked.count("tools/call") == 1


def test_a_tool_tells_how_far_it_is_and_ends_as_it_should() -> None:
    shop = workshop(step_seconds=0.0)
    with replicas("stateless", [shop]) as urls:
        trial = asyncio.run(try_tool(urls, TODAY, "work", {"steps": 3}))
    assert (trial.answer, trial.progress, shop.begun, shop.ends) == ("done", 3, 1, ["ran to its end"])


def test_a_caller_that_hangs_up_gets_no_answer() -> None:
    shop = workshop()
    with replicas("stateless", [shop]) as urls:
        trial = asyncio.run(try_tool(urls, TODAY, "work", {"steps": 1000}, hang_up=lambda: shop.begun == 1))
    assert trial.answer == "hung up" and shop.ends == ["cancelled"]


def test_an_error_of_the_protocol_is_told() -> None:
    with replicas("stateless", [workshop()]) as urls:
        trial = asyncio.run(try_tool(urls, "legacy", "delete", {"title": "Draft"}))
    assert trial.answer.startswith("error: ") and "back-channel" in trial.answer


@pytest.mark.parametrize(("secret", "status"), [(None, 400), (SECRET, 200)])
def test_only_who_shares_the_secret_opens_the_seal(secret: bytes | None, status: int) -> None:
    shops = [workshop(secret), workshop(secret)]
    with replicas("stateless", shops) as urls, httpx.Client(trust_env=False, timeout=30) as web:
        asked = call(web, urls[0], "delete", {"title": "Draft"}).result
        answer = call(web, urls[1], "delete", {"title": "Draft"}, **answered(asked))
        assert answer.status == status
        assert shops[1].deleted == (["Draft"] if secret else [])
        assert call(web, urls[0], "delete", {"title": "Contract"}, **answered(asked)).status == 400


def test_a_no_keeps_the_page() -> None:
    shop = workshop()
    with replicas("stateless", [shop]) as urls, httpx.Client(trust_env=False, timeout=30) as web:
        asked = call(web, urls[0], "delete", {"title": "Draft"}).result
        no = answered(asked, {"action": "accept", "content": {"delete": False}})
        assert call(web, urls[0], "delete", {"title": "Draft"}, **no).words == "'Draft' was kept"
    assert shop.deleted == []


def test_the_workshop_replays_what_is_sent_twice() -> None:
    shop = workshop()
    with replicas("stateless", [shop]) as urls, httpx.Client(trust_env=False, timeout=30) as web:
        asked = call(web, urls[0], "delete", {"title": "Draft"}).result
        for _ in range(2):
            call(web, urls[0], "delete", {"title": "Draft"}, **answered(asked))
    assert shop.deleted == ["Draft"] * 2  # what the chapter mends with a row in the database


def test_the_balancer_gives_each_request_to_the_next_and_keeps_what_was_asked() -> None:
    async def ask(urls: list[str]) -> list[str]:
        turns = RoundRobin(urls)
        async with httpx2.AsyncClient(transport=turns) as web:
            for _ in range(3):
                await web.post(urls[0], json={"method": "x"})
            await web.post(urls[0], json={"result": 1})
            await web.delete(urls[0])
        return turns.asked

    with replicas("stateless", [workshop(), workshop()]) as urls:
        assert asyncio.run(ask(urls)) == ["x", "x", "x", "an answer", "DELETE"]


def test_every_way_answers_what_has_no_need_of_it() -> None:
    for way in WAYS:
        with replicas(way, [workshop()]) as (url,), httpx.Client(trust_env=False, timeout=30) as web:
            listed = post(web, url, request("tools/list")).result["tools"]
            assert [tool["name"] for tool in listed] == ["add", "work", "delete"]
