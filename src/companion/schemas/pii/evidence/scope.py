"""Which values relate to a person, whatever harm they can do.

A level says how much harm a field does when it leaks. Whether the law on personal data speaks of it at all is another
question: Regulation (EU) 2016/679, Article 4(1), asks for "any information relating to an identified or identifiable
natural person", and harm is no part of that. A loan's due date is harmless, and is about whoever borrowed the book.

A schema shows it by what stands together: a record that holds something personal is somebody's, and what else it holds
is said of the same person. So is a message that only such records hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from companion.schemas.pii.verdict import Level, MarkedMessage, Verdict
from companion.schemas.protobuf.model import Kind

SECRETS = frozenset({"API_KEY", "CREDENTIAL", "PASSWORD"})
"""Types that a machine may have, too: by themselves they make no record a person's."""

Names = dict[tuple[str, str], str]  # file and message -> why it is somebody's


def with_scope(messages: Sequence[tuple[str, MarkedMessage]], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Say of each verdict why its value relates to a person, where something does.

    Parameters
    ----------
    messages
        All messages that a scan defines, each with the path of its file.
    verdicts
        In any order.

    Returns
    -------
    list of Verdict
        The same, with `about` filled in.
    """
    whose = _records(messages, verdicts)
    return [replace(verdict, about=_about(verdict, whose.get((verdict.path, verdict.message)))) for verdict in verdicts]


def _about(verdict: Verdict, record: str | None) -> str | None:
    if verdict.level is Level.PUBLIC or verdict.pii_type in SECRETS:
        return record
    return "what it holds is personal"


def _records(messages: Sequence[tuple[str, MarkedMessage]], verdicts: Sequence[Verdict]) -> Names:
    """Which messages are somebody's: those that hold something personal, and those that only such messages hold."""
    whose: Names = {}
    for verdict in sorted(verdicts, key=lambda each: (-each.level.rank, each.field.number, each.field.name)):
        many = verdict.field.kind is Kind.MESSAGE and verdict.field.repeated  # a list of persons is nobody's record
        if not many and verdict.level is not Level.PUBLIC and verdict.pii_type not in SECRETS:
            whose.setdefault((verdict.path, verdict.message), f"stands beside {verdict.message}.{verdict.field.name}")
    places = {message.full_name: (path, message.name) for path, message in messages}
    holders: dict[str, set[str]] = {}
    held: dict[str, set[str]] = {}
    for _, message in messages:
        for field in message.fields:
            if field.type in places and field.type != message.full_name:
                holders.setdefault(field.type, set()).add(message.full_name)
                held.setdefault(message.full_name, set()).add(field.type)
    nobodys = {
        inner: set(outer) for inner, outer in holders.items()
    }  # the holders that are not yet known as somebody's
    pending = [name for name, place in places.items() if place in whose]
    while pending:
        known = pending.pop()
        for inner in held.get(known, ()):
            nobodys[inner].discard(known)
            if not nobodys[inner] and places[inner] not in whose:
                only = places[min(holders[inner])][1]
                whose[places[inner]] = f"{places[inner][1]} is held by {only} only, which is somebody's"
                pending.append(inner)
    return whose
