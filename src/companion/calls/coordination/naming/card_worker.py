"""An agent that serves its card, as a process, until its standard input ends.

python -m companion.calls.coordination.naming.card_worker NAME SKILL...
"""

from __future__ import annotations

import asyncio
import socket
import sys

import uvicorn

from companion.calls.coordination.naming.cards import card_app
from companion.calls.coordination.naming.children import say


async def main(name: str, *skills: str) -> None:
    """Serve on a free port, and say which."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(card_app(name, list(skills)), log_level="critical", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    say(port=listener.getsockname()[1])
    await asyncio.to_thread(sys.stdin.read)
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
