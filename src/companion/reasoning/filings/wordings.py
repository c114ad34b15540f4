"""How questions are asked: in the words of the tables, and in other words, each in two kinds of wording.

The first kind is *seen*: whoever builds a pipeline may read it and try it. The second is *held back*: it was written
without looking at any pipeline, and is for judging what has been built. ``{when}`` stands for a phrase such as "in the
second quarter of 2025".
"""

from __future__ import annotations

from typing import Literal

from companion.reasoning.filings.metrics import Metric
from companion.reasoning.filings.truth import MONTHS, Draw, Period, in_words

Wording = Literal["seen", "held back"]
Pair = dict[Wording, tuple[str, ...]]


def _pair(*texts: str) -> Pair:
    half = len(texts) // 2
    return {"seen": texts[:half], "held back": texts[half:]}


LITERAL = _pair(
    "What figure does {firm} give for {label} {when}?",
    "State {label} of {firm} {when}.",
    "{firm}: {label} {when}?",
    "Which value does {firm} show in the row {label} {when}?",
    "I need one number from {firm}: {label}, {when}.",
    "Look up {label} {when} for {firm}.",
)
"""In the words of the firm's own table."""

REWORDED = {
    "segment_1": _pair(
        "How much did {firm} sell in its segment {segment} {when}?",
        "What did {segment} bring {firm} {when}?",
        "What were the takings of {firm} from {segment} {when}?",
        "{when}, what did customers of {firm} pay for {segment}?",
    ),
    "segment_2": _pair(
        "How large were {firm}'s sales of {segment} {when}?",
        "What did {firm} turn over with {segment} {when}?",
        "How much business did {firm} do in {segment} {when}?",
        "What was {segment} worth in sales to {firm} {when}?",
    ),
    "revenue": _pair(
        "How much did {firm} sell {when}?",
        "What was the turnover of {firm} {when}?",
        "What was {firm}'s top line {when}?",
        "How much did customers bring in for {firm}, all told, {when}?",
    ),
    "cost": _pair(
        "What did it cost {firm} to make what it sold {when}?",
        "How high were {firm}'s direct costs {when}?",
        "How much went into the goods and services that {firm} delivered {when}?",
        "What had {firm} to spend on producing its sales {when}?",
    ),
    "gross_profit": _pair(
        "How much was left to {firm} after the direct costs {when}?",
        "What did {firm} earn before research and overhead {when}?",
        "What remained of {firm}'s sales once production was paid for {when}?",
        "By how much did {firm}'s sales exceed what they cost to produce {when}?",
    ),
    "gross_margin": _pair(
        "What share of its sales was left to {firm} after direct costs {when}?",
        "Which percentage of revenue was {firm}'s gross profit {when}?",
        "Of a hundred dollars sold, how many did {firm} keep after production {when}?",
        "What portion of {firm}'s takings was not eaten up by production {when}?",
    ),
    "research": _pair(
        "How much did {firm} spend on R&D {when}?",
        "What did {firm} spend on new products {when}?",
        "What went into the laboratories and drawing boards of {firm} {when}?",
        "How much did inventing cost {firm} {when}?",
    ),
    "overhead": _pair(
        "How high was the overhead of {firm} {when}?",
        "What did selling and administration cost {firm} {when}?",
        "What did {firm} pay for its offices and its sales force {when}?",
        "How much did running the firm cost {firm} {when}?",
    ),
    "operating_income": _pair(
        "What did {firm} earn from operations, before interest and taxes, {when}?",
        "How much EBIT did {firm} make {when}?",
        "What did the business of {firm} yield {when}, leaving aside lenders and the state?",
        "How much did {firm} make {when} before paying banks and tax offices?",
    ),
    "interest": _pair(
        "How much interest did {firm} pay, net, {when}?",
        "What did borrowing cost {firm} {when}?",
        "What did {firm} owe its lenders for the use of their money {when}?",
        "How much did loans weigh on {firm}'s result {when}?",
    ),
    "taxes": _pair(
        "How much tax did {firm} owe on its income {when}?",
        "What was the tax charge of {firm} {when}?",
        "What did the state take of {firm}'s earnings {when}?",
        "How much did {firm} set aside for the treasury {when}?",
    ),
    "net_income": _pair(
        "How much did {firm} earn after tax {when}?",
        "What profit was left to {firm} after all expenses {when}?",
        "What was {firm}'s bottom line {when}?",
        "What was left to the owners of {firm} when all was paid, {when}?",
    ),
    "eps": _pair(
        "How much did {firm} earn per share, diluted, {when}?",
        "What was the EPS of {firm} {when}?",
        "What fell to one share of {firm}, options counted, {when}?",
        "How many dollars of profit stood behind a share of {firm} {when}?",
    ),
    "cash": _pair(
        "How much money did {firm} have on hand {when}?",
        "How liquid was {firm} {when}: what was in its accounts?",
        "What lay in the bank for {firm} {when}?",
        "How much could {firm} have paid out at once {when}?",
    ),
    "debt": _pair(
        "How much did {firm} owe in the long term {when}?",
        "What had {firm} borrowed for more than a year {when}?",
        "What burden of loans beyond the coming year did {firm} carry {when}?",
        "How deep in the red with its long-run lenders was {firm} {when}?",
    ),
    "operating_cash": _pair(
        "How much cash did the business of {firm} generate {when}?",
        "What cash flow did {firm} have from operations {when}?",
        "What did day-to-day business leave in the till of {firm} {when}?",
        "How much money did {firm}'s trade throw off {when}?",
    ),
    "investment": _pair(
        "How much did {firm} invest in plant and equipment {when}?",
        "What was the capex of {firm} {when}?",
        "What did {firm} lay out for machines and buildings {when}?",
        "How much did {firm} put into things that last {when}?",
    ),
    "backlog": _pair(
        "How large was the order book of {firm} {when}?",
        "What orders had {firm} not yet filled {when}?",
        "How much work had {firm} in hand and not done {when}?",
        "What was still to be delivered by {firm}, in dollars, {when}?",
    ),
    "employees": _pair(
        "How many people worked for {firm} {when}?",
        "What was the size of {firm}'s staff {when}?",
        "How many were on the payroll of {firm} {when}?",
        "How many hands had {firm} {when}?",
    ),
}
"""In other words than those of tables."""

