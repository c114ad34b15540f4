"""Sentences around a figure: a subject, a verb, a comparison and a cause, each in several ways.

A sentence is drawn until its words, figures aside, have not been written in this corpus yet.
"""

from __future__ import annotations

from companion.reasoning.filings.firms import Firm
from companion.reasoning.filings.metrics import HEADS, PERCENT, Metric
from companion.reasoning.filings.truth import Draw, Period, in_words

LEVEL = (
    "{name} came to {now}", "{name} amounted to {now}", "{name} totaled {now}", "the Company recorded {name} of {now}",
    "the Company reported {name} of {now}", "in the {span}, {name} came to {now}",
    "for the {span} just ended, {name} totaled {now}", "{name} for the {span} reached {now}",
)  # fmt: skip
STOCK = (
    "{name} stood at {now} on {date}", "at the end of the {span}, {name} stood at {now}",
    "on {date}, {name} amounted to {now}", "the Company closed the {span} with {name} of {now}",
    "as of {date}, the Company reported {name} of {now}", "{name} at the close of the {span} amounted to {now}",
)  # fmt: skip
COUNT = (
    "{name} stood at {now} on {date}", "at the end of the {span}, {name} stood at {now}",
    "on {date}, {name} came to {now}", "{name} at the close of the {span} came to {now}",
)  # fmt: skip
RATE = ("{name} came to {now}", "{name} was {now}", "in the {span}, {name} came to {now}",
        "{name} for the {span} was {now}", "{name} worked out at {now}")  # fmt: skip
UP = ("{name} rose to {now}", "{name} increased to {now}", "{name} grew to {now}", "{name} went up to {now}",
      "{name} climbed to {now}")  # fmt: skip
DOWN = ("{name} fell to {now}", "{name} declined to {now}", "{name} decreased to {now}", "{name} came down to {now}",
        "{name} slipped to {now}")  # fmt: skip
MOVED = (" from {then}", " from {then} in the preceding {span}", ", from {then} {ago}", " after {then} {ago}")
BESIDE = (", compared with {then} in the preceding {span}", ", against {then} {ago}", "; {ago} it was {then}",
          " (preceding {span}: {then})", ", where the {span} before had {then}",
          ", {then} having been reported {ago}")  # fmt: skip
STOCK_BESIDE = (", compared with {then} at the end of the preceding {span}", ", against {then} {ago}",
                "; {ago} it was {then}", " ({ago}: {then})")  # fmt: skip
BECAUSE = (", reflecting {cause}", ", mainly because of {cause}", ", owing to {cause}", ", as a result of {cause}",
           ", which the Company attributes to {cause}", ", on account of {cause}")  # fmt: skip

CAUSES = {
    "cost": ("freight rates", "the mix of what was sold", "material prices agreed for the year",
             "overtime in two plants", "energy contracts signed the year before", "scrap and rework"),
    "research": ("the timing of external tests", "engineers hired for the next generation", "prototypes",
                 "the end of one development program", "license fees", "a project shared with a university"),
    "overhead": ("a trade fair that is held every other year", "legal fees", "a new billing system",
                 "travel", "sales commissions", "rents in two cities"),
    "interest": ("the rates that the credit facility follows", "the balance drawn on the facility",
                 "interest earned on deposits", "a note that was refinanced"),
    "debt": ("scheduled repayments and new drawings", "the terms of the notes", "the financing of new equipment",
             "amounts reclassified as current"),
    "cash": ("the timing of collections", "inventories", "prepayments by customers", "the date of payroll",
             "tax installments", "supplier terms"),
    "investment": ("machines ordered the year before", "the timing of building work",
                   "the replacement of older equipment", "a warehouse that is being rebuilt",
                   "tools for the next model"),
    "demand": ("the order intake of both segments", "the calendar of large orders",
               "demand in the Company's home market", "customers' budgets", "the length of the sales cycle"),
}  # fmt: skip
"""Why a metric is what it is, as phrases that fit a rise and a fall."""

SAID_WITHHELD = (
    "The Company has decided not to disclose {name} for this {span}.",
    "Pending the migration of a reporting system, no amount is given for {name} this {span}.",
    "{name} for the {span} is not presented in this report.",
)


class Phrases:
    """Writes sentences of which no two in a corpus have the same words."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self._said: set[str] = set()
        self._names: dict[str, list[str]] = {}

    def sentence(self, firm: Firm, metric: Metric, period: Period, change: int, because: int = 25) -> tuple[str, str]:
        """Write a sentence with the fields ``{now}``, perhaps ``{then}``, and ``{cause}`` where it names one.

        Parameters
        ----------
        firm, metric, period
            Whose figure of what.
        change
            How much it has risen since the period before; 0 also where that one is not known.
        because
            In how many of a hundred sentences a cause is given.

        Returns
        -------
        tuple of str and str
            The sentence and its cause, which is "" where there is none.
        """
        for _ in range(200):
            text, cause = self._compose(firm, metric, period, change, because)
            if text + cause not in self._said:
                self._said.add(text + cause)
                return text, cause
        raise AssertionError(f"no new sentence about {metric.key} was found")

    def _compose(self, firm: Firm, metric: Metric, period: Period, change: int, because: int) -> tuple[str, str]:
        draw = self.draw
        tails: tuple[str, ...] = STOCK_BESIDE if metric.stock else BESIDE
        name = self.name(firm, metric)
        heads = {HEADS: COUNT, PERCENT: RATE}.get(metric.unit, STOCK if metric.stock else LEVEL)
        if name.startswith("the "):  # "recorded the tax charge of" is no English
            heads = tuple(head for head in heads if "the Company" not in head)
        if change and draw.chance(55):
            heads, tails = (UP if change > 0 else DOWN), MOVED[:1] + MOVED[2:] if metric.stock else MOVED
        tail = draw.pick(tails) if change and draw.chance(64) else ""
        cause = self._cause(firm, metric, change) if draw.chance(because) else ""
        reason = draw.pick(BECAUSE) if cause else ""
        text = f"{draw.pick(heads)}{tail}{reason}."
        text = text.replace("{name}", name).replace("{date}", in_words(period.last_day))
        text = text.replace("{ago}", "three months earlier" if period.quarter else "a year earlier")
        text = text.replace("{span}", "quarter" if period.quarter else "year")
        return text[:1].upper() + text[1:], cause

    def name(self, firm: Firm, metric: Metric) -> str:
        """Give one of the names that prose has for a metric; each comes once before one comes again."""
        deck = self._names.setdefault(f"{firm.name} {metric.key}", [])
        if not deck:
            deck += self.draw.shuffled(metric.names)
        return deck.pop().format(segment=firm.segment(metric.key).lower())

    def withheld(self, firm: Firm, metric: Metric, period: Period) -> str:
        """Say that a figure is not given."""
        text = self.draw.pick(SAID_WITHHELD).replace("{name}", self.name(firm, metric))
        text = text.replace("{span}", "quarter" if period.quarter else "year")
        return text[:1].upper() + text[1:]

    def _cause(self, firm: Firm, metric: Metric, change: int) -> str:
        if metric.cause == "segment":
            return self.draw.pick(firm.trade.up if change >= 0 else firm.trade.down)
        return self.draw.pick(CAUSES[metric.cause]) if metric.cause else ""
