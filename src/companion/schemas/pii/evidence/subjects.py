"""Whom each message is about: `name` of a patient is personal, `name` of a part is not.

The message's own name is asked first. Where it says nothing, the message around it is, then its own fields (whoever has
a birth date is a person), its namesake (`GetAccountRequest` is about whom `Account` is about), and last the fields that
hold it and the methods that carry it.

What one message is about may so hang on what others are. All are asked at once, with what was known before of the
others, again and again until nothing changes (or the fiftieth time): then it does not matter in which order files,
messages and fields stand.
A message that turns out to be about more than was thought (a thing, a business, a person) stays so, which ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from companion.schemas.pii.evidence.context import Context, Subject, Whom, names_of, occurs
from companion.schemas.pii.evidence.values import find_values, is_value
from companion.schemas.pii.rules.loading import Rule, Rules
from companion.schemas.pii.rules.name_words import Words
from companion.schemas.pii.verdict import MarkedField, MarkedMessage, MarkedSchema

_MOST_ROUNDS = 50  # who is farther away tells nothing of a message, and a hostile schema may be a long chain
_RANKS = {whom: rank for rank, whom in enumerate((Whom.UNKNOWN, Whom.THING, Whom.BUSINESS, Whom.PERSON))}


def make_context(schemas: Sequence[MarkedSchema], rules: Rules) -> Context:
    """Look once at all schemas: who holds whom, which language each file speaks, and whom each message is about."""
    declared = sorted(
        (message for schema in schemas for message in schema.messages if message.declared),
        key=lambda message: message.full_name,
    )
    messages = {message.full_name: message for message in declared}
    context = Context(rules, messages, {})
    for schema in schemas:
        spoken = rules.vocabulary.spoken(names_of(schema.messages))
        context.spoken.update({message.full_name: spoken for message in schema.messages})
        for method in schema.methods:
            for carried in {method.request, method.response}:
                context.callers.setdefault(carried, []).append(rules.vocabulary.words(method.name))
    for message in declared:
        package = message.full_name.removesuffix(message.name)
        context.named.setdefault((package, context.words(message, message.name)), message)
    for schema in schemas:
        for message in schema.messages:
            for field in message.fields:
                holder = message.full_name if message.declared else field.extends
                if field.type in messages and holder in messages:
                    context.holders.setdefault(field.type, []).append((holder, field))
    context.values = find_values(context)
    context.subjects = find_subjects(context)
    return context


def find_subjects(context: Context) -> dict[str, Subject]:
    """Find whom each message is about, by its full name."""
    known: dict[str, Subject] = {}
    pending: list[MarkedMessage] = []
    for message in context.messages.values():
        subject = context.read(context.words(message, message.name.rpartition(".")[2]))
        known[message.full_name] = subject
        if subject.whom is Whom.UNKNOWN and not is_value(context, message):
            pending.append(message)
    named = dict(known)
    dependent: dict[str, list[MarkedMessage]] = {}
    for message in pending:
        for name in _depends_on(context, message, named[message.full_name].words):
            dependent.setdefault(name, []).append(message)
    for _ in range(_MOST_ROUNDS):
        found = {message.full_name: _around(context, message, named[message.full_name], known) for message in pending}
        risen = {name: subject for name, subject in found.items() if _rank(subject) > _rank(known[name])}
        known |= risen
        asked = {message.full_name: message for name in risen for message in dependent.get(name, ())}
        pending = list(asked.values())
        if not pending:
            break
    return known


def _depends_on(context: Context, message: MarkedMessage, words: Words) -> set[str]:
    """The messages that are asked whom this one is about."""
    namesake = _namesake(context, message, words)
    holders = {holder for holder, _ in context.holders.get(message.full_name, ())}
    return holders | {message.full_name.rpartition(".")[0], namesake.full_name if namesake is not None else ""}


def uses(context: Context, message: MarkedMessage, known: Mapping[str, Subject]) -> list[Subject]:
    """Whom each field that holds a message, and each method that carries it, is about."""
    held = [use_of(context, known[holder], field) for holder, field in context.holders.get(message.full_name, ())]
    called = [context.read(method) for method in context.callers.get(message.full_name, ())]
    return sorted(held + called, key=lambda subject: (-_rank(subject), subject.words))


def use_of(context: Context, holder: Subject, field: MarkedField) -> Subject:
    """Whom a field is about that holds a message: its own name says it, or else the message in which it stands."""
    named = context.read(context.rules.vocabulary.words(field.name))
    return named if named.whom is not Whom.UNKNOWN else holder


def _rank(subject: Subject) -> int:
    return _RANKS[subject.whom]


def _around(context: Context, message: MarkedMessage, named: Subject, known: Mapping[str, Subject]) -> Subject:
    """What is around a message whose name says nothing tells of it."""
    words = named.words
    around = known.get(message.full_name.rpartition(".")[0])
    if around is not None and around.whom is not Whom.UNKNOWN:
        return replace(around, itself=False, words=words + around.words)
    found = (
        _from_fields(context, message, words)
        or _from_namesake(context, message, words, known)
        or _from_use(context, message, words, known)
    )
    return replace(found or named, machine=named.machine, place=named.place)


def _from_fields(context: Context, message: MarkedMessage, words: Words) -> Subject | None:
    names = [context.words(message, inner.name) for inner in message.fields]
    if any(occurs(name, context.rules, _marks_a_person) for name in names):
        return Subject(Whom.PERSON, itself=_only_neutral(context.rules, words), words=words)
    return None


def _from_namesake(
    context: Context, message: MarkedMessage, words: Words, known: Mapping[str, Subject]
) -> Subject | None:
    other = _namesake(context, message, words)
    if other is None or known[other.full_name].whom is Whom.UNKNOWN:
        return None
    return replace(known[other.full_name], words=words)


def _namesake(context: Context, message: MarkedMessage, words: Words) -> MarkedMessage | None:
    core = tuple(word for word in words if word not in context.rules.grammar.protocol)
    other = context.named.get((message.full_name.removesuffix(message.name), core))
    return None if other is message else other


def _from_use(context: Context, message: MarkedMessage, words: Words, known: Mapping[str, Subject]) -> Subject | None:
    """About a person where at least half of its uses are; about anything else only where all of them are."""
    found = uses(context, message, known)
    persons = sum(use.whom is Whom.PERSON for use in found)
    if not found or (2 * persons < len(found) and (persons or found[-1].whom is Whom.UNKNOWN)):
        return None
    return replace(found[0], itself=False, words=words + found[0].words)


def _marks_a_person(rule: Rule) -> bool:
    return rule.marks and rule.about != "person"


def _only_neutral(rules: Rules, words: Words) -> bool:
    """Whether a name says nothing but its role: an `Account` whose fields are a person's is the person's own."""
    neutral = rules.entities["neutral"]
    return all((word,) in neutral.get(word, []) for word in words)
