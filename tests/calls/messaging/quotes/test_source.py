"""The stream of quotes: made up from a seed, kept by symbol, and read again from any place."""

import asyncio
from itertools import islice

from companion.calls.messaging.broker import connected, running
from companion.calls.messaging.quotes.quote import payload
from companion.calls.messaging.quotes.source import STREAM, earlier, open_stream, prices, publish


def test_prices_repeat_with_their_seed_and_are_numbered_by_symbol() -> None:
    walk = list(islice(prices(3), 300))
    assert walk == list(islice(prices(3), 300)) != list(islice(prices(4), 300))
    for symbol in ("ACME", "EMCA", "MACE"):
        numbers = [number for name, number, _ in walk if name == symbol]
        assert numbers == list(range(1, len(numbers) + 1))
    assert min(price for _, _, price in islice(prices(1, ["A"]), 5000)) >= 1


def test_what_lies_between_two_places_is_fetched_and_no_more_than_asked_for() -> None:
    async def fetch(url: str) -> None:
        async with connected(url) as client:
            js = client.jetstream()
            await open_stream(js, last_quotes=5)
            last = await publish(js, [(symbol, number, 1.0) for number in range(1, 9) for symbol in ("ACME", "EMCA")])
            assert last == 16
            found = await earlier(js, "ACME", 0, 99, 100)
            assert [quote.number for quote in found] == [4, 5, 6, 7, 8], "the stream keeps five of each"
            assert {quote.symbol for quote in found} == {"ACME"}
            one, two = found[1].seq, found[3].seq
            assert [quote.seq for quote in await earlier(js, "ACME", one, two, 100)] == [found[2].seq]
            assert [quote.number for quote in await earlier(js, "ACME", 0, 99, 2)] == [4, 5]
            assert await earlier(js, "NONE", 0, 99, 100) == await earlier(js, "ACME", 99, 999, 100) == []
            await js.publish("quotes.ACME", b"no quote")
            await js.publish("quotes.ACME", payload(9, 1.0))
            assert [quote.number for quote in await earlier(js, "ACME", last, 99, 100)] == [9]
            assert (await js.stream_info(STREAM)).state.messages == 10

    with running() as broker:
        asyncio.run(fetch(broker.url))
