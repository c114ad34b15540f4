"""A directory in which agents say what they can do, and others find them by that.

Thirty years of such directories differ in three things: what one may ask for, who may write, and what becomes of an
entry whose owner is gone. Here one asks for skills, by their tags and by words; an agent writes what its own card says,
under the address where the card lies; and an entry is there for a time, and has to be renewed, as in JINI. An agent
that dies is gone from the directory when its time is over, and nobody has to notice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from a2a.types import a2a_pb2 as pb
from google.protobuf.json_format import MessageToDict, ParseDict
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from companion.errors import CompanionError

LONGEST_SECONDS = 86_400.0

REGISTER = """
insert into agents (url, card, until) values (%(url)s, %(card)s, clock_timestamp() + %(seconds)s * interval '1 second')
on conflict (tenant_id, url) do update set card = excluded.card, until = excluded.until
"""

FIND = """
select card from agents where until > clock_timestamp()
and exists (select from jsonb_array_elements(card -> 'skills') skill where skill -> 'tags' @> %s)
order by url
"""

_WORD = re.compile(r"\w+")


class NotRegistered(CompanionError, ValueError):
    """This card does not come into the directory; the message says why."""


@dataclass(frozen=True)
class Found:
    """An agent that can do what was asked for.

    Attributes
    ----------
    name, url : str
        Who it is, and where.
    skill : str
        The id of the skill that fits best.
    shared : int
        How many of the words that were asked for stand in the skill's name, description and tags.
    """

    name: str
    url: str
    skill: str
    shared: int


def register(connection: Connection[TupleRow], card: pb.AgentCard, seconds: float) -> None:
    """Say of an agent what its card says, for a time; once more before that is over, and it stays.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `as_tenant`: the directory is the tenant's.
    card : AgentCard
        The agent's own, whose signature has been verified if it has to have one (`card.verifier`).
    seconds : float
        For how long, at most a day.

    Raises
    ------
    NotRegistered
        If the card does not say both where the agent is and what it can do, or the time is not as above.
    """
    if not card.supported_interfaces or not card.skills:
        raise NotRegistered("a card names an interface and a skill, at least")
    if not 0 < seconds <= LONGEST_SECONDS:
        raise NotRegistered(f"an entry is good for at most {LONGEST_SECONDS:.0f} seconds")
    url = card.supported_interfaces[0].url
    connection.execute(REGISTER, {"url": url, "card": Jsonb(MessageToDict(card)), "seconds": seconds})


def find(connection: Connection[TupleRow], text: str = "", tags: Iterable[str] = ()) -> list[Found]:
    """List the agents that have a skill with all these tags, the one first whose skill shares most words with a text.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `as_tenant`.
    text : str
        What is to be done, in words; an agent whose skill shares none of them is left out. By default anything.
    tags : iterable of str
        Tags that one skill has to have, all of them.
    """
    wanted, asked = set(tags), _words(text)
    found = []
    for (data,) in connection.execute(FIND, [Jsonb(sorted(wanted))]):
        card = ParseDict(data, pb.AgentCard(), ignore_unknown_fields=True)
        skills = [skill for skill in card.skills if wanted <= set(skill.tags)]
        shared, best = max(((len(asked & _said_by(skill)), skill.id) for skill in skills), key=lambda pair: pair[0])
        if shared or not asked:
            found.append(Found(card.name, card.supported_interfaces[0].url, best, shared))
    return sorted(found, key=lambda each: (-each.shared, each.url))


def _said_by(skill: pb.AgentSkill) -> set[str]:
    return _words(" ".join([skill.name, skill.description, *skill.tags]))


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.lower()) if len(word) > 2}
