"""Numbers in prose, held by the code that gives them.

A chapter says ``[280 attempts a second](#claim-attempts)`` and a code cell says
``claim("attempts", 280, result.attempts_per_s)``. The cell fails when the value no longer rounds to 280; the book
fails to build when the link and the claim differ. With other parameters than the committed ones the claim is not an
error any more: it prints what the number has become.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from numbers import Integral
from typing import Any

from companion.errors import CompanionError

MIME = "application/vnd.companion.claim+json"
"""The media type under which a claim stands among a cell's outputs."""

_WORDS = {
    "no": 0, "none": 0, "not one": 0, "nobody": 0, "nothing": 0, "zero": 0, "one": 1, "once": 1, "two": 2, "twice": 2,
    "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "a dozen": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "a hundred": 100,
    "a thousand": 1000, "half": 0.5, "a quarter": 0.25, "three quarters": 0.75,
}  # fmt: skip
_NUMBER_WORD = rf"\b(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b"  # "not one" before "one"
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d,_\u202f]*(?:\.\d+)?(?:e[+-]?\d+)?")


class ClaimError(CompanionError, AssertionError):
    """A number in the text is not what the code gives."""


@dataclass(frozen=True)
class Claim:
    """One number of the text.

    Attributes
    ----------
    name : str
        What the prose links to: ``#claim-NAME``.
    said : str
        The number as the text gives it; its last digit says how far it is rounded ("280", "0.07", "1.7e4").
    value : float or str
        What this run gives: whole numbers exactly, others to nine digits; a word for what is no number.
    """

    name: str
    said: str
    value: float | str

    @property
    def holds(self) -> bool:
        """Whether the value rounds to what the text says."""
        if isinstance(self.value, str):
            return self.value == self.said
        try:
            said = Decimal(self.said)
        except InvalidOperation:
            return False
        unit = Decimal(1).scaleb(int(said.as_tuple().exponent))
        return abs(Decimal(str(self.value)) - said) <= unit / 2

    @property
    def written(self) -> str:
        """What the text says, as a reader would write it: 80, where the claim has "8e1"."""
        try:
            return f"{Decimal(self.said):f}"
        except InvalidOperation:
            return self.said

    @property
    def rounded(self) -> str:
        """The value as far as the text rounds: 276 where the text says 281 and this run gives 276.38."""
        try:
            unit = Decimal(1).scaleb(int(Decimal(self.said).as_tuple().exponent))
        except InvalidOperation:  # the text says a word
            return self.shown
        if isinstance(self.value, str):
            return self.value
        return f"{(Decimal(str(self.value)) / unit).to_integral_value() * unit:f}"

    @property
    def shown(self) -> str:
        """The value as a reader sees it."""
        return f"{self.value:.9g}" if isinstance(self.value, float) else str(self.value)


def claim(name: str, said: float | str, value: Any) -> None:
    """Hold a number of the text against the value that the code gives.

    Parameters
    ----------
    name : str
        Lower-case words joined by hyphens; unique in the book. The prose links to ``#claim-NAME``.
    said : float or str
        The number as the text says it. Write ``"1.7e4"`` for 17,000 rounded to the thousand, ``"2.0"`` where the
        zero counts, and a word for a value that is a word.
    value : float or str
        The computed value; None counts as the word "none".

    Raises
    ------
    ClaimError
        If the value does not round to what the text says, and the parameters are the committed ones.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"claim name {name!r}: use lower-case words joined by hyphens")
    made = Claim(name, str(said), _plain(value))
    if not made.holds and not _other_parameters():
        raise ClaimError(f"claim {name!r}: the text says {made.written}, this run gives {made.shown}")
    _display(made)


def _plain(value: Any) -> float | str:
    """Give the value as JSON can carry it, which knows no infinity."""
    if value is None or isinstance(value, str):
        return "none" if value is None else value
    if isinstance(value, Integral):
        return int(value)
    number = float(f"{float(value):.9g}")
    if not math.isfinite(number):
        return str(number)
    return int(number) if number.is_integer() else number  # as JavaScript, and so JupyterLab, would write it


def claims_in(outputs: list[dict[str, Any]]) -> list[Claim]:
    """Read the claims back from the outputs of an executed cell."""
    return [Claim(**output["data"][MIME]) for output in outputs if MIME in output.get("data", {})]


def agrees(link_text: str, said: str) -> bool:
    """Whether the text of a link says the number (or word) of its claim.

    Digits in the text decide, if there are any; else number words do ("not one request", "twice").
    """
    text = link_text.replace("−", "-").replace("\u202f", "").replace("\xa0", " ")
    try:
        number = Decimal(said)
    except InvalidOperation:
        return said.lower() in text.lower()
    found = [Decimal(digits.replace(",", "").replace("_", "")) for digits in _NUMBER.findall(text)]
    if not found:
        words = re.findall(_NUMBER_WORD, re.sub(r"[^a-z]+", " ", text.lower()))
        found = [Decimal(str(_WORDS[word])) for word in words]
    return number in found


def _display(made: Claim) -> None:
    from IPython.display import display

    drift = f"the text says {made.written}, here it is {made.shown}"
    text = f"{made.name}: {made.written if made.holds else drift}"
    bundle = {"text/plain": text, MIME: {"name": made.name, "said": made.said, "value": made.value}}
    display(bundle, raw=True)


def _other_parameters() -> bool:
    """Whether a drift is no error: papermill injected parameters, a person sits at the notebook, or it records."""
    # The first is set by Jupyter's server for a notebook that is open in a browser, the second by `make measure`.
    if "JPY_SESSION_NAME" in os.environ or os.environ.get("COMPANION_MEASURE") == "record":
        return True
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and any(cell.startswith("# Parameters\n") for cell in shell.user_ns.get("In", []))


__all__ = ["MIME", "Claim", "ClaimError", "agrees", "claim", "claims_in"]