CHANGE = _pair(
    "By how much did {name} of {firm} change from {earlier} to {later}?",
    "How much higher or lower was {name} of {firm} in {later} than in {earlier}?",
    "Subtract {name} of {firm} in {earlier} from that in {later}.",
    "{firm}: what is the difference in {name} between {earlier} and {later}?",
)
TOTAL = _pair(
    "What was {name} of {firm} in the first three quarters of 2025 together?",
    "Add up {name} of {firm} over Q1, Q2 and Q3 2025.",
    "What did {name} of {firm} amount to in 2025 up to the end of September?",
    "From January to September 2025, what does {name} of {firm} come to?",
)
COMPARE = _pair(
    "Which had more in {later}, by {name}: {firm} or {other}?",
    "In {later}, was {name} higher at {firm} or at {other}?",
    "{firm} against {other}, {later}: who is ahead in {name}?",
    "Of {firm} and {other}, which shows the larger figure for {name} in {later}?",
)
HIGHEST = _pair(
    "In which quarter of 2025 was {name} of {firm} highest?",
    "In which of the first three quarters of 2025 did {name} of {firm} reach the most?",
    "When in 2025, by quarter, was {name} of {firm} at its peak?",
    "{firm} in 2025: name the quarter that tops the others in {name}.",
)
CONTRADICTION = _pair(
    "Which figure for {name} of {firm} {when} is right, and which document says otherwise?",
    "What was {name} of {firm} {when}, and do all its documents agree?",
    "I find two figures for {name} of {firm} {when}. Which one holds?",
    "Has {name} of {firm} {when} been corrected or misreported anywhere, and what is the valid figure?",
)
NEVER_REPORTED = _pair(
    "What were the carbon emissions of {firm} {when}?",
    "How much did {firm} spend on advertising in Brazil {when}?",
    "What was the dividend per share of {firm} {when}?",
    "What was the customer churn of {firm} {when}?",
    "How much did {firm} pay its chief executive {when}?",
    "How many patents were granted to {firm} {when}?",
    "What was the average selling price at {firm} {when}?",
    "How much water did {firm} use {when}?",
)
CAUSES = _pair(
    "What reason does {firm} give for its sales in {segment} in {period}?",
    "To what does {firm} attribute the {segment} figure of {period}?",
    "How does the management of {firm} explain what {segment} did in {period}?",
    "What was behind {firm}'s {segment} business in {period}?",
)


def when(draw: Draw, metric: Metric, period: Period, wording: Wording) -> str:
    """Write a phrase for a period, or for its end where the metric is a level."""
    if not period.quarter:
        at = ("at the end of {y}", "on December 31, {y}") if metric.stock else ("in FY{y}", "over the whole of {y}")
        return at[wording != "seen"].format(y=period.year)
    first, last = MONTHS[3 * period.quarter - 3], MONTHS[3 * period.quarter - 1]
    if metric.stock:
        seen = (f"at the end of {period.name}", f"at the end of the {period.words}")
        held_back = (f"on {in_words(period.last_day)}", f"when {last} {period.year} was over")
    else:
        seen = (f"in {period.name}", f"in the {period.words}")
        held_back = (f"between {first} and {last} {period.year}", f"in the three months to {last} {period.year}")
    return draw.pick(seen if wording == "seen" else held_back)


def polish(text: str) -> str:
    """Begin a question with a capital letter."""
    return text[:1].upper() + text[1:]
