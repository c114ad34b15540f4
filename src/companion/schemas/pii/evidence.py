"""What each piece of evidence says of one field: its name, its type's name, other maintainers' marks, its comment.

Each function takes a `Question`, the field with everything around it that may be looked at, and gives a `Reading` or None. Within a name,
the reading that ends last decides, for the last word of an English name says what the thing is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from companion.schemas.pii.context import Context, Subject, Whom
from companion.schemas.pii.model import Field, Kind, Level, Message
from companion.schemas.pii.rules import Harmless, Rule, Rules
from companion.schemas.pii.words import Words, plain_words

WORK_TYPES = {"EMAIL_PERSONAL": "EMAIL_WORK", "PHONE_PERSONAL": "PHONE_WORK", "ADDRESS_HOME": "ADDRESS_WORK"}
CONTACT_TYPES = {*WORK_TYPES, *WORK_TYPES.values(), "LOCATION", "REGION"}
AT_WORK = {"employment", "employer", "workplace", "work", "office"}  # a message of these is about a person at work
NEGATIONS = {"no", "not", "never", "without", "non", "neither", "nor", "none"}
# Before a phrase in a comment, one of these tells that the field is something else: "name of the ...", "when the ... was set".
NO_FACTS = {
    "version",
    "event",
    "set",
    "order",
    "field",
    "group",
    "client",
    "service",
    "form",
    "method",
    "name",
}  # of messages
PROSE = {
    *("in", "into", "from", "by", "on", "to", "bundled", "usage"),
    *("name", "id", "ids", "identifier", "whether", "when", "if", "contains", "containing", "used", "uses", "where"),
    *("how", "which", "type", "about", "named", "names", "refers", "via", "using", "with", "like", "see", "for"),
}
# Words that leave a broad name broad.
QUALIFIERS = {
    *("full", "new", "old", "primary", "secondary", "main", "other", "second", "current", "previous", "alternate"),
    *("preferred", "legal", "real", "private", "personal", "own", "complete", "formal", "raw", "original", "official"),
    *(
        "default",
        "given",
        "additional",
        "native",
        "public",
        "requested",
        "ship",
        "bill",
        "to",
        "from",
        "birth",
        "postal",
    ),
}


_BEHAVIOUR = re.compile(
    r"^(?:(?:required|optional|output only|input only|immutable|deprecated|identifier)[.:,]\s*)+", re.I
)


@dataclass(frozen=True)
class Reading:
    """What one piece of evidence says of a field."""

    level: Level
    type: str | None
    reason: str
    source: str


@dataclass(frozen=True)
class Question:
    """A field, and what surrounds it."""

    context: Context
    message: Message
    field: Field
    subject: Subject
    use_message: bool = True
    use_comment: bool = True

    @property
    def rules(self) -> Rules:
        """The rules that are asked."""
        return self.context.rules

    @property
    def kind(self) -> str:
        """What the field's values are, in the words of a rule's `holds`."""
        field = self.field
        if field.kind is Kind.MESSAGE and field.type not in self.context.messages:
            last = " ".join(self.rules.vocabulary.words(field.type.rpartition(".")[2]))
            return next((kind for kind, names in self.rules.kinds.items() if {field.type, last} & names), "message")
        return field.kind.value

    @property
    def around(self) -> Words:
        """The words of the message's name and of those that it is nested in."""
        return tuple(word for part in self.message.name.split(".") for word in self.context.words(self.message, part))


@dataclass(frozen=True)
class _Match:
    """A phrase found in a name; `end` counts the words up to its last one, a fact about it included."""

    start: int
    end: int
    length: int
    says: Rule | Harmless
    fact: str | None = None

    @property
    def weight(self) -> tuple[int, int, int]:
        """Later, then longer, then higher; a harmless phrase as long as a rule's was put there because of it."""
        return self.end, self.length, self.says.level.rank if isinstance(self.says, Rule) else 4


# ------------------------------------------------------------------------------------------------------- names


