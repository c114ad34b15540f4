"""Filings and press releases, written from a ledger: seven documents a firm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from companion.reasoning.filings.firms import Firm
from companion.reasoning.filings.ledger import HEADLINES, QUARTERS, YEAR, Ledger, Restatement
from companion.reasoning.filings.metrics import METRICS
from companion.reasoning.filings.phrases import Phrases
from companion.reasoning.filings.topics import TOPICS, Topic
from companion.reasoning.filings.truth import CAUSE_OF, Document, Draw, Period, in_words
from companion.reasoning.filings.writing import DASH, Figure, Page

BUSINESS, RISKS, CONTROLS = "BUSINESS", "RISK FACTORS", "CONTROLS AND PROCEDURES"
DISCUSSION, LIQUIDITY = "MANAGEMENT'S DISCUSSION AND ANALYSIS", "LIQUIDITY AND CAPITAL RESOURCES"
SEGMENTS, RESTATED = "SEGMENT INFORMATION", "RESTATEMENT OF PREVIOUSLY ISSUED RESULTS"

RESULTS = ("revenue", "cost", "gross_profit", "gross_margin", "research", "overhead", "operating_income", "interest",
           "taxes", "net_income", "eps")  # fmt: skip
FUNDS = ("cash", "debt", "operating_cash", "investment")
OPERATIONS = ("backlog", "employees")
BY_SEGMENT = ("segment_1", "segment_2", "revenue")

EXCEPT_PER_SHARE, DOLLARS = "(in {scale}, except per share data)", "(dollars in {scale})"
"""What stands in the corner of a table."""

RISK_TEXTS = (
    "Results may differ from those expected, and the risks set out here are not the only ones.",
    "The following should be read together with the rest of this report.",
    "Each of the following could harm the business, its results or the price of its shares.",
    "Investors should weigh what follows before they decide.",
)
CONTROL_TEXTS = (
    "Disclosure controls were evaluated as of the end of the period and found effective.",
    "Management concluded that controls over financial reporting were effective.",
    "No change in internal control is likely to have a material effect on reporting.",
    "Controls can give reasonable, not absolute, assurance; they were judged effective.",
)
LIQUIDITY_TEXTS = (
    "The Company expects that cash and its credit lines suffice for the next twelve months.",
    "Funds come from operations and, where needed, from the credit facility.",
    "Seasonal needs are met from the revolving line.",
    "Working capital is believed to be adequate for present requirements.",
)
DISCUSSION_TEXTS = (
    "The following compares the period with the one before.",
    "This discussion contains statements about the future that may prove wrong.",
    "Amounts are unaudited unless marked otherwise.",
    "The table below is followed through line by line.",
)
OPENING_TEXTS = (
    "The Company today announced its results for the quarter.",
    "The Company has published the results of the quarter.",
    "The following results of the quarter were announced by the Company today.",
    "Results of the quarter, as the Company has released them, are as follows.",
)
CLOSING_TEXTS = (
    "The Company will hold a call for investors on the day of publication.",
    "A replay of the call will be available for two weeks.",
    "No outlook in figures is given.",
    "The quarterly report will follow within the period set by law.",
)
CORRECTIONS = (
    "The figure for {name} in the {period}, reported earlier as {old}, is restated to {new}.",
    "Instead of {old}, the figure for {name} in the {period} is now {new}.",
    "The correction takes {name} for the {period} from {old} to {new}.",
    "As restated, the figure for {name} in the {period} is {new}; the earlier report had {old}.",
)


@dataclass(frozen=True)
class Assigned:
    """What a filing will say in words."""

    topic: Topic
    detail: str


def assign_topics(draw: Draw, firms: tuple[Firm, ...]) -> dict[tuple[str, Period], list[Assigned]]:
    """Spread topics over filings: five for a 10-K, two for each 10-Q; a firm speaks of each at most once."""
    details = {topic.key: draw.shuffled(topic.details) for topic in TOPICS}
    found: dict[tuple[str, Period], list[Assigned]] = {}
    for firm in firms:
        topics = draw.shuffled(TOPICS)
        for period in (YEAR, *QUARTERS):
            taken = [topics.pop() for _ in range(2 if period.quarter else 5)]
            found[firm.name, period] = [Assigned(topic, details[topic.key].pop()) for topic in taken]
    return found


class Author:
    """Writes the documents of one firm."""

    def __init__(
        self, draw: Draw, phrases: Phrases, ledger: Ledger, assigned: dict[tuple[str, Period], list[Assigned]]
    ) -> None:
        self.draw = draw
        self.phrases = phrases
        self.ledger = ledger
        self.firm = ledger.firm
        self.assigned = assigned
        self.pages: list[Page] = []

    def documents(self) -> list[Document]:
        """Write all seven."""
        found = [self._report("10-K", YEAR, date(2025, 2, self.draw.between(14, 27)))]
        for period in QUARTERS:
            told = period.last_day + timedelta(days=self.draw.between(22, 30))
            found.append(self._release(period, told))
            found.append(self._report("10-Q", period, told + timedelta(days=self.draw.between(5, 14))))
        return found

    def _page(self, period: Period, form: str) -> Page:
        suffix = form.lower().replace(" ", "-")
        page = Page(self.firm, f"{self.firm.name.lower()}-{period.name.lower().replace(' ', '-')}-{suffix}")
        self.pages.append(page)
        return page

    # A report

    def _report(self, form: str, period: Period, filed: date) -> Document:
        page = self._page(period, form)
        self._cover(page, form, period, filed)
        page.section(BUSINESS)
        page.say(self.draw.pick(self.firm.trade.business))
        self._topics(page, BUSINESS, period)
        self._figures(page, OPERATIONS, period)
        page.section(RISKS)
        page.say(self.draw.pick(RISK_TEXTS))
        self._topics(page, RISKS, period)
        page.section(DISCUSSION)
        page.say(self.draw.pick(DISCUSSION_TEXTS))
        self._figures(page, RESULTS, period)
        page.section(LIQUIDITY)
        page.say(self.draw.pick(LIQUIDITY_TEXTS))
        self._topics(page, LIQUIDITY, period)
        self._figures(page, FUNDS, period)
        page.section(SEGMENTS)
        self._figures(page, BY_SEGMENT, period, told=BY_SEGMENT[:2])
        for restatement in self.ledger.restatements:
            if restatement.period == period.before:
                self._correction(page, restatement)
        page.section(CONTROLS)
        if not self._topics(page, CONTROLS, period):
            page.say(self.draw.pick(CONTROL_TEXTS))
        return page.finish(form, period, filed)

    def _cover(self, page: Page, form: str, period: Period, filed: date) -> None:
        page.section("COVER", heading=False)
        kind = "QUARTERLY REPORT for the quarterly period" if period.quarter else "ANNUAL REPORT for the fiscal year"
        page.line(f"FORM {form}")
        page.line(f"{kind} ended {in_words(period.last_day)} ({period.name})")
        page.line(f"{self.firm.full_name}, {self.firm.town} (ticker {self.firm.ticker})")
        page.line(f'Filed {in_words(filed)}. In this report "the Company" means the registrant.')

    def _topics(self, page: Page, section: str, period: Period) -> int:
        """Say what is to be said in a section; give how much that was."""
        found = [told for told in self.assigned[self.firm.name, period] if told.topic.section == section]
        for told in found:
            page.state(self.draw.pick(told.topic.sentences), told.topic.key, told.detail, period)
        return len(found)

    def _figures(self, page: Page, metrics: tuple[str, ...], period: Period, told: tuple[str, ...] = ()) -> None:
        """Write sentences about metrics, then the table of all of them."""
        for metric in told or metrics:
            self._tell(page, metric, period, self.ledger.first[period][metric])
        page.end_paragraph()
        self._table(page, metrics, period)

    def _tell(self, page: Page, metric: str, period: Period, amount: int) -> None:
        """Write the sentence about a metric, or that it is withheld, or nothing."""
        line, before = METRICS[metric], period.before
        if self.ledger.is_missing(metric, period):
            if any(gap.said for gap in self.ledger.gaps if (gap.metric, gap.period) == (metric, period)):
                page.say(self.phrases.withheld(self.firm, line, period))
            return
        then = self.ledger.final[before][metric]
        change = 0 if self.ledger.is_missing(metric, before) else amount - then
        because = 100 if metric == "segment_1" else 22
        text, cause = self.phrases.sentence(self.firm, line, period, change, because)
        figures = {"now": Figure(metric, period, amount)}
        if "{then}" in text:
            figures["then"] = Figure(metric, before, then)
        if cause:
            page.state(text, CAUSE_OF + metric, cause, period, **figures)
        else:
            page.say(text, **figures)

    def _table(self, page: Page, metrics: tuple[str, ...], period: Period, said: dict[str, int] | None = None) -> None:
        now, before = self.ledger.first[period] | (said or {}), self.ledger.final[period.before]
        columns = [(period, now), (period.before, before)]
        rows: list[tuple[str, list[Figure | str]]] = [
            (
                self.firm.labels[metric],
                [DASH if self.ledger.is_missing(metric, when) else Figure(metric, when, amounts[metric])
                 for when, amounts in columns],
            )
            for metric in metrics
        ]  # fmt: skip
        restated = any(told.period == period.before for told in self.ledger.restatements)
        heads = [self._head(period), self._head(period.before) + (" (restated)" if restated else "")]
        page.table(heads, rows, DOLLARS if "employees" in metrics else EXCEPT_PER_SHARE)

    def _head(self, period: Period) -> str:
        return in_words(period.last_day) if self.firm.dates else period.name

    def _correction(self, page: Page, told: Restatement) -> None:
        """Write what is restated, by how much and why."""
        page.section(RESTATED)
        page.say(f"The Company has corrected its figures for the {told.period.words}, because {told.why}.")
        for metric in told.before:
            if metric in ("segment_1", "revenue", "cost", "overhead", "net_income"):
                text = self.draw.pick(CORRECTIONS).replace("{period}", told.period.words)
                text = text.replace("{name}", self.phrases.name(self.firm, METRICS[metric]))
                old = Figure(metric, told.period, told.before[metric])
                page.say(text, old=old, new=Figure(metric, told.period, told.after[metric]))
        page.end_paragraph()
        rows: list[tuple[str, list[Figure | str]]] = []
        for metric, old_amount in told.before.items():
            new_amount = told.after[metric]
            cells = (Figure(metric, told.period, old_amount), page.amount(metric, new_amount - old_amount),
                     Figure(metric, told.period, new_amount))  # fmt: skip
            rows.append((self.firm.labels[metric], [*cells]))
        page.table([f"{told.period.name} as reported", "Correction", "As restated"], rows, EXCEPT_PER_SHARE)

    # A press release

    def _release(self, period: Period, told: date) -> Document:
        page = self._page(period, "press release")
        page.section("COVER", heading=False)
        page.line("PRESS RELEASE")
        page.line(f"{self.firm.full_name} (ticker {self.firm.ticker}) reports on the {period.words}")
        page.line(f"{self.firm.town}, {in_words(told)}")
        page.section("RESULTS")
        page.say(self.draw.pick(OPENING_TEXTS))
        said = {each.metric: each.said for each in self.ledger.differences if each.period == period}
        amounts = self.ledger.first[period] | said
        for metric in HEADLINES:
            self._tell(page, metric, period, amounts[metric])
        page.end_paragraph()
        self._table(page, HEADLINES, period, said)
        page.say(self.draw.pick(CLOSING_TEXTS))
        return page.finish("press release", period, told)
