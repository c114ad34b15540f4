"""What a rule is, and the three things that it may say of a document: met, not met, cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from companion.operations.postmortems.document import Document


class Severity(StrEnum):
    """How much a finding matters; the first fails a build."""

    ERROR = "error"
    WARNING = "warning"


class Verdict(StrEnum):
    """What a rule says of a document."""

    MET = "met"
    NOT_MET = "not met"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Mark:
    """One place where a document falls short, before it is known how much that matters.

    Attributes
    ----------
    line : int or None
        Where; None for what is missing.
    message : str
        What is wrong, in one sentence, with the words that it is about.
    fix : str
        How to mend it, if more can be said than the rule's own advice.
    severity : Severity or None
        Another one than the rule's own.
    """

    line: int | None
    message: str
    fix: str = ""
    severity: Severity | None = None


@dataclass(frozen=True)
class Outcome:
    """What a rule says of a document: `marks` when it is not met, `why` when it cannot tell."""

    verdict: Verdict
    marks: tuple[Mark, ...] = ()
    why: str = ""


MET = Outcome(Verdict.MET)


def not_met(*marks: Mark) -> Outcome:
    """Give the outcome for these places, which is "met" if there are none."""
    return Outcome(Verdict.NOT_MET, marks) if marks else MET


def cannot_tell(why: str) -> Outcome:
    """Say why the document gives the rule nothing to judge."""
    return Outcome(Verdict.CANNOT_TELL, why=why)


Check = Callable[["Document"], Outcome]


@dataclass(frozen=True)
class Rule:
    """A rule, as the YAML file of its family tells it.

    Attributes
    ----------
    id : str
        Its stable name.
    family : str
        story, timeline, analysis, learning, process.
    severity : Severity
        Unless a finding says otherwise.
    says : str
        What a document should do, in one sentence.
    reason : str
        Why; and where good practice disagrees, that it does.
    bad, good : str
        An example of each, as Markdown.
    fix : str
        How to mend it.
    words : bool
        Whether it reads English; in a document of another language it cannot tell.
    rank : int
        The lower, the sooner it is shown.
    final : bool
        Whether it waits for the final version (profile ``final``).
    """

    id: str
    family: str
    severity: Severity
    says: str
    reason: str
    bad: str
    good: str
    fix: str
    words: bool = True
    rank: int = 50
    final: bool = False
    check: Check = field(default=lambda document: MET, repr=False, compare=False)


@cache
def family(name: str) -> dict[str, Any]:
    """Read the file of a family: its ``rules``, by id, and the ``words`` that they look for."""
    folder = resources.files(__package__)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C, where there is one, a tenth of a second sooner
    read: dict[str, Any] = yaml.load((folder / f"{name}.yaml").read_text("utf-8"), Loader=loader)
    return read


@cache
def ids() -> frozenset[str]:
    """Give the ids of all rules, of whichever family; nobody needs their checks for that."""
    files = resources.files(__package__).iterdir()
    names = [file.name.removesuffix(".yaml") for file in files if file.name.endswith(".yaml")]
    return frozenset(rule for name in names for rule in family(name)["rules"])