def by_name(question: Question) -> Reading | None:
    """What the field's name says, with and without a prefix that its neighbours share."""
    words = question.context.words(question.message, question.field.name)
    found = _read_name(question, words, question.around)
    if found is None and len(words) > 1:
        prefix = question.context.prefix(question.message)
        if words[0] == prefix or (len(words[0]) == 1 and words[0].isalpha()):
            found = _read_name(question, words[1:], (*question.around, words[0]))
    return found


def _read_name(question: Question, words: Words, around: Words) -> Reading | None:
    matches = [*_phrases(question, words), *(_broad_names(question, words, around) if question.use_message else ())]
    if not matches:
        return None
    best = max(matches, key=lambda match: match.weight)
    if isinstance(best.says, Harmless):
        return Reading(Level.PUBLIC, None, best.says.why, best.says.source)
    if best.fact is not None:
        said = f'"{best.fact}" makes it a fact about the thing, not the thing itself'
        return Reading(Level.PUBLIC, None, said, best.says.source)
    lowered = _lowered(question)
    if lowered is not None:
        return Reading(Level.PUBLIC, None, f'its comment says "{lowered}"', best.says.source)
    return _applied(question, best.says, words, best.start)


def _phrases(question: Question, words: Words) -> Iterator[_Match]:
    for start, word in enumerate(words):
        for pattern in question.rules.by_first.get(word, ()):
            end = start + len(pattern.words)
            if words[start:end] != pattern.words:
                continue
            if isinstance(pattern.says, Harmless):
                yield _Match(start, end, len(pattern.words), pattern.says)
            elif _applies(question, pattern.says, words, start, end):
                fact = _fact(question.rules, pattern.says, words, end)
                last = end if fact is None else fact + 1
                yield _Match(start, last, len(pattern.words), pattern.says, None if fact is None else words[fact])


def _fact(rules: Rules, rule: Rule, words: Words, end: int) -> int | None:
    """Where, after a rule's phrase, a word makes of the thing a fact about it."""
    facts = (index for index in range(end, len(words)) if words[index] in rules.facts)
    return next((index for index in facts if words[index] not in rule.parts), None)


def _broad_names(question: Question, words: Words, around: Words) -> Iterator[_Match]:
    for rule, places, names in question.rules.inside:
        if (
            words in names
            and any(_named_after(question.rules, around, place) for place in places)
            and _holds(question, rule, words)
            and _about(question, rule, words, 0, len(words))
        ):
            yield _Match(0, len(words), len(words), rule)


def _named_after(rules: Rules, around: Words, place: Words) -> bool:
    """Whether a message is what `place` says, and not a fact about it: a `SecretRef` is no secret."""
    for index in range(len(around) - len(place) + 1):
        if around[index : index + len(place)] == place:
            return not set(around[index + len(place) :]) & (rules.facts - NO_FACTS)
    return False


# ------------------------------------------------------------------------------------------- whether a rule applies


def _applies(question: Question, rule: Rule, words: Words, start: int, end: int) -> bool:
    if (rule.whole and (start, end) != (0, len(words))) or (rule.last and end != len(words)):
        return False
    return _holds(question, rule, words) and _about(question, rule, words, start, end)


def _holds(question: Question, rule: Rule, words: Words) -> bool:
    """Whether a value of the field's kind can be what the rule speaks of."""
    kind = question.kind
    if kind not in rule.holds:
        return False
    asks = kind in ("flag", "number", "enum") and words[0] in question.rules.intents
    states = kind == "flag" and words[0] in ("is", "has", "had", "need", "use", "was")
    return states or not asks


def _about(question: Question, rule: Rule, words: Words, start: int, end: int) -> bool:
    """Whether the field is about whom the rule wants it to be about."""
    if rule.about == "anyone":
        return True
    whom, owner = _owner(question, words, start, end)
    match rule.about:
        case "person":
            named = owner is not None and owner.whom is Whom.PERSON
            return whom is Whom.PERSON and (named or _only_neutral(question.rules, words[:start]))
        case "person_itself":
            return question.subject.itself and start == 0
        case "traced":
            traced = whom is Whom.UNKNOWN and question.use_message and question.context.traced(question.message)
            return (whom is Whom.PERSON or traced) and (
                owner is not None or _only_neutral(question.rules, words[:start])
            )
        case "no_business":
            return whom is not Whom.BUSINESS and not (whom is Whom.UNKNOWN and question.subject.place)
        case "no_thing":
            return whom not in (Whom.BUSINESS, Whom.THING) and not (whom is Whom.UNKNOWN and question.subject.place)
        case "no_object":
            return whom is not Whom.THING
        case "no_machine":
            return not question.subject.machine and not (owner is not None and owner.machine)
        case _:
            return not question.subject.place and not (owner is not None and owner.place)


