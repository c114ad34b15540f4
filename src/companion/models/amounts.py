"""Whether a question asks for a number, and whether a sentence gives one.

Both are decided by the words. "How much", "how many", "what per cent" ask for a number; so does "what was the gross
margin", since a margin is one, but not "what was the reason for the lower margin": what counts is the noun that "what"
belongs to. A number is an amount when it is no year, no day of a month, no part of a name such as Q2 or 10-K, and none
that the question itself contains.
"""

from __future__ import annotations

import re
from enum import Enum

_HOW = re.compile(r"\bhow (?:much|many|high|low|large|big|long|old|far|often)\b", re.I)
_PER_CENT = re.compile(r"\b(?:(?:what|which) )?(?:percentage|per ?cent)(?: of)?\b|%", re.I)
_NUMBER_OF = re.compile(
    r"\b(?:what|which) (?:is |was |are |were )?(?:the )?(?:total )?(?:number|amount|size) of\b", re.I
)
_WHAT = re.compile(r"\b(?:what|which)\b(?P<phrase>[^?]*)", re.I)
_IS = re.compile(r"^\s*(?:is|was|are|were|'s)\b", re.I)
_PHRASE_ENDS = re.compile(
    r"[,;?]|\b(?:of|in|for|at|on|to|from|by|during|per|as|that|which|and|or|with|before|after|between"
    r"|did|do|does|has|have|had|is|was|are|were|will|would|can|could)\b",
    re.I,
)
_QUANTITY = frozenset(
    re.findall(
        r"\w+",
        """amount assets backlog budget capex cash cost costs count debt deposits dividend dividends duration earnings
    ebit ebitda eps equity expenditure expenditures expense expenses fee fees flow headcount income interest inventory
    leverage liabilities limit loss losses margin margins maximum minimum number payment payments price prices proceeds
    profit profits quantity rate ratio return revenue revenues salary sales share shares size spending tax taxes total
    turnover value volume wage wages weight yield""",
    )
)

_FORM = r"\b\d+-[A-Za-z]\b"
_YEAR = r"(?<![$€£\d.,])\b(?:19|20)\d\d\b(?![.,]?\d)(?!\s*(?:%|percent|per cent|million|billion|thousand))"
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = rf"\b{_MONTH} \d{{1,2}}\b|\b\d{{1,2}} {_MONTH}\b"
_NO_AMOUNT = re.compile(f"{_FORM}|{_DAY}|{_YEAR}")
_NUMBER = re.compile(r"(?<![A-Za-z\d_-])\d[\d,.]*(?<![,.])")
_SPELLED = re.compile(r"\b(?:per ?cent|hundred|thousand|million|billion|dozen)\b", re.I)
_SHARE = re.compile(r"\d\s*(?:%|per ?cent\b|percentage point|basis point)|\b\w+ per ?cent\b", re.I)


class Asked(Enum):
    """What kind of answer a question wants."""

    WORDS, NUMBER, PER_CENT = "words", "a number", "a percentage"


def asked(question: str) -> tuple[Asked, str]:
    """Say what a question asks for, and give it without the words that ask for a number.

    An answer does not repeat those: to "how much did it cost" it says what it cost, and not "much".
    """
    if _PER_CENT.search(question):
        return Asked.PER_CENT, _PER_CENT.sub(" ", _HOW.sub(" ", question))
    for form in (_HOW, _NUMBER_OF):
        if form.search(question):
            return Asked.NUMBER, form.sub(" ", question)
    return (Asked.NUMBER if any(map(_is_quantity, _WHAT.finditer(question))) else Asked.WORDS), question


def _is_quantity(what: re.Match[str]) -> bool:
    """Whether the noun of "what is the operating income of ..." or "what revenue did ..." is an amount."""
    phrase = _IS.sub("", what["phrase"])
    words = re.findall(r"[^\W\d_]+", _PHRASE_ENDS.split(phrase, maxsplit=1)[0].lower())
    return bool(words) and words[-1] in _QUANTITY


def gives(sentence: str, kind: Asked, question: str) -> bool:
    """Say whether a sentence holds what is asked for; one that is asked for words needs no number."""
    if kind is Asked.WORDS:
        return True
    if kind is Asked.PER_CENT:
        return bool(_SHARE.search(sentence))
    known = set(_NUMBER.findall(question))
    left = _NO_AMOUNT.sub(" ", sentence)
    return any(number not in known for number in _NUMBER.findall(left)) or bool(_SPELLED.search(left))
