"""One connection of the load generator: opened, asked and read within a deadline, and opened anew when it is lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from companion.calls.concurrency.load.http1 import BadMessage, read_response, write_request
from companion.calls.concurrency.load.plan import LoadError


@dataclass(frozen=True)
class Target:
    """Where requests go: a URL taken apart."""

    host: str
    port: int
    path: str

    @staticmethod
    def of(url: str) -> Target:
        """Take a URL apart.

        Raises
        ------
        LoadError
            If it is none of http.
        """
        if not url.isprintable():  # which urlsplit would leave out in silence
            raise LoadError(f"{url!a}: a URL has no such characters")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or 80
        except ValueError as error:
            raise LoadError(f"{url}: {error}") from None
        if parts.scheme != "http" or not host or parts.username is not None:
            raise LoadError(f"{url}: http://HOST:PORT/PATH was expected")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not all("!" <= character <= "~" for character in host + path):
            raise LoadError(f"{url}: a host or path may hold visible ASCII characters only")
        return Target(host, port, path)


class Connection:
    """A connection that asks for one thing at a time.

    Parameters
    ----------
    target
        Whom to ask for what.
    close
        Whether each request has a connection of its own, and says so.
    """

    def __init__(self, target: Target, *, close: bool = False) -> None:
        authority = f"[{target.host}]" if ":" in target.host else target.host
        self._target = target
        self._request = write_request(f"{authority}:{target.port}", target.path, close=close)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self, timeout: float) -> str:
        """Connect, unless that is done; return what went wrong, or nothing."""
        if self._streams is not None and not self._streams[0].at_eof():
            return ""
        self.close()
        try:
            async with asyncio.timeout(timeout):
                self._streams = await asyncio.open_connection(self._target.host, self._target.port)
        except TimeoutError:
            return "timeout"
        except OSError:
            return "refused"
        return ""

    async def ask(self, timeout: float) -> str:
        """Send the request and read its answer within so many seconds; return what went wrong, or nothing."""
        try:
            async with asyncio.timeout(timeout):
                return await self.open(timeout) or await self._ask()
        except TimeoutError:
            self.close()
            return "timeout"
        except BadMessage:
            self.close()
            return "unreadable"
        except OSError:
            self.close()
            return "closed"

    async def _ask(self) -> str:
        assert self._streams is not None
        reader, writer = self._streams
        writer.write(self._request)
        data = b""
        while (whole := read_response(data)) is None:
            more = await reader.read(65_536)
            if not more:
                self.close()
                return "closed"
            data += more
        response, taken = whole
        if not response.keep_alive or taken != len(data):
            self.close()
        if taken != len(data):
            return "unreadable"  # more than was asked for
        return "" if 200 <= response.status < 400 else f"status {response.status}"

    def close(self) -> None:
        """Let go of the connection, at once."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None