def _owner(question: Question, words: Words, start: int, end: int) -> tuple[Whom, Subject | None]:
    """Whom the field is about: a word of the phrase or before it, else the message, else the comment."""
    if question.context.read(words[start:end]).whom is Whom.PERSON and end - start > 1:
        return Whom.PERSON, None
    owner = question.context.read(words[:start]) if start else None
    if owner is not None and owner.whom is not Whom.UNKNOWN:
        return owner.whom, owner
    whom = question.subject.whom
    if question.use_comment and question.field.comment:
        whom = _by_comment_of_whom(question, whom)
    return whom, owner if owner is not None and (owner.machine or owner.place) else None


def _only_neutral(rules: Rules, words: Words) -> bool:
    """Whether the words before a broad one leave it broad: `full`, `new`, `pp`; and not `plan`."""
    neutral = rules.entities["neutral"]
    return all(word in QUALIFIERS or len(word) <= 2 or (word,) in neutral.get(word, []) for word in words)


def _by_comment_of_whom(question: Question, whom: Whom) -> Whom:
    """A comment may say whom the field is about: `of the branch`, `for this user`."""
    said = plain_words(question.field.comment)
    for index, word in enumerate(said[:-1]):
        if word not in ("of", "for", "by", "from"):
            continue
        rest = said[index + 1 : index + 4]
        articles = 1 if rest[0] in ("the", "a", "an", "our", "your", "this", "each") else 0
        found = question.context.read(question.rules.vocabulary.words(" ".join(rest[articles : articles + 1]))).whom
        if found is Whom.BUSINESS and whom is not Whom.PERSON:
            return found
        if found is Whom.PERSON and whom is Whom.UNKNOWN:
            return found
    return whom


def _lowered(question: Question) -> str | None:
    """The words of the comment that say that there is nothing personal, whatever the name says."""
    said = plain_words(question.field.comment) if question.use_comment else []
    for index, word in enumerate(said):
        for phrase in question.rules.lowered.get(word, ()):
            if tuple(said[index : index + len(phrase)]) == phrase:
                return " ".join(phrase)
    return None


def _applied(question: Question, rule: Rule, words: Words, start: int) -> Reading:
    phrase = " ".join(words)
    reason = rule.why if phrase == question.field.name else f'"{phrase}": {rule.why}'
    work = question.rules.entities["work"]
    at_work = any(word in work for word in words[:start]) or question.subject.whom is Whom.BUSINESS
    at_work = at_work or bool(AT_WORK & set(question.around))
    if rule.type in WORK_TYPES and at_work:
        return Reading(Level.LOW, WORK_TYPES[rule.type], f"{reason}; here of a person at work", rule.source)
    return Reading(rule.level, rule.type, reason, rule.source)


# ------------------------------------------------------------------------------------------------- other evidence


def by_type(question: Question) -> Reading | None:
    """What the name of a type says that is not in the scan: `google.type.PostalAddress`, `SecretString`."""
    field, rules = question.field, question.rules
    if field.kind not in (Kind.MESSAGE, Kind.ENUM) or field.type in rules.wrappers | rules.open_boxes:
        return None
    name = field.type.rpartition(".")[2]
    words = rules.vocabulary.words(name)
    if " ".join(words) in rules.marks.types:
        return Reading(rules.marks.level, rules.marks.type, f"its type is called {name}", f"marks ({name})")
    if field.type in question.context.messages:
        return None
    best = max(_phrases(question, words), key=lambda match: match.weight, default=None)
    if best is None or isinstance(best.says, Harmless) or best.fact is not None or best.end != len(words):
        return None
    reading = _applied(question, best.says, words, best.start)
    return Reading(reading.level, reading.type, f"its type {name}: {best.says.why}", reading.source)


