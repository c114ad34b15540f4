"""Stories are fetched at once, a few at a time, and one that is gone is told of."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.services.mcp.minutes.hackernews import AT_ONCE, TOP, Stories, read_item, top_stories
from companion.services.mcp.minutes.sources import SourceError
from tests.services.mcp.minutes.documents import BOOKS_OWN, bounded

ITEM = {
    "by": "ada",
    "id": 7,
    "score": 3,
    "time": 1_794_791_880,
    "title": "A title",
    "type": "story",
    "url": "https://a.example/",
}


def top(limit: int, changes: Mapping[str, bytes | Exception] | None = None) -> Stories:
    return asyncio.run(top_stories(bounded(changes), limit))


def test_stories_stand_in_the_order_of_the_front_page() -> None:
    found = top(3)
    assert [story.id for story in found.stories] == [48100231, 48100198, 48099954]
    assert (found.missing, found.source) == ([], "hackernews/topstories.json and 3 items")


def test_a_question_without_an_address_leads_to_its_own_page() -> None:
    assert top(3).stories[2].url == "https://news.ycombinator.com/item?id=48099954"


def test_an_item_that_is_gone_or_dead_is_told_of_and_the_others_are_given() -> None:
    found = top(30)
    assert len(found.stories) == 8
    assert found.missing == ["item 48100020 is gone", "item 48099503 was taken down"]


def test_an_item_that_cannot_be_had_does_not_sink_the_others() -> None:
    broken = {"hackernews/item/48100198.json": ConnectionResetError(104, "Connection reset by peer")}
    found = top(3, broken)
    assert [story.id for story in found.stories] == [48100231, 48099954]
    assert found.missing == ["hackernews/item/48100198.json: connection reset by peer"]


@pytest.mark.parametrize("document", [b"", b"{}", b"[1.5]", b"[-1]", b'["../inbox"]', b"[" * 100_000, b"null"])
def test_a_front_page_that_is_none_is_refused(document: bytes) -> None:
    with pytest.raises(SourceError, match=r"^hackernews/topstories\.json: no list of numbers: "):
        top(3, {TOP: document})


def test_only_as_many_as_are_asked_for_are_fetched_and_eight_at_a_time() -> None:
    asked: list[str] = []
    under_way = most = 0

    async def slow(name: str) -> bytes:
        nonlocal under_way, most
        if name == TOP:
            return json.dumps(list(range(1, 501))).encode()
        asked.append(name)
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)  # whoever may begin has begun
        await asyncio.sleep(0)
        under_way -= 1
        return json.dumps(ITEM).encode()

    found = asyncio.run(top_stories(slow, 30))
    assert len(found.stories) == len(asked) == 30
    assert most == AT_ONCE


def test_a_caller_who_leaves_ends_the_fetching() -> None:
    ended: list[str] = []

    async def never(name: str) -> bytes:
        if name == TOP:
            return await BOOKS_OWN(name)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)
        raise AssertionError

    async def leave() -> None:
        task = asyncio.create_task(top_stories(never, 5))
        for _ in range(1000):
            await asyncio.sleep(0.001)
            if task.cancelled() or len(asyncio.all_tasks()) >= 7:
                break
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert len(ended) == 5


def item(**changes: object) -> bytes:
    return json.dumps(ITEM | changes).encode()


def test_an_item_is_read() -> None:
    story = read_item(item(), 7)
    assert (story.title, story.points, story.by) == ("A title", 3, "ada")
    assert story.time == datetime(2026, 11, 16, 1, 18, tzinfo=UTC)


def test_a_title_begins_no_line_of_its_own_and_an_address_runs_nothing() -> None:
    story = read_item(item(title="One\n\nLeft out\n  all", url="javascript:alert(1)"), 7)
    assert (story.title, story.url) == ("One Left out all", "https://news.ycombinator.com/item?id=7")


@pytest.mark.parametrize("changed", [{"time": 10**30}, {"time": -1}, {"title": 5}, {"score": 1.5}, {"url": {}}])
def test_an_item_of_another_shape_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(SourceError, match=r"^item 7 cannot be read: "):
        read_item(item(**changed), 7)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(ITEM)), inner, max_size=6),
    max_leaves=12,
)


@given(JSON | st.binary(max_size=60))
def test_whatever_an_item_is_it_is_a_story_or_refused_in_a_line(document: object) -> None:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    try:
        story = read_item(data, 7)
    except SourceError as error:
        assert str(error).startswith("item 7 ")
    else:
        assert story.title.isprintable() and story.url.startswith("https://")
