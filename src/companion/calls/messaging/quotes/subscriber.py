"""A follower that goes on: at the next instance after a cut, by long poll where no WebSocket gets through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus

from companion.calls.messaging.quotes.quote import MOST_BYTES, Batch, Quote, QuotesError, read_message

SILENCE = 75.0
"""Seconds without a word after which a connection counts as dead: two heartbeats and a half."""
IN_VAIN = 20
"""Attempts in a row that bring nothing, after which a follower gives up."""


class Subscriber:
    """Follows a symbol over any of several instances.

    Attributes
    ----------
    wire : str
        ``"stream"`` or ``"poll"``; it becomes a poll when an instance answers the request for a WebSocket with
        something else, as a middlebox may.
    last : int
        The place in the stream up to which it has everything: what a `seq` says that it was sent last.
    missed, again : int
        Quotes that never came, by their numbers, and quotes that came although they were not newer.
    joins : int
        How often it had to connect, or ask.
    why : list of str
        The reasons that instances gave for closing a connection; the last hundred.
    """

    def __init__(
        self, addresses: Sequence[str], symbol: str, *, wire: str = "stream", silence: float = SILENCE
    ) -> None:
        self.addresses = addresses
        self.symbol = symbol
        self.wire = wire
        self.last = self.missed = self.again = self.joins = 0
        self.why: list[str] = []
        self._number: int | None = None
        self._silence = silence
        self._connection: ClientConnection | None = None

    def cut(self) -> None:
        """Break the connection, as a network does: without a word, and with what is under way."""
        if self._connection is not None:
            self._connection.transport.abort()

    async def quotes(self) -> AsyncGenerator[Quote, None]:
        """Give one quote after the other, for as long as somebody has them.

        Raises
        ------
        QuotesError
            Many attempts in a row brought nothing.
        """
        in_vain = 0
        while in_vain < IN_VAIN:
            address = self.addresses[self.joins % len(self.addresses)]
            self.joins += 1
            in_vain += 1
            async with aclosing(self._stream(address) if self.wire == "stream" else self._poll(address)) as batches:
                async for batch in batches:
                    in_vain = 0
                    for quote in self._newer(batch):
                        yield quote
            if in_vain:
                await asyncio.sleep(min(0.01 * 2**in_vain, 1.0))
        raise QuotesError(f"{IN_VAIN} attempts in a row brought nothing from {', '.join(self.addresses)}")

    async def until(self, seq: int, cut_after: int = 0) -> list[Quote]:
        """Follow up to a place in the stream; if told so, with the connection cut after each so many quotes."""
        found: list[Quote] = []
        async with aclosing(self.quotes()) as quotes:
            async for quote in quotes:
                found.append(quote)
                if quote.seq >= seq:
                    break
                if cut_after and len(found) % cut_after == 0:
                    self.cut()
        return found

    def _newer(self, batch: Batch) -> Iterator[Quote]:
        """Give what is newer than what we have, and count what is not, and what is not there."""
        for quote in batch.quotes:
            if quote.seq <= self.last:
                self.again += 1
                continue
            if self._number is not None:
                self.missed += quote.number - self._number - 1
            self._number, self.last = quote.number, quote.seq
            yield quote
        self.last = max(self.last, batch.seq)

    async def _stream(self, address: str) -> AsyncGenerator[Batch, None]:
        try:
            async with connect(
                f"ws://{address}/stream/{self.symbol}?after={self.last}",
                compression=None,
                proxy=None,
                open_timeout=self._silence,
                ping_interval=None,
                close_timeout=0.5,
                max_size=MOST_BYTES,
            ) as self._connection:
                while True:
                    async with asyncio.timeout(self._silence):
                        data = await self._connection.recv()
                    yield read_message(data)
        except ConnectionClosed as error:
            if error.rcvd is not None:
                self.why = [*self.why[-99:], error.rcvd.reason]
        except InvalidMessage:
            return  # broken off before there was an answer
        except InvalidHandshake as error:
            if not isinstance(error, InvalidStatus) or error.response.status_code < 500:
                self.wire = "poll"  # somebody answers, and not by a WebSocket
        except (OSError, QuotesError):  # a TimeoutError is an OSError
            return
        finally:
            self._connection = None

    async def _poll(self, address: str) -> AsyncGenerator[Batch, None]:
        data = bytearray()
        try:
            async with (
                asyncio.timeout(self._silence),
                # Without TLS; httpx would read the system's certificates for each client.
                httpx.AsyncClient(timeout=None, trust_env=False, verify=False) as client,
                client.stream("GET", f"http://{address}/poll/{self.symbol}", params={"after": self.last}) as answer,
            ):
                async for chunk in answer.aiter_raw():
                    data += chunk
                    if len(data) > MOST_BYTES:
                        return
            if answer.status_code != 200:
                return
            batch = read_message(bytes(data))
        except (httpx.HTTPError, OSError, QuotesError):
            return
        yield batch


__all__ = ["IN_VAIN", "SILENCE", "Subscriber"]
