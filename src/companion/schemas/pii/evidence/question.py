"""One field, everything around it, and whether a rule may speak of it."""

from __future__ import annotations

from dataclasses import dataclass

from companion.schemas.pii.evidence.context import Context, Subject, Whom, ends_with
from companion.schemas.pii.evidence.values import is_value, kind_by_name
from companion.schemas.pii.rules.loading import Rule, Rules
from companion.schemas.pii.rules.name_words import Words, first_clause, plain_words
from companion.schemas.pii.verdict import Level, MarkedField, MarkedMessage
from companion.schemas.protobuf.model import Kind


@dataclass(frozen=True)
class Reading:
    """What one piece of evidence says of a field."""

    level: Level
    type: str | None
    reason: str
    source: str
    broad: bool = False  # said of a name that often belongs to a thing, so that a comment may know better


@dataclass(frozen=True)
class Question:
    """A field, and what surrounds it."""

    context: Context
    message: MarkedMessage
    field: MarkedField
    subject: Subject
    use_message: bool = True
    use_comment: bool = True
    use_kind: bool = True

    @property
    def rules(self) -> Rules:
        """The rules that are asked."""
        return self.context.rules

    @property
    def kind(self) -> str:
        """What the field's values are, in the words of a rule's `holds`."""
        field = self.field
        if field.kind is not Kind.MESSAGE:
            return field.kind.value
        inner = self.context.messages.get(field.type)
        found = kind_by_name(self.rules, field.type) if inner is None else self.context.values.get(field.type)
        return found or "message"

    @property
    def speaks_inside(self) -> bool:
        """Whether the field is of a type of this scan that means something by itself."""
        inner = self.context.messages.get(self.field.type)
        return inner is not None and not is_value(self.context, inner)

    @property
    def around(self) -> Words:
        """The words of the message's name and of those that it is nested in."""
        return tuple(word for part in self.message.name.split(".") for word in self.context.words(self.message, part))


def applies(question: Question, rule: Rule, words: Words, start: int, end: int) -> bool:
    if (rule.whole and (start, end) != (0, len(words))) or (rule.last and end != len(words)):
        return False
    return holds(question, rule, words) and about(question, rule, words, start, end)


def holds(question: Question, rule: Rule, words: Words) -> bool:
    """Whether a value of the field's kind can be what the rule speaks of."""
    if not question.use_kind:
        return True
    kind = question.kind
    if kind not in rule.holds:
        return False
    asks = kind in ("flag", "number") and words[0] in question.rules.intents
    states = kind == "flag" and words[0] in question.rules.grammar.states
    return states or not asks


def about(question: Question, rule: Rule, words: Words, start: int, end: int) -> bool:
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
            return not _of_a_business(question, whom)
        case "no_animal":
            animal = whom is Whom.THING and question.subject.animal
            return not animal and not _of_a_business(question, whom)
        case "no_thing":
            return whom not in (Whom.BUSINESS, Whom.THING) and not (whom is Whom.UNKNOWN and question.subject.place)
        case "no_object":
            return whom is not Whom.THING
        case "no_machine":
            return not question.subject.machine and not (owner is not None and owner.machine)
        case _:
            return whom is not Whom.BUSINESS and not question.subject.place and not (owner is not None and owner.place)


def _of_a_business(question: Question, whom: Whom) -> bool:
    return whom is Whom.BUSINESS or (whom is Whom.UNKNOWN and question.subject.place)


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
    return all(word in rules.grammar.qualifiers or len(word) <= 2 or (word,) in neutral.get(word, []) for word in words)


def _by_comment_of_whom(question: Question, whom: Whom) -> Whom:
    """A comment may say whom the field is about: `of the branch`, `for this user`."""
    said, clause = plain_words(question.field.comment), len(first_clause(question.field.comment))
    for index, word in enumerate(said[:-1]):
        if word not in ("of", "for", "by", "from"):
            continue
        rest = said[index + 1 : index + 4]
        articles = 1 if rest[0] in ("the", "a", "an", "our", "your", "this", "each") else 0
        for length in (1, 2):
            named = question.rules.vocabulary.words(" ".join(rest[articles : articles + length]))
            found = question.context.read(named).whom
            last_word = index + articles + length + 1 == clause  # "latitude of the shop." leaves no doubt
            if found is Whom.BUSINESS and (whom is not Whom.PERSON or last_word):
                return found
            if found is Whom.PERSON and whom is Whom.UNKNOWN:
                return found
    return whom


def _role(question: Question) -> bool:
    """Whether the message is of somebody who is there for their work: a clinician, a sales rep."""
    own = question.context.words(question.message, question.message.name.rpartition(".")[2])
    return question.use_message and ends_with(own, question.rules.entities["role"]) > 0


def applied(question: Question, rule: Rule, words: Words, start: int) -> Reading:
    phrase = " ".join(words)
    reason = rule.why if phrase == question.field.name else f'"{phrase}": {rule.why}'
    work = question.rules.entities["work"]
    at_work = any(word in work for word in words[:start]) or question.subject.whom is Whom.BUSINESS
    grammar, work_types = question.rules.grammar, question.rules.types.at_work
    at_work = at_work or bool(grammar.at_work & set(question.around)) or _role(question)
    if question.use_comment and rule.type in work_types:
        at_work = at_work or bool(grammar.at_work_comment & set(plain_words(question.field.comment)))
    if rule.type in work_types and at_work:
        return Reading(Level.LOW, work_types[rule.type], f"{reason}; here of a person at work", rule.source)
    return Reading(rule.level, rule.type, reason, rule.source)
