"""The stories of Hacker News, from its API: a list of numbers, and one document for each number.

A hundred stories are a hundred and one requests. One after another they take as long as all of them together; at once,
as long as the slowest. But not a hundred at once either: `AT_ONCE` of them are under way at any time, so that one
caller who is curious is not the API's bad morning.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from companion.services.mcp.minutes.sources import Fetch, Result, SourceError, counted, one_line, web_address

TOP = "hackernews/topstories.json"
AT_ONCE = 8
PAGE = "https://news.ycombinator.com/item?id="

Number = Annotated[int, Field(ge=1, le=10**12)]


class _Item(BaseModel):
    """An item as the API gives it; `text`, `kids` and what else there is are not read."""

    title: str = ""
    url: str | None = None
    score: int = 0
    by: str = ""
    time: Annotated[int, Field(ge=0, le=253_402_300_799)] = 0
    dead: bool = False
    deleted: bool = False


_NUMBERS = TypeAdapter(list[Number])
_ITEM: TypeAdapter[_Item | None] = TypeAdapter(_Item | None)  # an item that is gone is `null`


class Story(BaseModel):
    """A story."""

    id: int
    title: str
    url: str
    points: int
    by: str
    time: datetime


class Stories(Result):
    """The top stories, in the order of the front page."""

    stories: list[Story]

    def lines(self) -> list[str]:
        """Give a line for each, and its address."""
        return [
            f"{story.title} ({counted(story.points, 'point', 'points')}, {story.by}) {story.url}"
            for story in self.stories
        ]


async def top_stories(fetch: Fetch, limit: int) -> Stories:
    """Read the first stories of the front page, those that can be read.

    Raises
    ------
    SourceError
        If the list itself cannot be had.
    """
    numbers = _numbers(await fetch(TOP))[:limit]
    turn = asyncio.Semaphore(AT_ONCE)

    async def story(number: int) -> Story | str:
        try:
            async with turn:
                return read_item(await fetch(f"hackernews/item/{number}.json"), number)
        except SourceError as error:
            return str(error)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(story(number)) for number in numbers]
    found = [task.result() for task in tasks]
    stories = [one for one in found if isinstance(one, Story)]
    return Stories(
        source=f"{TOP} and {counted(len(stories), 'item', 'items')}",
        missing=[one for one in found if isinstance(one, str)],
        stories=stories,
    )


def read_item(document: bytes, number: int) -> Story:
    """Read the item of that number.

    Raises
    ------
    SourceError
        If it is gone, dead, or no item.
    """
    try:
        item = _ITEM.validate_json(document)
    except ValidationError as error:
        raise SourceError(f"item {number} cannot be read: {error.errors()[0]['msg']}") from None
    if item is None:
        raise SourceError(f"item {number} is gone")
    if item.dead or item.deleted or not item.title.strip():
        raise SourceError(f"item {number} was taken down")
    return Story(
        id=number,
        title=one_line(item.title),
        url=web_address(item.url) or f"{PAGE}{number}",
        points=item.score,
        by=one_line(item.by, 40),
        time=datetime.fromtimestamp(item.time, UTC),
    )


def _numbers(document: bytes) -> list[int]:
    try:
        return _NUMBERS.validate_json(document)
    except ValidationError as error:
        raise SourceError(f"{TOP}: no list of numbers: {error.errors()[0]['msg']}") from None
