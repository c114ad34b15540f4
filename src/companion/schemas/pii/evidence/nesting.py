"""What a field of message type holds: the most personal thing inside, however deep.

What a message holds hangs on what is in the messages inside, and these may hold it in their turn. So every message
begins with what its own fields say, and takes over from those inside what is more personal, round after round, until
nothing changes. In each round all look at what was known in the round before, so the order of files, messages and
fields plays no part; of two equals the one that lies less deep is told, and then the one of the lower field number.

A message that several others use, some of a person and some not, is judged for each use: the `message` of a `Status` is
not what a person writes since one of the calls that answer with it is about a user.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companion.schemas.pii.evidence.context import Context, Subject, Whom
from companion.schemas.pii.evidence.question import Reading
from companion.schemas.pii.evidence.subjects import use_of, uses
from companion.schemas.pii.evidence.values import is_value
from companion.schemas.pii.verdict import Level, MarkedField, MarkedMessage, Verdict
from companion.schemas.protobuf.model import Kind

NOTHING = "nothing in its name, type or comment speaks of a person"
Judge = Callable[[MarkedMessage, MarkedField, Subject], Reading]
Use = tuple[str, Whom | None]  # a message by its full name, and that it is about a person here, where its uses differ


@dataclass(frozen=True)
class Held:
    """Something personal in a message, and how deep it lies."""

    reading: Reading
    part: str  # message and field
    number: int  # of the field that leads to it
    depth: int = 0

    @property
    def order(self) -> tuple[int, int, int]:
        """Less is told first: the higher level, then what lies less deep, then the lower field number."""
        return -self.reading.level.rank, self.depth, self.number


class Nesting:
    """The readings of all fields, what is inside considered.

    Parameters
    ----------
    context
        All messages, and whom each is about.
    judge
        What is said of a field itself.
    nested
        Whether what is inside counts at all.
    """

    def __init__(self, context: Context, judge: Judge, *, nested: bool = True) -> None:
        self.context = context
        self.judge = judge
        self.nested = nested
        types = context.rules.types
        self.of_businesses = {*types.at_work, *types.at_work.values(), *types.places}  # then they are public
        self.own: dict[tuple[str, str, str, Whom | None], Reading] = {}
        self.differing = {message.full_name for message in context.messages.values() if self._differs(message)}
        self.held: dict[Use, Held] = {}
        self._settle()

    def verdict(self, path: str, message: MarkedMessage, field: MarkedField) -> Verdict:
        """The verdict, with the file that it is about."""
        reading = self.reading(message, field)
        return Verdict(path, message.name, field, reading.level, reading.type, reading.reason, reading.source)

    def reading(self, message: MarkedMessage, field: MarkedField, whom: Whom | None = None) -> Reading:
        """What is to be said of one field, all evidence considered."""
        message = self.context.messages.get(field.extends, message)  # an extension is a field of what it extends
        inner = self._inside(message, field, whom)
        if inner is None:
            return self._own(message, field, whom)
        return self._weighed(message, field, whom, self.held.get(self._use(message, field, inner, whom)))

    def _settle(self) -> None:
        """Find what each message holds, in rounds."""
        holders: dict[Use, list[tuple[Use, MarkedField]]] = {}
        pending: list[Use] = [(name, None) for name in self.context.messages] if self.nested else []
        seen = set(pending)
        while pending:
            use = pending.pop()
            message = self.context.messages[use[0]]
            for field in message.fields:
                inner = self._inside(message, field, use[1])
                self._keep(use, self._of_itself(message, field, use[1], inner), self.held)
                if inner is not None:
                    within = self._use(message, field, inner, use[1])
                    holders.setdefault(within, []).append((use, field))
                    if within not in seen:
                        seen.add(within)
                        pending.append(within)
        news = set(self.held)
        while news:
            found: dict[Use, Held] = {}
            for within in news:
                for use, field in holders.get(within, ()):
                    self._keep(use, self._passed_on(use, field, self.held[within]), found)
            news = {use for use, held in found.items() if self._keep(use, held, self.held)}

    @staticmethod
    def _keep(use: Use, held: Held | None, known: dict[Use, Held]) -> bool:
        """Remember what a message holds, if it is to be told rather than what is known; say whether it is."""
        better = held is not None and (use not in known or held.order < known[use].order)
        if better and held is not None:
            known[use] = held
        return better

    def _of_itself(
        self, message: MarkedMessage, field: MarkedField, whom: Whom | None, inner: MarkedMessage | None
    ) -> Held | None:
        own = self._own(message, field, whom) if inner is None else self._weighed(message, field, whom, None)
        return None if own.level is Level.PUBLIC else Held(own, f"{message.name}.{field.name}", field.number)

    def _passed_on(self, use: Use, field: MarkedField, held: Held) -> Held | None:
        """What a message holds through one of its fields."""
        reading = self._weighed(self.context.messages[use[0]], field, use[1], held)
        if reading.level is not held.reading.level:
            return None  # the field's own name says more, and was told; or what is inside is a business's here
        return Held(held.reading, held.part, field.number, held.depth + 1)

    def _weighed(self, message: MarkedMessage, field: MarkedField, whom: Whom | None, held: Held | None) -> Reading:
        """The higher of what a field says itself and what is inside."""
        own, inner = self._own(message, field, whom), self.context.messages[field.type]
        highest = held.reading.level if held is not None else Level.PUBLIC
        value = is_value(self.context, inner)
        value = value or (held is None and own.type is not None and not self._another_thing(message, field, inner))
        if (value or own.source.startswith("marks")) and own.level.rank > highest.rank:
            return own  # the type says nothing of its own, or a maintainer knows what the box will hold
        if held is None:
            said = own.reason if value else f"nothing in {inner.name} is personal"
            return Reading(Level.PUBLIC, None, said, own.source if value else "nesting")
        if held.reading.type in self.of_businesses and self._of_a_business(message, field, whom):
            return Reading(Level.PUBLIC, None, f"holds {held.part}, here of a business", "nesting")
        return Reading(highest, held.reading.type, f"holds {held.part}: {held.reading.reason}", held.reading.source)

    def _own(self, message: MarkedMessage, field: MarkedField, whom: Whom | None) -> Reading:
        key = (message.full_name, field.extends, field.name, whom)
        if key not in self.own:
            self.own[key] = self.judge(message, field, self._subject(message, whom))
        return self.own[key]

    def _subject(self, message: MarkedMessage, whom: Whom | None) -> Subject:
        return self.context.subject(message) if whom is None else Subject(whom)

    def _inside(self, message: MarkedMessage, field: MarkedField, whom: Whom | None) -> MarkedMessage | None:
        """The message whose fields decide, or None when the field's own name or mark does."""
        inner = self.context.messages.get(field.type) if field.kind is Kind.MESSAGE else None
        if inner is None or (inner.holds_extensions and not inner.fields) or not self.nested or field.mark is not None:
            return None
        return None if self._narrows(message, field, whom) else inner

    def _narrows(self, message: MarkedMessage, field: MarkedField, whom: Whom | None) -> bool:
        """Whether the field's name says more than the message inside: an address of a warehouse, or at work."""
        own = self._own(message, field, whom)
        if own.level.rank > Level.LOW.rank:
            return False
        owner = self.context.read(self.context.words(message, field.name))
        return (own.type or "").endswith("_WORK") or owner.whom is Whom.BUSINESS

    def _of_a_business(self, message: MarkedMessage, field: MarkedField, whom: Whom | None) -> bool:
        named = self.context.read(self.context.words(message, field.name)).whom
        return self._subject(message, whom).whom is Whom.BUSINESS and named is not Whom.PERSON

    def _another_thing(self, message: MarkedMessage, field: MarkedField, inner: MarkedMessage) -> bool:
        """Whether a type says that it is not what the field is called, as a `PasswordPolicy` is no `password`.

        Nor does a field tell anything new that is called as its type is: of an `ApiKey` all fields have been read.
        """
        words = self.context.words(inner, inner.name.rpartition(".")[2])
        called = self.context.words(message, field.name)
        no_value = self.context.rules.facts | self.context.rules.grammar.protocol
        thing = words[-1] in no_value or self.context.read(words).whom is Whom.THING
        return thing or words[-len(called) :] == called

    def _differs(self, message: MarkedMessage) -> bool:
        """Whether a message is about a person in some of its uses, and in others not."""
        if self.context.subject(message).whom is not Whom.UNKNOWN or is_value(self.context, message):
            return False
        return any(use.whom is Whom.PERSON for use in uses(self.context, message, self.context.subjects))

    def _use(self, message: MarkedMessage, field: MarkedField, inner: MarkedMessage, whom: Whom | None) -> Use:
        if inner.full_name not in self.differing:
            return inner.full_name, None
        here = use_of(self.context, self._subject(message, whom), field).whom
        fact = self.context.words(message, field.name)[-1] in self.context.rules.facts  # the status of a user's call
        return inner.full_name, here if here is Whom.PERSON and not fact else None
