"""The verdict on every field, and why.

Evidence is asked in the order of its worth, and the first that speaks decides: the book's own mark, the field's name,
its type's name, other maintainers' marks, its comment, and what was learned from annotations. A field of message type
then takes the highest level of what is inside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from companion.schemas.pii.evidence.comments import PERSONAL, by_comment, by_options
from companion.schemas.pii.evidence.context import Context, Subject, Whom, make_context
from companion.schemas.pii.evidence.names import by_name, by_type
from companion.schemas.pii.evidence.question import Question, Reading
from companion.schemas.pii.evidence.scope import with_scope
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.verdict import Level, MarkedField, MarkedMessage, MarkedSchema, Verdict
from companion.schemas.protobuf.model import Kind

NOTHING = "nothing in its name, type or comment speaks of a person"
ALL_EVIDENCE = frozenset({"message", "type", "kind", "comment", "options", "nesting"})
Learned = Callable[[Question], Reading | None]


def classify(
    schemas: Sequence[MarkedSchema],
    rules: Rules,
    learned: Learned | None = None,
    *,
    evidence: frozenset[str] = ALL_EVIDENCE,
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
        The kinds of evidence beside the field's name that may be used; the chapter takes them away one by one, to see
        what each is worth.

    Returns
    -------
    list of Verdict
        In the order of the files.
    """
    judges = {
        id(schema): judge
        for program in programs(schemas)
        for judge in [_Judge(make_context(program, rules), learned, evidence)]
        for schema in program
    }
    verdicts = [
        judges[id(schema)].verdict(schema.path, message, field)
        for schema in schemas
        if schema.judged
        for message in schema.messages
        for field in message.fields
    ]
    return with_scope([(schema.path, message) for schema in schemas for message in schema.messages], verdicts)


def programs(schemas: Sequence[MarkedSchema]) -> list[list[MarkedSchema]]:
    """Split schemas that define the same name twice: they belong to different programs, and so do their types."""
    names = Counter(message.full_name for schema in schemas for message in schema.messages if message.declared)
    if not names or max(names.values()) == 1:
        return [list(schemas)]
    group = {id(schema): [schema] for schema in schemas}
    for schema in schemas:
        for other in schemas:
            if group[id(other)] is not group[id(schema)] and any(_is_called(other, name) for name in schema.imports):
                merged = group[id(schema)] + group[id(other)]
                group.update({id(member): merged for member in merged})
    return list({id(members): members for members in group.values()}.values())


def _is_called(schema: MarkedSchema, name: str) -> bool:
    return schema.path == name or schema.path.endswith(f"/{name}")


