"""The book as an MCP server: a reader's own assistant looks a number up, and runs the experiment behind it.

    async with Client(book_server(find_project().root)) as client:
        await client.call_tool("claim", {"name": "attempts"})

It reads the notebooks of a checkout as they are committed, with the outputs in them (`chapters`, `claims`), and the
glossary (`glossary`); for a simulation it starts the book's own command (`simulations`). It writes nothing.
"""

from companion.services.mcp.book.server import book_server

__all__ = ["book_server"]
