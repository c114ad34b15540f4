"""Asking a chat model about fields: five at a time, with a form for the answer, again when the answer is no answer.

What a schema says was written by others. It goes into the question as data, one JSON object a line, below instructions
that are ours alone; whatever a comment pleads, an answer is only ever a level for a field that was asked about.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import tenacity
from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel, Field, ValidationError

from companion.errors import CompanionError
from companion.models.errors import ModelError
from companion.schemas.pii.verdict import Level
from companion.schemas.protobuf import model as schema_model

BATCH = 5
"""Fields a question: few enough that a small model keeps them apart, and that one bad answer costs little."""

_NAME, _COMMENT = 200, 300  # characters of a name and of a comment that a model is shown
# Beside "\n", Python counts these as ends of lines; JSON escapes the others.
_LINE_ENDS = {ord(each): f"\\u{ord(each):04x}" for each in "\x85\u2028\u2029"}
# What clients raise when a server is slow or away. They come from libraries that a model may bring and we do not need.
_TRANSPORT = {"TimeoutException", "TransportError", "RequestError"}


class FieldOpinion(BaseModel):
    """What a model thinks of one field."""

    n: int
    sensitivity: Literal["HIGH", "MEDIUM", "LOW", "PUBLIC"]
    pii_type: Annotated[str, Field(max_length=40)] | None = None
    reasoning: Annotated[str, Field(max_length=120)]  # bounded, or a small model may never close it

    @property
    def level(self) -> Level:
        """The sensitivity as a level."""
        return Level(self.sensitivity)


class Opinions(BaseModel):
    """The opinions on a batch of fields, each by its number `n`."""

    fields: list[FieldOpinion] = Field(max_length=BATCH)


class NoAnswer(CompanionError, ValueError):
    """The model gave back nothing that could be read."""


@dataclass(frozen=True)
class AskedField:
    """What a model is shown of a field."""

    message: str
    field: str
    type: str
    comment: str = ""

    @classmethod
    def of(cls, message: str, field: schema_model.Field) -> AskedField:
        """Take it from a schema; `message` is the name of the one that the field is in."""
        return cls(message, field.name, field.type, field.comment)

    def line(self, n: int) -> str:
        """One JSON object on one line, whatever the schema holds."""
        shown = {"n": n, "message": self.message[:_NAME], "field": self.field[:_NAME], "type": self.type[:_NAME]}
        if self.comment:
            shown["comment"] = self.comment[:_COMMENT]
        return json.dumps(shown, ensure_ascii=False).translate(_LINE_ENDS)


@dataclass(frozen=True)
class RetryPolicy:
    """How often a question is put, and how long is waited before it is put again: exponential backoff.

    Attributes
    ----------
    attempts
        How often one batch is asked, at most.
    first_wait, longest_wait
        Seconds before the second attempt, doubled before each further one; and the most that it may become.
    give_up_after
        After so many batches in a row without an answer the rest is not asked. None never gives up.
    sleep
        What waits.
    """

    attempts: int = 3
    first_wait: float = 1.0
    longest_wait: float = 20.0
    give_up_after: int | None = 3
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Answers:
    """What a model said, in the order of the fields.

    Attributes
    ----------
    opinions
        None where it said nothing of a field.
    dropped
        Answers for fields that were not asked about, or a second answer for one that was.
    failures
        Why a batch has no answers at all, one line each.
    """

    opinions: tuple[FieldOpinion | None, ...]
    dropped: int
    failures: tuple[str, ...]

    @property
    def levels(self) -> list[Level | None]:
        """The level of each field, None where the model said nothing."""
        return [opinion.level if opinion else None for opinion in self.opinions]


def ask(prompt: str, fields: Sequence[AskedField], model: BaseChatModel, retry: RetryPolicy | None = None) -> Answers:
    """Ask a model about fields.

    Parameters
    ----------
    prompt
        The instructions; they go into the system message, and nothing of the schema does.
    fields
        What it is asked about, in batches of `BATCH`.
    model
        Such as `companion.models.chat_model` gives.
    retry
        How often to try.
    """
    policy = retry or RetryPolicy()
    chain = model.with_structured_output(Opinions)
    opinions: list[FieldOpinion | None] = []
    dropped, failures, in_a_row = 0, list[str](), 0
    for start in range(0, len(fields), BATCH):
        batch = fields[start : start + BATCH]
        if policy.give_up_after is not None and in_a_row >= policy.give_up_after:
            failures.append(f"fields {start + 1} to {len(fields)}: not asked, after {in_a_row} batches without answer")
            opinions += [None] * (len(fields) - start)
            break
        try:
            answered, in_a_row = _answers(chain, prompt, batch, policy), 0
        except Exception as error:
            if not is_transient(error):
                raise
            answered, in_a_row = [], in_a_row + 1
            failures.append(f"fields {start + 1} to {start + len(batch)}: {_one_line(error)}")
        found = _by_number(answered, len(batch))
        dropped += len(answered) - len(found)
        opinions += [found.get(n) for n in range(1, len(batch) + 1)]
    return Answers(tuple(opinions), dropped, tuple(failures))


def _by_number(answered: Sequence[FieldOpinion], asked: int) -> dict[int, FieldOpinion]:
    """The first answer for each field that was asked about."""
    found: dict[int, FieldOpinion] = {}
    for opinion in answered:
        if 1 <= opinion.n <= asked:
            found.setdefault(opinion.n, opinion)
    return found


def is_transient(error: BaseException) -> bool:
    """Whether the same question might be answered: after a time-out, a broken line, or an answer of the wrong form."""
    if isinstance(error, ModelError):
        return error.is_retryable
    known = (ValidationError, OutputParserException, NoAnswer, TimeoutError, ConnectionError)
    return isinstance(error, known) or bool(_TRANSPORT & {kind.__name__ for kind in type(error).__mro__})


def _answers(chain: Any, prompt: str, batch: Sequence[AskedField], policy: RetryPolicy) -> list[FieldOpinion]:
    question = [
        SystemMessage(prompt),
        HumanMessage("\n".join(field.line(n) for n, field in enumerate(batch, start=1))),
    ]
    trying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(policy.attempts),
        wait=tenacity.wait_exponential(multiplier=policy.first_wait, max=policy.longest_wait),
        retry=tenacity.retry_if_exception(is_transient),
        sleep=policy.sleep,
        reraise=True,
    )
    return trying(_once, chain, question).fields


def _once(chain: Any, question: list[SystemMessage | HumanMessage]) -> Opinions:
    found = chain.invoke(question)
    if not isinstance(found, Opinions):  # a model that called no tool
        raise NoAnswer("the model's answer has not the form that was asked for")
    return found


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}"
