"""A second opinion on verdicts, from a model. It suggests, and changes nothing: the verdict stays the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from companion.schemas.pii.llm.asking import AskedField, RetryPolicy, ask
from companion.schemas.pii.llm.prompts import EXPLICIT
from companion.schemas.pii.verdict import Level, Verdict


@dataclass(frozen=True)
class Opinion:
    """What a model thinks of a field, beside the verdict."""

    verdict: Verdict
    level: Level
    pii_type: str | None
    reasoning: str

    @property
    def agrees(self) -> bool:
        """Whether it gives the verdict's level."""
        return self.level is self.verdict.level

    @property
    def suggested(self) -> Level:
        """The higher of the two levels, for somebody to look at; a model never talks a level down."""
        return max(self.level, self.verdict.level, key=lambda level: level.rank)


@dataclass(frozen=True)
class SecondOpinion:
    """What a model thinks of a scan.

    Attributes
    ----------
    opinions
        In the order of the verdicts.
    unanswered
        Those of which it said nothing; that is no agreement.
    dropped
        Answers for fields that were not asked about.
    failures
        Why a batch has no answers at all, one line each.
    """

    opinions: tuple[Opinion, ...]
    unanswered: tuple[Verdict, ...]
    dropped: int
    failures: tuple[str, ...]

    @property
    def disagreements(self) -> tuple[Opinion, ...]:
        """The opinions that give another level than the verdict."""
        return tuple(opinion for opinion in self.opinions if not opinion.agrees)

    @property
    def raised(self) -> tuple[Opinion, ...]:
        """The disagreements that would protect more: these are the suggestions."""
        return tuple(opinion for opinion in self.opinions if opinion.suggested is not opinion.verdict.level)


def second_opinion(
    verdicts: Sequence[Verdict], model: BaseChatModel, *, prompt: str = EXPLICIT, retry: RetryPolicy | None = None
) -> SecondOpinion:
    """Ask a model what it thinks of the fields that were judged; it is not told the verdicts.

    Parameters
    ----------
    verdicts
        As `classify` gives them. A field that somebody annotated, or accepted with a reason, needs no opinion.
    model
        Such as `companion.models.chat_model` gives.
    prompt
        The instructions.
    retry
        How often to try.
    """
    asked = [verdict for verdict in verdicts if verdict.field.mark is None and verdict.field.ignored is None]
    answers = ask(prompt, [AskedField.of(each.message, each.field) for each in asked], model, retry)
    pairs = list(zip(asked, answers.opinions, strict=True))
    return SecondOpinion(
        tuple(
            Opinion(verdict, said.level, None if said.level is Level.PUBLIC else said.pii_type, said.reasoning)
            for verdict, said in pairs
            if said is not None
        ),
        tuple(verdict for verdict, said in pairs if said is None),
        answers.dropped,
        answers.failures,
    )