def by_options(question: Question) -> Reading | None:
    """What another maintainer marked: `debug_redact`, an option of their own that says sensitive or secret."""
    if not question.field.options or question.kind in ("flag", "enum", "time"):
        return None
    marks = question.rules.marks
    for option in marks.options:
        word = rf"(?<![A-Za-z_]){re.escape(option)}(?![A-Za-z_])"
        if re.search(rf"{word}[^,=\]]*=\s*(?!false\b|0\b)", question.field.options, re.IGNORECASE):
            return Reading(marks.level, marks.type, f"a maintainer marked it: {option}", f"marks ({option})")
    return None


def by_comment(question: Question) -> Reading | None:
    """What the first clause of the comment names, unless the name says that the field is a fact about something."""
    words = question.context.words(question.message, question.field.name)
    if not question.field.comment or question.kind == "time" or words[-1] in question.rules.facts:
        return None
    clause = _first_clause(question.field.comment)
    found: list[tuple[int, Rule, Words]] = []
    for start, word in enumerate(clause):
        for pattern in question.rules.in_comments.get(word, ()):
            rule = pattern.says
            if (
                isinstance(rule, Rule)
                and tuple(clause[start : start + len(pattern.words)]) == pattern.words
                and question.kind in rule.holds
                and not set(clause[:start]) & (NEGATIONS | PROSE | question.rules.facts)
                and _about(question, rule, (), 0, 0)
            ):
                found.append((start, rule, pattern.words))
    if found:
        _, rule, phrase = min(found, key=lambda item: (-item[1].level.rank, item[0]))
        return Reading(rule.level, rule.type, f'its comment says "{" ".join(phrase)}": {rule.why}', rule.source)
    if question.kind == "flag":
        return None
    return _by_plain_statement(question) or _by_short_comment(question, clause)


def _by_plain_statement(question: Question) -> Reading | None:
    """Three words and more that a rule knows count wherever in the comment they stand: `whoever has it can ...`."""
    said = plain_words(question.field.comment)[:80]
    for start, word in enumerate(said):
        for pattern in question.rules.in_comments.get(word, ()):
            rule, length = pattern.says, len(pattern.words)
            if (
                isinstance(rule, Rule)
                and length >= 3
                and tuple(said[start : start + length]) == pattern.words
                and question.kind in rule.holds
                and not set(said[max(0, start - 4) : start]) & (NEGATIONS | PROSE)
                and _about(question, rule, (), 0, 0)
            ):
                return Reading(
                    rule.level, rule.type, f'its comment says "{" ".join(pattern.words)}": {rule.why}', rule.source
                )
    return None


def _by_short_comment(question: Question, clause: list[str]) -> Reading | None:
    """A comment of a few words is a better name: `no_1 // passport number`."""
    spoken = question.context.spoken.get(question.message.full_name, frozenset())
    words = question.rules.vocabulary.words(" ".join(clause), spoken)
    if (
        not 0 < len(words) <= 5
        or set(clause) & (PROSE - {"for", "to", "with", "from", "name", "id", "type", "in", "on", "by", "identifier"})
        or question.field.comment.isupper()
        or (NEGATIONS - {"no"}) & set(words)
    ):
        return None
    best = max(_phrases(question, words), key=lambda match: match.weight, default=None)
    if best is None or isinstance(best.says, Harmless) or best.fact is not None:
        return None
    reading = _applied(question, best.says, words, best.start)
    said = f'its comment says "{" ".join(clause)}": {best.says.why}'
    return Reading(reading.level, reading.type, said, reading.source)


def _first_clause(comment: str) -> list[str]:
    """The words of a comment up to its first stop, at most a dozen; how a field behaves is passed over."""
    text = _BEHAVIOUR.sub("", " ".join(comment.split()))
    return plain_words(re.split(r"[.;:,]\s|\(", f"{text} ", maxsplit=1)[0])[:12]
