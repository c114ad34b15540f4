"""Feeds, in RSS 2.0 and in Atom (RFC 4287), read with the standard library's parser and without its open doors.

XML lets a document define its own entities, in a DTD: one that expands to ten others, nine times over, makes gigabytes
of a kilobyte, and one that names a file or an address has it fetched. No feed needs a DTD. So a document is refused
where its DTD begins, before any entity is defined.

Which feeds there are is the user's choice, and not the caller's: a tool takes their names, and no address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, NoReturn, get_args
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from pydantic import BaseModel

from companion.services.mcp.minutes.sources import Fetch, Result, SourceError, one_line, web_address

Feed = Literal["engineering", "releases"]
FEEDS: tuple[Feed, ...] = get_args(Feed)
"""The feeds that the user follows."""

ATOM = "{http://www.w3.org/2005/Atom}"
MOST_ELEMENTS = 20_000
DEEPEST = 50
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Item(BaseModel):
    """Something that a feed has published; `published` is null where it does not say when, or says what is to come."""

    feed: str
    title: str
    url: str
    published: datetime | None


class Items(Result):
    """What the feeds have published, the newest first."""

    items: list[Item]

    def lines(self) -> list[str]:
        """Give a line for each, and its address."""
        return [
            f"{item.feed}, {f'{item.published:%m-%d %H:%M}' if item.published else 'undated'}: {item.title} {item.url}"
            for item in self.items
        ]


async def newest_items(fetch: Fetch, feeds: Sequence[Feed], limit: int, now: datetime) -> Items:
    """Read what the feeds have published last; a feed that cannot be read is missing, and the others are not.

    Raises
    ------
    SourceError
        If none can be read.
    """

    async def one(feed: Feed) -> list[Item] | str:
        name = f"feeds/{feed}.xml"
        try:
            document = await fetch(name)
        except SourceError as error:
            return str(error)
        try:
            return read_feed(document, feed, now)
        except SourceError as error:
            return f"{name}: {error}"

    wanted = list(dict.fromkeys(feeds))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(feed)) for feed in wanted]
    found = [task.result() for task in tasks]
    missing = [what for what in found if isinstance(what, str)]
    if len(missing) == len(wanted):
        raise SourceError("; ".join(missing))
    items = [item for what in found if not isinstance(what, str) for item in what]
    newest = sorted(items, key=lambda item: item.published or _EARLIEST, reverse=True)[:limit]
    read = [f"feeds/{feed}.xml" for feed, what in zip(wanted, found, strict=True) if not isinstance(what, str)]
    return Items(source=", ".join(read), missing=missing, items=newest)


def read_feed(document: bytes, feed: str, now: datetime) -> list[Item]:
    """Read the items of a feed, in its order.

    Raises
    ------
    SourceError
        If it is neither RSS nor Atom, or XML that is not read here; see `parse_xml`.
    """
    root = parse_xml(document)
    if root.tag == "rss":
        found = [_rss(entry) for entry in root.iterfind("channel/item")]
    elif root.tag == f"{ATOM}feed":
        found = [_atom(entry) for entry in root.iterfind(f"{ATOM}entry")]
    else:
        raise SourceError(f"neither RSS nor Atom: it begins with {one_line(root.tag, 40)!r}")
    return [
        Item(feed=feed, title=one_line(title) or "(no title)", url=web_address(url), published=_date(date, now))
        for title, url, date in found
    ]


def parse_xml(document: bytes) -> Element:
    """Parse a document that brings no DTD, has at most `MOST_ELEMENTS` elements, and nests them at most `DEEPEST` deep.

    Raises
    ------
    SourceError
        If it is another one, or no XML.
    """
    builder = TreeBuilder()
    depth = elements = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth, elements = depth + 1, elements + 1
        if depth > DEEPEST or elements > MOST_ELEMENTS:
            raise SourceError(f"XML of more than {MOST_ELEMENTS} elements, or {DEEPEST} within each other")
        builder.start(_as_tag(name), attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_as_tag(name))

    def refuse(*_: object) -> NoReturn:
        raise SourceError("XML with a DTD: no feed needs one, and an attack does")

    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # an encoding that nobody knows is one of the last two
        raise SourceError(f"no XML: {one_line(str(error))}") from None
    return builder.close()


def _as_tag(name: str) -> str:
    """Write a name as ElementTree does: ``{address}name``."""
    return f"{{{name}" if "}" in name else name


def _rss(item: Element) -> tuple[str, str, str]:
    """Give title, address and date of an item."""
    return _text(item, "title"), _text(item, "link"), _text(item, "pubDate")


def _atom(entry: Element) -> tuple[str, str, str]:
    """Give title, address and date of an entry; it may have other addresses, of its source or its replies."""
    pages = [link for link in entry.iterfind(f"{ATOM}link") if link.get("rel") in (None, "alternate")]
    date = _text(entry, f"{ATOM}published") or _text(entry, f"{ATOM}updated")
    return _text(entry, f"{ATOM}title"), pages[0].get("href", "") if pages else "", date


def _text(entry: Element, tag: str) -> str:
    found = entry.find(tag)
    return "" if found is None else "".join(found.itertext()).strip()


def _date(text: str, now: datetime) -> datetime | None:
    """Read a date, as Atom or RSS writes it; one to come counts as none, or it would be on top until it has come."""
    try:
        date = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
        date = (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(now.tzinfo)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date <= now else None
