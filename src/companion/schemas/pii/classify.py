"""The verdict on one field, and why.

Evidence is asked in the order of its worth: a mark that somebody left, the field's name, its type's name, other maintainers' options, its comment,
and what was learned from annotations. The first that speaks decides; within a name, the reading that ends last, for the last word says
what a thing is. A field of message type then takes the highest level of what is inside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from companion.schemas.pii.context import Context, Subject, Whom, make_context
from companion.schemas.pii.model import Field, Kind, Level, Message, Schema, Verdict
from companion.schemas.pii.rules import Harmless, Rule, Rules
from companion.schemas.pii.words import Words, plain_words

CONTACT = {"EMAIL_PERSONAL": "EMAIL_WORK", "PHONE_PERSONAL": "PHONE_WORK", "ADDRESS_HOME": "ADDRESS_WORK"}
NEGATIONS = {"no", "not", "never", "without", "non", "neither", "nor", "none"}
Learned = Callable[[Context, Message, Field], "Reading | None"]


@dataclass(frozen=True)
class Reading:
    """What one piece of evidence says of a field."""

    level: Level
    type: str | None
    reason: str
    source: str


@dataclass(frozen=True)
class _Match:
    """A phrase found in a name; `end` counts the words up to its last one, facts about it included."""

    start: int
    end: int
    length: int
    says: Rule | Harmless
    fact: str | None = None


NOTHING = "nothing in its name, type or comment speaks of a person"


def classify(
    schemas: Sequence[Schema], rules: Rules, learned: Learned | None = None, *, evidence: frozenset[str] | None = None
) -> list[Verdict]:
    """Judge every field of every schema that was asked for.

    Parameters
    ----------
    schemas
        As `read_schemas` gives them; those with `judged` False only lend their types.
    rules
        As `load_rules` gives them.
    learned
        What annotations taught, asked when the rules say nothing.
    evidence
        The kinds of evidence that may be used, of "message", "type", "comment", "options" and "nesting"; all by default.
        The field's name is always used. The chapter takes them away one by one, to see what each is worth.

    Returns
    -------
    list of Verdict
        In the order of the files.
    """
    judge = _Judge(make_context(schemas, rules), learned, ALL_EVIDENCE if evidence is None else evidence)
    return [
        judge.verdict(schema.path, message, inner)
        for schema in schemas
        if schema.judged
        for message in schema.messages
        for inner in message.fields
    ]


ALL_EVIDENCE = frozenset({"message", "type", "comment", "options", "nesting"})


class _Judge:
    """Remembers readings, since fields of message type ask for those of the fields inside."""

    def __init__(self, context: Context, learned: Learned | None, evidence: frozenset[str]) -> None:
        self.context = context
        self.rules = context.rules
        self.learned = learned
        self.evidence = evidence
        self.readings: dict[tuple[str, str], Reading] = {}
        self.highest: dict[str, tuple[str, Reading]] = {}

    def verdict(self, path: str, message: Message, field: Field) -> Verdict:
        reading = self.reading(message, field)
        return Verdict(path, message.name, field, reading.level, reading.type, reading.reason, reading.source)

    def reading(self, message: Message, field: Field) -> Reading:
        """What is to be said of one field, all evidence considered."""
        own = self._own(message, field)
        inner = self._held(message, field)
        if inner is None or field.mark is not None:
            return own
        part, highest = self._highest(inner)
        if highest.level is Level.PUBLIC:
            return Reading(Level.PUBLIC, None, f"nothing in {inner.name} is personal", "nesting")
        return Reading(highest.level, highest.type, f"holds {part}: {highest.reason}", highest.source)

    def _own(self, message: Message, field: Field) -> Reading:
        """What is said of the field itself, whatever may be inside."""
        key = (message.full_name, field.name)
        if key not in self.readings:
            self.readings[key] = self._read(message, field)
        return self.readings[key]

    def _read(self, message: Message, field: Field) -> Reading:
        if field.mark is not None:
            kind = None if field.mark.level is Level.PUBLIC else field.mark.type or "PERSONAL"
            return Reading(field.mark.level, kind, "annotated in the schema", "mark companion.pii.v1.field")
        return (
            self._by_name(message, field)
            or ("type" in self.evidence and self._by_type(message, field))
            or ("options" in self.evidence and self._by_options(field))
            or ("comment" in self.evidence and self._by_comment(message, field))
            or (self.learned is not None and self.learned(self.context, message, field))
            or Reading(Level.PUBLIC, None, NOTHING, "no rule")
        )

    # ------------------------------------------------------------------------------------------ the field's name

    def _by_name(self, message: Message, field: Field) -> Reading | None:
        words = self.context.words(message, field.name)
        subject = self._subject(message)
        matches = self._matches(words, message, field, subject)
        if not matches:
            return None
        best = max(matches, key=lambda match: (match.end, match.length, _rank(match.says)))
        if isinstance(best.says, Harmless):
            return Reading(Level.PUBLIC, None, best.says.why, best.says.source)
        if best.fact is not None:
            said = f'"{best.fact}" makes it a fact about the thing, not the thing itself'
            return Reading(Level.PUBLIC, None, said, best.says.source)
        return self._applied(best.says, words, best.start, message, field)

    def _matches(self, words: Words, message: Message, field: Field, subject: Subject) -> list[_Match]:
        found = []
        for start, word in enumerate(words):
            for pattern in self.rules.by_first.get(word, []):
                end = start + len(pattern.words)
                if words[start:end] != pattern.words:
                    continue
                if isinstance(pattern.says, Harmless):
                    found.append(_Match(start, end, len(pattern.words), pattern.says))
                elif self._applies(pattern.says, words, start, end, message, field, subject):
                    fact = next((index for index in range(end, len(words)) if words[index] in self.rules.facts), None)
                    last = end if fact is None else fact + 1
                    found.append(
                        _Match(start, last, len(pattern.words), pattern.says, None if fact is None else words[fact])
                    )
        if "message" in self.evidence:
            found += self._inside_matches(words, message, field, subject)
        return found

    def _inside_matches(self, words: Words, message: Message, field: Field, subject: Subject) -> list[_Match]:
        around = self._around(message)
        return [
            _Match(0, len(words), len(words), rule)
            for rule, places, names in self.rules.inside
            if words in names
            and any(_contains(around, place) for place in places)
            and self._holds(rule, words, field)
            and self._about(rule, words, 0, field, subject)
        ]

    def _around(self, message: Message) -> Words:
        return tuple(word for part in message.name.split(".") for word in self.context.words(message, part))

    def _applies(
        self, rule: Rule, words: Words, start: int, end: int, message: Message, field: Field, subject: Subject
    ) -> bool:
        if rule.whole and (start, end) != (0, len(words)):
            return False
        return self._holds(rule, words, field) and self._about(rule, words, start, field, subject)

    def _holds(self, rule: Rule, words: Words, field: Field) -> bool:
        """Whether a value of the field's kind can be what the rule speaks of."""
        kind = self._kind(field)
        if kind not in rule.holds:
            return False
        asks = kind in ("flag", "number", "enum") and words[0] in self.rules.intents
        states = kind == "flag" and words[0] in ("is", "has", "had", "need", "use", "was")
        return states or not asks

    def _kind(self, field: Field) -> str:
        if field.kind is Kind.MESSAGE:
            if field.type in self.rules.flag_types:
                return "flag"
            last = " ".join(self.rules.vocabulary.words(field.type.rpartition(".")[2]))
            if field.type in self.rules.time_types or last in self.rules.time_types:
                return "time"
        return field.kind.value

    def _about(self, rule: Rule, words: Words, start: int, field: Field, subject: Subject) -> bool:
        """Whether the field is about whom the rule wants it to be about."""
        if rule.about == "anyone":
            return True
        owner = self.context.read(words[:start]) if start else None
        named = owner is not None and owner.whom is not Whom.UNKNOWN
        whom = owner.whom if owner is not None and named else subject.whom
        if not named:
            whom = self._by_comment_of_whom(field, whom)
        match rule.about:
            case "person":
                return whom is Whom.PERSON and (named or start == 0 or self._only_neutral(words[:start]))
            case "person_itself":
                return subject.itself and start == 0
            case "no_business" | "no_thing":
                return whom is not Whom.BUSINESS and not (rule.about == "no_thing" and whom is Whom.THING)
            case "no_machine":
                return not subject.machine and not (owner is not None and owner.machine)
            case "no_place":
                return not subject.place and not (owner is not None and owner.place)
        return True

    def _only_neutral(self, words: Words) -> bool:
        """Whether the words before a broad one leave it broad: `full`, `new`, `primary`; and not `plan`."""
        return all(word in QUALIFIERS or (word,) in self.rules.entities["neutral"].get(word, []) for word in words)

    def _by_comment_of_whom(self, field: Field, whom: Whom) -> Whom:
        """A comment may say whom the field is about: `of the branch`, `the user's`."""
        if "comment" not in self.evidence or not field.comment:
            return whom
        said = plain_words(field.comment)
        for index, word in enumerate(said[:-1]):
            if word in ("of", "for", "by", "from"):
                rest = said[index + 1 : index + 4]
                if rest and rest[0] in ("the", "a", "an", "our", "your", "this", "each"):
                    rest = rest[1:]
                subject = self.context.read(self.rules.vocabulary.words(" ".join(rest[:1])))
                if subject.whom in (Whom.BUSINESS, Whom.PERSON) and whom is Whom.UNKNOWN:
                    return subject.whom
                if subject.whom is Whom.BUSINESS and whom is not Whom.PERSON:
                    return subject.whom
        return whom

    def _applied(self, rule: Rule, words: Words, start: int, message: Message, field: Field) -> Reading:
        level, kind = rule.level, rule.type
        phrase = " ".join(words)
        reason = f'"{phrase}": {rule.why}' if phrase != field.name else rule.why
        work = self.rules.entities["work"]
        at_work = start and any(ends in work for ends in words[:start])
        if kind in CONTACT and (at_work or self._subject(message).whom is Whom.BUSINESS):
            return Reading(Level.LOW, CONTACT[kind], f"{reason}; here of a person at work", rule.source)
        return Reading(level, kind, reason, rule.source)

    def _subject(self, message: Message) -> Subject:
        return self.context.subject(message) if "message" in self.evidence else Subject(Whom.UNKNOWN)

    # ------------------------------------------------------------------------------------------ what is inside

    def _held(self, message: Message, field: Field) -> Message | None:
        """The message that decides for the field, or None when the field's own name does."""
        inner = self.context.messages.get(field.type) if field.kind is Kind.MESSAGE else None
        if inner is None or "nesting" not in self.evidence or not inner.fields or self._is_wrapper(inner):
            return None
        return None if self._narrows(message, field) else inner

    def _highest(self, message: Message) -> tuple[str, Reading]:
        """The field with the highest level among all that `message` can hold, however deep; messages may hold each other."""
        if message.full_name not in self.highest:
            best = ("", Reading(Level.PUBLIC, None, NOTHING, "nesting"))
            seen, pending = {message.full_name}, [message]
            while pending and best[1].level is not Level.HIGH:
                current = pending.pop(0)
                for field in current.fields:
                    inner = self._held(current, field) if field.mark is None else None
                    if inner is None:
                        reading = self._own(current, field)
                        if reading.level.rank > best[1].level.rank:
                            best = (f"{current.name}.{field.name}", reading)
                    elif inner.full_name not in seen:
                        seen.add(inner.full_name)
                        pending.append(inner)
            self.highest[message.full_name] = best
        return self.highest[message.full_name]

    def _narrows(self, message: Message, field: Field) -> bool:
        """Whether the field's name says more than the message inside: an address of a warehouse, or at work."""
        if message.full_name == field.type:
            return False
        words = self.context.words(message, field.name)
        by_name = self._own(message, field)
        if by_name.level.rank > Level.LOW.rank:
            return False
        return (by_name.type or "").endswith("_WORK") or self.context.read(words).whom is Whom.BUSINESS

    def _is_wrapper(self, message: Message) -> bool:
        """A message that only holds a value means what the field's name means."""
        return len(message.fields) == 1 and message.fields[0].name in ("value", "val", "v", "raw", "data", "content")

    # ------------------------------------------------------------------------------------------ other evidence

    def _by_type(self, message: Message, field: Field) -> Reading | None:
        if field.kind not in (Kind.MESSAGE, Kind.ENUM) or field.type in self.rules.wrappers | self.rules.open_boxes:
            return None
        name = field.type.rpartition(".")[2]
        words = self.rules.vocabulary.words(name)
        if not words:
            return None
        marked = " ".join(words)
        if marked in self.rules.marks.types:
            mark = self.rules.marks
            return Reading(mark.level, mark.type, f"its type is called {name}", f"marks ({name})")
        if field.type in self.context.messages:
            return None
        matches = self._matches(words, message, field, self._subject(message))
        best = max(matches, key=lambda match: (match.end, match.length, _rank(match.says)), default=None)
        if best is None or isinstance(best.says, Harmless) or best.fact is not None or best.end != len(words):
            return None
        reading = self._applied(best.says, words, best.start, message, field)
        return Reading(reading.level, reading.type, f"its type {name}: {best.says.why}", reading.source)

    def _by_options(self, field: Field) -> Reading | None:
        if not field.options or self._kind(field) in ("flag", "enum", "time"):
            return None
        for option in self.rules.marks.options:
            match = re.search(
                rf"(?<![A-Za-z]){re.escape(option)}(?![A-Za-z])[^,=\]]*=\s*(?!false\b|0\b)", field.options, re.I
            )
            if match:
                mark = self.rules.marks
                return Reading(mark.level, mark.type, f"a maintainer marked it: {option}", f"marks ({option})")
        return None

    def _by_comment(self, message: Message, field: Field) -> Reading | None:
        kind = self._kind(field)
        if not field.comment or kind in ("flag", "time"):
            return None
        said = plain_words(field.comment)
        subject = self._subject(message)
        found: list[tuple[int, Rule, Words]] = []
        for start, word in enumerate(said[:60]):
            for pattern in self.rules.in_comments.get(word, []):
                rule = pattern.says
                if (
                    isinstance(rule, Rule)
                    and tuple(said[start : start + len(pattern.words)]) == pattern.words
                    and kind in rule.holds
                    and not NEGATIONS & set(said[max(0, start - 3) : start])
                    and self._about(rule, (), 0, field, subject)
                ):
                    found.append((start, rule, pattern.words))
        if not found:
            return None
        _, rule, phrase = min(found, key=lambda item: (-item[1].level.rank, item[0]))
        return Reading(rule.level, rule.type, f'its comment says "{" ".join(phrase)}": {rule.why}', rule.source)


QUALIFIERS = {
    "full",
    "new",
    "old",
    "primary",
    "secondary",
    "main",
    "other",
    "second",
    "current",
    "previous",
    "alternate",
    "preferred",
    "legal",
    "real",
    "private",
    "personal",
    "own",
    "complete",
    "formal",
    "1",
    "2",
    "3",
    "raw",
    "original",
    "official",
    "default",
    "given",
    "additional",
    "native",
    "public",
}


def _rank(says: Rule | Harmless) -> int:
    return (
        says.level.rank if isinstance(says, Rule) else 4
    )  # a harmless phrase as long as a rule's was put there for it


def _contains(words: Words, phrase: Words) -> bool:
    return any(words[index : index + len(phrase)] == phrase for index in range(len(words) - len(phrase) + 1))


def levels_of(verdicts: Sequence[Verdict]) -> Mapping[tuple[str, str, str], Level]:
    """The levels, by path, message and field."""
    return {(verdict.path, verdict.message, verdict.field.name): verdict.level for verdict in verdicts}
