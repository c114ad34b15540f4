"""What a mark asks of whoever keeps the data: what its level asks for, unless a law or a standard knows better.

Encryption at rest is good advice for a passport number. For a card's check code it is none once the payment is
authorised: what may not be kept is not to be kept encrypted either. `reports/regimes.yaml` says where a text asks for
something else, and for which fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from companion.schemas.pii.reports.regimes import Cover, Regimes, read_regimes
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.rules.name_words import Words
from companion.schemas.pii.verdict import Verdict


@dataclass(frozen=True)
class Asked:
    """Protections, and which text asks for them; None where the level does."""

    protect: tuple[str, ...]
    by: str | None = None


def asked_of(verdict: Verdict, rules: Rules, regimes: Regimes | None = None) -> Asked:
    """Say what a verdict asks for.

    Parameters
    ----------
    verdict
        Of a field that is not PUBLIC.
    rules
        What its level asks for, and how its name is read.
    regimes
        The book's own by default.
    """
    name = _said(verdict, rules)
    for regime in (regimes or _ours()).regimes:
        for cover in regime.covers:
            if cover.protect and verdict.pii_type in cover.types and _shown(cover, name, rules, verdict):
                return Asked(cover.protect, f"{regime.id}, {cover.source}")
    return Asked(rules.protections.get(verdict.level, ()))


_ours = cache(read_regimes)


def _said(verdict: Verdict, rules: Rules) -> Words:
    """The words of the message and of the field: `Card.code` is a card's code."""
    return tuple(
        word
        for name in (verdict.message.rpartition(".")[2], verdict.field.name)
        for word in rules.vocabulary.words(name)
    )


def _shown(cover: Cover, name: Words, rules: Rules, verdict: Verdict) -> bool:
    """Whether the name shows what the text speaks of."""
    if cover.person and verdict.about is None:
        return False
    phrases = [rules.vocabulary.words(phrase) for phrase in cover.names]
    return any(name[at : at + len(words)] == words for words in phrases for at in range(len(name) - len(words) + 1))
