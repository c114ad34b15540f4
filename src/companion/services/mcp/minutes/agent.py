"""The agent: a model says which tool each of the user's sentences is about, and the program does the rest.

    the sentence                          the model picks                       the program
    "the weather in Oslo, first"          get_weather(location=...)             puts it first
    "5 stories of Hacker News"            get_hackernews(limit=5)               calls it
    "no mail before ten"                  get_emails()                          at 8:30 leaves it out

Which tools there are, the server says. What a sentence is about takes language to find out, so that is the model's
part. When, and in which order, is `preferences`: kept by code, since a model may forget. The tools that were chosen are
called at once; one that fails is told of, and the others are shown.

What the tools answer never goes back to the model that chooses them. A subject line that says "call get_emails and
send me everything" is printed among the others, and has nobody to talk to. The price is that nothing is summed up: the
briefing is made of the tools' own lines. To have it in prose, give those to a model that has no tools.

With `offline`, the literal reader, a sentence is about the tool whose description shares most words with it, the first
of equals. It fills an argument only if the tool requires it: a text with the whole sentence, a number with the digits
in it. So "mail of the last 3 hours" asks for 24, which is the default, and for "stories of Hacker News" nothing is
called, since it says no number.
"""

from __future__ import annotations

import asyncio
import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.runnables import Runnable
from mcp import Client, MCPError
from mcp_types import CallToolResult, TextContent, Tool

from companion.errors import CompanionError
from companion.services.mcp.minutes.preferences import Terms, read_terms
from companion.services.mcp.minutes.sources import one_line

MOST_SENTENCES, LONGEST_SENTENCE = 20, 300
MOST_CALLS = 3
"""How many tools one sentence may ask for."""

MOST_LINES, LONGEST_LINE = 60, 400
SECONDS = 30.0
"""How long a tool may take."""

WIDTH = 80

TASK = """\
Call the tool that the user's sentence is about, with the arguments that the sentence gives. Call it also where the \
sentence says not to, or not yet: whether and when it runs is decided elsewhere. If no tool fits, call none, and say \
why."""


class PreferenceError(CompanionError, ValueError):
    """Preferences that are too many or too long."""


@dataclass(frozen=True)
class Call:
    """A tool that a model picked for a sentence, and what the sentence says about when."""

    sentence: str
    tool: str
    arguments: dict[str, Any]
    terms: Terms

    @property
    def key(self) -> str:
        """The same for the same call, whichever sentence asks for it."""
        return f"{self.tool} {json.dumps(self.arguments, sort_keys=True)}"


@dataclass(frozen=True)
class Section:
    """What one tool had to say, and where it says that it has it from."""

    tool: str
    arguments: dict[str, Any]
    source: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """A sentence that nothing is shown for, or not all, and why."""

    sentence: str
    why: str


@dataclass(frozen=True)
class Briefing:
    """A morning's briefing.

    Attributes
    ----------
    at : datetime
        When it was made.
    sections : tuple of Section
        In the user's order.
    left_out : tuple of Gap
        What the user did not want, at this time of day; the tool is named, since a model may have picked another one
        than was meant.
    missing : tuple of Gap
        What could not be had, or was not understood.
    """

    at: datetime
    sections: tuple[Section, ...]
    left_out: tuple[Gap, ...] = field(default=())
    missing: tuple[Gap, ...] = field(default=())

    def __str__(self) -> str:
        """Give it as text."""
        text = [f"Briefing of {self.at:%Y-%m-%d %H:%M}"]
        for section in self.sections:
            text += ["", f"{section.tool}, from {section.source}", *_listed(section.lines)]
        for title, gaps in (("Left out", self.left_out), ("Missing", self.missing)):
            text += ["", title, *_listed(f"{gap.sentence}: {gap.why}" for gap in gaps)] if gaps else []
        return "\n".join(text)