class _Judge:
    """Remembers readings, since fields of message type ask for those of the fields inside."""

    def __init__(self, context: Context, learned: Learned | None, evidence: frozenset[str]) -> None:
        self.context = context
        self.learned = learned
        self.evidence = evidence
        types = context.rules.types
        self.of_businesses = {*types.at_work, *types.at_work.values(), *types.places}  # then they are public
        self.readings: dict[tuple[str, str], Reading] = {}
        self.inner: dict[tuple[str, str], MarkedMessage | None] = {}
        self.highest: dict[str, tuple[str, Reading]] = {}

    def verdict(self, path: str, message: MarkedMessage, field: MarkedField) -> Verdict:
        """The verdict, with the file that it is about."""
        reading = self.reading(message, field)
        return Verdict(path, message.name, field, reading.level, reading.type, reading.reason, reading.source)

    def reading(self, message: MarkedMessage, field: MarkedField) -> Reading:
        """What is to be said of one field, all evidence considered."""
        inner = self._held(message, field)
        if inner is None:
            return self._own(message, field)
        part, highest = self._highest(inner)
        own = self._own(message, field)
        if own.source.startswith("marks") and own.level.rank > highest.level.rank:
            return own  # a maintainer knows what the box will hold
        if highest.level is Level.PUBLIC:
            return Reading(Level.PUBLIC, None, f"nothing in {inner.name} is personal", "nesting")
        if highest.type in self.of_businesses and self._of_a_business(message, field):
            return Reading(Level.PUBLIC, None, f"holds {part}, here of a business", "nesting")
        return Reading(highest.level, highest.type, f"holds {part}: {highest.reason}", highest.source)

    def _own(self, message: MarkedMessage, field: MarkedField) -> Reading:
        """What is said of the field itself, whatever may be inside."""
        key = (message.full_name, field.name)
        if key not in self.readings:
            self.readings[key] = self._read(message, field)
        return self.readings[key]

    def _read(self, message: MarkedMessage, field: MarkedField) -> Reading:
        if field.mark is not None:
            kind = None if field.mark.level is Level.PUBLIC else field.mark.type or PERSONAL
            return Reading(field.mark.level, kind, "annotated in the schema", "mark companion.pii.v1.field")
        use_message, use_comment = "message" in self.evidence, "comment" in self.evidence
        subject = self.context.subject(message) if use_message else Subject(Whom.UNKNOWN)
        question = Question(self.context, message, field, subject, use_message, use_comment, "kind" in self.evidence)
        by_own_name = by_name(question)
        if by_own_name is not None and by_own_name.broad and use_comment:
            said = by_comment(question)  # the name of a thing, unless the comment says that it is somebody's secret
            if said is not None and said.level is Level.HIGH:
                return said
        if by_own_name is not None and by_own_name.level is Level.PUBLIC and "options" in self.evidence:
            marked = by_options(question)  # who wrote that it is personal knows more than a list of harmless names
            if marked is not None and marked.type == PERSONAL:
                return marked
        found = (
            by_own_name
            or ("type" in self.evidence and by_type(question))
            or ("options" in self.evidence and by_options(question))
            or (use_comment and by_comment(question))
            or (self.learned is not None and self.learned(question))
        )
        return found or Reading(Level.PUBLIC, None, NOTHING, "no rule")

    def _held(self, message: MarkedMessage, field: MarkedField) -> MarkedMessage | None:
        """The message whose fields decide, or None when the field's own name or mark does."""
        key = (message.full_name, field.name)
        if key not in self.inner:
            self.inner[key] = self._find_held(message, field)
        return self.inner[key]

    def _find_held(self, message: MarkedMessage, field: MarkedField) -> MarkedMessage | None:
        inner = self.context.messages.get(field.type) if field.kind is Kind.MESSAGE else None
        if inner is None or "nesting" not in self.evidence or field.mark is not None:
            return None
        if not inner.fields or _is_wrapper(inner) or self._narrows(message, field):
            return None
        return inner

    def _highest(self, message: MarkedMessage) -> tuple[str, Reading]:
        """The field with the highest level among all that `message` can hold, however deep."""
        if message.full_name not in self.highest:
            best = ("", Reading(Level.PUBLIC, None, NOTHING, "nesting"))
            seen, pending = {message.full_name}, [message]  # messages may hold each other
            while pending and best[1].level is not Level.HIGH:
                current = pending.pop(0)
                for field in current.fields:
                    inner = self._held(current, field)
                    if inner is None:
                        reading = self._own(current, field)
                        if reading.level.rank > best[1].level.rank:
                            best = (f"{current.name}.{field.name}", reading)
                    elif inner.full_name not in seen:
                        seen.add(inner.full_name)
                        pending.append(inner)
            self.highest[message.full_name] = best
        return self.highest[message.full_name]

    def _narrows(self, message: MarkedMessage, field: MarkedField) -> bool:
        """Whether the field's name says more than the message inside: an address of a warehouse, or at work."""
        by_own_name = self._own(message, field)
        if by_own_name.level.rank > Level.LOW.rank:
            return False
        owner = self.context.read(self.context.words(message, field.name))
        return (by_own_name.type or "").endswith("_WORK") or owner.whom is Whom.BUSINESS

    def _of_a_business(self, message: MarkedMessage, field: MarkedField) -> bool:
        named = self.context.read(self.context.words(message, field.name)).whom
        return self.context.subject(message).whom is Whom.BUSINESS and named is not Whom.PERSON


def _is_wrapper(message: MarkedMessage) -> bool:
    """A message that only holds a value means what the name of the field that holds it means."""
    names = {field.name for field in message.fields} - {"id", "extension"}
    return len(names) == 1 and names <= {"value", "val", "v", "raw", "data", "content", "inner"}
