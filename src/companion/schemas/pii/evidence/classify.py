"""The verdict on every field, and why.

Evidence is asked in the order of its worth, and the first that speaks decides: the book's own mark, the field's name,
its type's name, other maintainers' marks, its comment, and what was learned from annotations. A field of message type
then takes the highest level of what is inside (see `nesting`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from companion.schemas.pii.evidence.comments import PERSONAL, by_comment, by_options
from companion.schemas.pii.evidence.context import Context, Subject, Whom
from companion.schemas.pii.evidence.names import by_name, by_type, by_value
from companion.schemas.pii.evidence.nesting import NOTHING, Nesting
from companion.schemas.pii.evidence.question import Question, Reading
from companion.schemas.pii.evidence.scope import with_scope
from companion.schemas.pii.evidence.subjects import make_context
from companion.schemas.pii.evidence.values import kind_by_name
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.verdict import Level, MarkedField, MarkedMessage, MarkedSchema, Verdict
from companion.schemas.protobuf.model import Kind

__all__ = ["ALL_EVIDENCE", "NOTHING", "Learned", "classify", "programs"]

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
        In the order of the files. Which level a field has does not hang on that order.
    """
    found: dict[int, Nesting] = {}
    for program in programs(schemas):
        context = make_context(program, rules)
        nesting = Nesting(context, _Judge(context, learned, evidence), nested="nesting" in evidence)
        found.update(dict.fromkeys(map(id, program), nesting))
    verdicts = [
        found[id(schema)].verdict(schema.path, message, field)
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
    """What is said of a field itself, whatever may be inside its type."""

    def __init__(self, context: Context, learned: Learned | None, evidence: frozenset[str]) -> None:
        self.context = context
        self.learned = learned
        self.evidence = evidence

    def __call__(self, message: MarkedMessage, field: MarkedField, subject: Subject) -> Reading:
        """Ask all evidence but what is inside; `subject` is whom the message is about, in this use of it."""
        if field.mark is not None:
            kind = None if field.mark.level is Level.PUBLIC else field.mark.type or PERSONAL
            return Reading(field.mark.level, kind, "annotated in the schema", "mark companion.pii.v1.field")
        use_message, use_comment = "message" in self.evidence, "comment" in self.evidence
        subject = subject if use_message else Subject(Whom.UNKNOWN)
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
            or ("type" in self.evidence and by_value(question))
            or (self.learned is not None and self.learned(question))
        )
        return found or Reading(Level.PUBLIC, None, self._nothing(field), "no rule")

    def _nothing(self, field: MarkedField) -> str:
        """Say that nothing speaks of a person, and whether what might is missing."""
        missing = field.kind is Kind.MESSAGE and field.type not in self.context.messages
        told = field.type.startswith("google.protobuf.") or kind_by_name(self.context.rules, field.type) is not None
        if missing and not told:
            return f"{NOTHING}; what is in {field.type} is not known: the file that defines it was not read"
        return NOTHING