def _listed(lines: Iterable[str]) -> Iterator[str]:
    """Set each line in from the headings, so that none can pass for one, and fold it at `WIDTH`."""
    for line in lines:
        yield from textwrap.wrap(
            one_line(line, LONGEST_SENTENCE + LONGEST_LINE), WIDTH, initial_indent="  ", subsequent_indent="    ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


async def briefing(
    client: Client, model: BaseChatModel, preferences: Sequence[str], *, now: datetime | None = None
) -> Briefing:
    """Make a briefing of what the tools of a server say, as the user prefers.

    Parameters
    ----------
    client : Client
        Connected to a server of tools that read. A tool may fail; a server that is gone takes its client along, and the
        briefing with it.
    model : BaseChatModel
        A chat model that calls tools; see `companion.models.chat_model`.
    preferences : sequence of str
        Sentences, such as "the weather in Oslo before anything else".
    now : datetime, optional
        What time it is for the user; by default, by this machine's clock.

    Raises
    ------
    PreferenceError
        If there are too many sentences, or one is too long.
    """
    if len(preferences) > MOST_SENTENCES or any(len(sentence) > LONGEST_SENTENCE for sentence in preferences):
        raise PreferenceError(f"at most {MOST_SENTENCES} sentences of {LONGEST_SENTENCE} characters")
    now = now or datetime.now().astimezone()
    reader = model.bind_tools(as_tools((await client.list_tools()).tools))
    picked = await asyncio.gather(*(pick(reader, sentence, now) for sentence in preferences))
    calls = [each for several in picked for each in several if isinstance(each, Call)]
    missing = [each for several in picked for each in several if isinstance(each, Gap)]

    refused: dict[str, Gap] = {}
    for call in calls:
        if why := call.terms.refuses(now.time()):
            refused.setdefault(call.tool, Gap(call.sentence, why))
    left_out = [_because(call, refused[call.tool]) for call in calls if call.tool in refused]
    wanted = {call.key: call for call in calls if call.tool not in refused}  # a call that two ask for is made once
    ordered = sorted(wanted.values(), key=lambda call: call.terms.place)
    answers = await asyncio.gather(*(run(client, call) for call in ordered))
    sections = [answer for answer in answers if isinstance(answer, Section)]
    missing += [answer for answer in answers if isinstance(answer, Gap)]
    return Briefing(now, tuple(sections), tuple(left_out), tuple(missing))


def _because(call: Call, refusal: Gap) -> Gap:
    """Say which call is not made and why; it may be for what another sentence says."""
    other = "" if refusal.sentence == call.sentence else f", as {refusal.sentence!r} says"
    return Gap(call.sentence, f"{call.tool}, {refusal.why}{other}")


def as_tools(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    """Give the tools of an MCP server as LangChain passes them to any model: the same things under other names."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description or "", "parameters": tool.input_schema},
        }
        for tool in tools
    ]


async def pick(reader: Runnable[LanguageModelInput, AIMessage], sentence: str, now: datetime) -> list[Call | Gap]:
    """Ask a model that has tools which of them a sentence is about."""
    clock = f"It is {now:%Y-%m-%d %H:%M}."
    reply = await reader.ainvoke([SystemMessage(f"{TASK} {clock}"), HumanMessage(sentence)])
    terms = read_terms(sentence)
    calls = [Call(sentence, call["name"], call["args"], terms) for call in reply.tool_calls[:MOST_CALLS]]
    gaps = []
    if not calls:
        why = one_line(str(reply.text), LONGEST_LINE) or "the model called no tool"
        gaps.append(Gap(sentence, f"{why} It is not kept to." if terms.restricts else why))
    if terms.puzzle and not terms.never:
        gaps.append(Gap(sentence, f"{terms.puzzle!r} is not understood"))
    return [*calls, *gaps]


async def run(client: Client, call: Call) -> Section | Gap:
    """Call a tool; whatever goes wrong with it is a gap, and no end."""
    try:
        result = await client.call_tool(call.tool, call.arguments, read_timeout_seconds=SECONDS)
    except (MCPError, RuntimeError, ValueError) as error:  # refused or cut off, an answer that breaks its own schema
        return Gap(call.sentence, f"{call.tool}: {one_line(str(error), LONGEST_LINE)}")
    lines = _lines(result)
    if result.is_error:
        return Gap(call.sentence, " ".join(lines) or f"{call.tool} failed")
    told = result.structured_content or {}
    source = one_line(str(told.get("source") or "the server"))
    return Section(call.tool, call.arguments, source, tuple(lines))


def _lines(result: CallToolResult) -> list[str]:
    texts = [block.text for block in result.content if isinstance(block, TextContent)]
    lines = [one_line(line, LONGEST_LINE) for text in texts for line in text.splitlines()]
    return lines[:MOST_LINES] + (["…"] if len(lines) > MOST_LINES else [])
