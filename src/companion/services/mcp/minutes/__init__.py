"""Daily minutes: mail, news, feeds and the weather as tools, and an agent that makes a morning's briefing of them.

    async with Client(minutes_server(fixtures(Path("data/minutes")))) as client:
        print(await briefing(client, chat_model("offline"), ["the weather in Oslo", "5 stories of Hacker News"]))

Each source is a module that knows one format, as its owner publishes it: `mail` (an mbox), `hackernews` (the items of
its API), `feeds` (RSS and Atom), `weather` (JSON by the hour). `server` makes tools of them, `agent` calls the tools.
"""

from companion.services.mcp.minutes.agent import Briefing, briefing
from companion.services.mcp.minutes.server import MORNING, minutes_server
from companion.services.mcp.minutes.sources import SourceError, fixtures

__all__ = ["MORNING", "Briefing", "SourceError", "briefing", "fixtures", "minutes_server"]
