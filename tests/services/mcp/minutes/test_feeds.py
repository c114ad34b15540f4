"""RSS and Atom are read; a DTD, a bomb and a foreign file are not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.services.mcp.minutes import MORNING
from companion.services.mcp.minutes.feeds import DEEPEST, FEEDS, Feed, Items, newest_items, parse_xml, read_feed
from companion.services.mcp.minutes.sources import SourceError
from tests.services.mcp.minutes.documents import bounded

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><entry>{}</entry></feed>'
RSS = "<rss><channel><item>{}</item></channel></rss>"


def newest(
    limit: int = 10, feeds: tuple[Feed, ...] = FEEDS, changes: dict[str, bytes | Exception] | None = None
) -> Items:
    return asyncio.run(newest_items(bounded(changes), feeds, limit, MORNING))


def test_items_of_both_formats_are_given_the_newest_first() -> None:
    found = newest()
    assert [(item.feed, item.title[:14]) for item in found.items] == [
        ("releases", "Tidewater 4.2."), ("engineering", "What we learne"), ("engineering", "Timeouts & the"),
        ("engineering", "A year of on-c"), ("releases", "Tidewater 4.2:"),
    ]  # fmt: skip
    assert found.source == "feeds/engineering.xml, feeds/releases.xml"
    assert len(newest(limit=2).items) == 2


def test_an_atom_entry_leads_to_its_page_and_not_to_itself() -> None:
    assert newest(feeds=("releases",)).items[0].url == "https://tidewater.example/releases/4.2.1"


def test_what_stands_in_cdata_is_text() -> None:
    assert newest().items[2].title == "Timeouts & the <deadline> that everybody forgets"


def test_a_feed_that_is_named_twice_is_read_once() -> None:
    assert len(newest(feeds=("releases", "releases")).items) == 2


def test_one_feed_that_fails_is_missing_and_the_other_is_given() -> None:
    found = newest(changes={"feeds/releases.xml": b"<html></html>"})
    assert found.source == "feeds/engineering.xml" and len(found.items) == 3
    assert found.missing == ["feeds/releases.xml: neither RSS nor Atom: it begins with 'html'"]


def test_where_no_feed_can_be_read_there_is_no_result() -> None:
    gone = FileNotFoundError(2, "No such file or directory")
    with pytest.raises(SourceError, match=r"^feeds/engineering\.xml: no such file.*; feeds/releases\.xml: no XML: "):
        newest(changes={"feeds/engineering.xml": gone, "feeds/releases.xml": b"<rss"})


def test_a_published_date_goes_before_one_of_an_update() -> None:
    body = "<published>2026-10-28T12:00:00Z</published><updated>2026-10-29T12:00:00Z</updated>"
    (item,) = read_feed(ATOM.format(body).encode(), "f", MORNING)
    assert item.published == datetime(2026, 10, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "date",
    ["Tue, 19 Jan 2038 03:14:07 GMT", "soon", "", "Mon, 36 Nov 2026 00:00:00 GMT", "Mon, 16 Nov 0000 00:00:00 +9999"],
)
def test_an_item_from_the_future_or_without_a_date_comes_last(date: str) -> None:
    body = f"<title>late</title><pubDate>{date}</pubDate></item>"
    body += "<item><title>b</title><pubDate>Mon, 16 Nov 2026 00:00 GMT</pubDate>"
    found = newest(feeds=("engineering",), changes={"feeds/engineering.xml": RSS.format(body).encode()})
    assert [item.title for item in found.items] == ["b", "late"]
    assert found.lines()[1] == "engineering, undated: late "


def test_a_title_with_markup_is_its_text_and_no_title_says_so() -> None:
    assert read_feed(ATOM.format("<title>a <b>bold</b>\n one</title>").encode(), "f", MORNING)[0].title == "a bold one"
    assert read_feed(RSS.format("<link>javascript:x</link>").encode(), "f", MORNING)[0].model_dump() == {
        "feed": "f", "title": "(no title)", "url": "", "published": None,
    }  # fmt: skip


BOMB = "<!DOCTYPE rss [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)
) + "]><rss>&a9;</rss>"  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "document",
    [BOMB, "<!DOCTYPE rss><rss/>", "<!DOCTYPE rss SYSTEM 'http://127.0.0.1:9/x.dtd'><rss/>",
     "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss>&x;</rss>",
     "<!DOCTYPE rss [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><rss/>"],
)  # fmt: skip
def test_a_dtd_is_refused_before_an_entity_is_defined(document: str, encoding: str) -> None:
    with pytest.raises(SourceError, match=r"^XML with a DTD"):
        parse_xml(document.encode(encoding))


@pytest.mark.parametrize(
    "document",
    [b"", b"<a>", b"<a></b>", b"<a/><b/>", b"\0", b"<a>&x;</a>", b"<?xml version='1.0' encoding='klingon'?><a/>",
     b"<?xml version='1.0' encoding='zlib'?><a/>", b"<x:a/>", b"\xff\xfe<"],
)  # fmt: skip
def test_what_is_no_xml_is_refused(document: bytes) -> None:
    with pytest.raises(SourceError, match=r"^no XML: "):
        parse_xml(document)


@pytest.mark.parametrize("document", ["<a>" * (DEEPEST + 1) + "</a>" * (DEEPEST + 1), "<r>" + "<a/>" * 20_000 + "</r>"])
def test_too_deep_or_too_many_is_refused(document: str) -> None:
    with pytest.raises(SourceError, match=r"^XML of more than 20000 elements, or 50 within each other$"):
        parse_xml(document.encode())


def test_the_deepest_and_the_most_are_read() -> None:
    assert len(list(parse_xml(b"<a>" * DEEPEST + b"</a>" * DEEPEST).iter())) == DEEPEST
    assert len(parse_xml(b"<r>" + b"<a/>" * 19_999 + b"</r>")) == 19_999


PIECES = ["<rss>", "</rss>", "<channel>", "</channel>", "<item>", "</item>", "<title>", "</title>", "<pubDate>", "&lt;",
          "<![CDATA[", "]]>", "<!--", "-->", "<?x ?>", "<!DOCTYPE rss [", "<!ENTITY x 'y'>", "&x;", "]>"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=25))
def test_whatever_a_feed_holds_it_is_items_or_refused_in_a_line(pieces: list[str]) -> None:
    try:
        items = read_feed("".join(pieces).encode("utf-8", "replace"), "f", MORNING)
    except SourceError as error:
        assert str(error).isprintable()
    else:
        assert all(item.title.isprintable() and item.title for item in items)


def test_the_feeds_that_a_caller_may_name_are_those_that_lie_there() -> None:
    folder = Path(__file__).parents[4] / "data" / "minutes" / "feeds"
    assert sorted(file.stem for file in folder.iterdir()) == sorted(FEEDS)
