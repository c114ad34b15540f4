"""One thread, and one task for each connection: whoever waits lets the others run."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable

from companion.calls.concurrency.load.http1 import BadMessage, read_request, write_response
from companion.calls.concurrency.servers.blocking import IDLE
from companion.calls.concurrency.servers.service import BODY, compute, refusal, work_of


async def serve_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer requests on a connection until its client or an answer ends it."""
    data, going_on = b"", True
    with contextlib.suppress(OSError, TimeoutError):
        while going_on:
            try:
                while (found := read_request(data)) is None:
                    more = await asyncio.wait_for(reader.read(65_536), IDLE)
                    if not more:
                        going_on = False
                        break
                    data += more
                if found is None:
                    break
                request, taken = found
                data, going_on, work = data[taken:], request.keep_alive, work_of(request)
                if work.wait:
                    await asyncio.sleep(work.wait)
                compute(work.compute)
                answer = write_response(200, BODY, keep_alive=going_on)
            except BadMessage as error:
                answer, going_on = refusal(error), False
            writer.write(answer)
            await asyncio.wait_for(writer.drain(), IDLE)
    writer.close()


def start(listener: socket.socket, workers: int) -> Callable[[], None]:
    """Serve; `workers` means nothing here. Return what stops it."""

    async def serve() -> None:
        server = await asyncio.start_server(serve_connection, sock=listener, backlog=1024)
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    return lambda: None  # the loop's thread ends with the process
