"""The figures of a firm, before anybody writes about them, and what goes wrong with them: restatements, press releases
that differ, and figures that are withheld.

A quarter is drawn as a few drivers; every other line follows from them, so that statements add up whatever is changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from companion.reasoning.filings.firms import Firm
from companion.reasoning.filings.metrics import METRICS, WITHHELD, Amounts
from companion.reasoning.filings.truth import Draw, Period

YEAR = Period(2024)
QUARTERS = (Period(2025, 1), Period(2025, 2), Period(2025, 3))
HEADLINES = ("revenue", "operating_income", "net_income", "eps", "cash", "backlog")
"""What a press release tells."""


@dataclass(frozen=True)
class Drivers:
    """What a period's statements follow from, in the units of `metrics`; `shares` in tenths of a million."""

    segment_1: int
    segment_2: int
    cost: int
    research: int
    overhead: int
    interest: int
    taxes: int
    shares: int
    cash: int
    debt: int
    operating_cash: int
    investment: int
    backlog: int
    employees: int

    def amounts(self) -> Amounts:
        """Give every line of the statements."""
        revenue = self.segment_1 + self.segment_2
        gross = revenue - self.cost
        operating = gross - self.research - self.overhead
        net = operating - self.interest - self.taxes
        found = {key: value for key, value in vars(self).items() if key in METRICS} | {
            "revenue": revenue,
            "gross_profit": gross,
            "gross_margin": (gross * 2000 + revenue) // (2 * revenue),
            "operating_income": operating,
            "net_income": net,
            "eps": (net * 200 + self.shares) // (2 * self.shares),
        }
        return {key: found[key] for key in METRICS}


@dataclass(frozen=True)
class Restatement:
    """A quarter's figures that the next 10-Q corrects: the amounts that differ, and why."""

    firm: str
    period: Period
    before: Amounts
    after: Amounts
    why: str


@dataclass(frozen=True)
class Difference:
    """A figure of a press release that is not that of the 10-Q."""

    firm: str
    period: Period
    metric: str
    said: int
    right: int
    why: str


@dataclass(frozen=True)
class Gap:
    """A figure that no document gives; `said` when the filing says that it is withheld."""

    firm: str
    metric: str
    period: Period
    said: bool


@dataclass(frozen=True)
class Ledger:
    """A firm's figures: as first reported, as they stand now, and what is wrong with them."""

    firm: Firm
    first: dict[Period, Amounts]
    final: dict[Period, Amounts]
    shares: int
    restatements: tuple[Restatement, ...] = ()
    differences: tuple[Difference, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def is_missing(self, metric: str, period: Period) -> bool:
        """Tell whether no document gives the figure."""
        return any((gap.metric, gap.period) == (metric, period) for gap in self.gaps)


def draw_ledgers(seed: int, firms: tuple[Firm, ...]) -> tuple[Ledger, ...]:
    """Draw the figures of all firms; what goes wrong is spread over them."""
    ledgers = [_healthy(Draw(seed, "figures", firm.name), firm) for firm in firms]
    draw = Draw(seed, "faults")
    order = draw.shuffled(range(len(ledgers)))
    periods = draw.shuffled(QUARTERS[:2])
    for n, period, restate in zip(order[:2], periods, draw.shuffled((_booked_early, _wrong_line)), strict=True):
        ledgers[n] = restate(draw, ledgers[n], period)
    metrics = draw.shuffled(HEADLINES)
    for n, metric, differ in zip(order[2:5], metrics[:3], draw.shuffled((_swapped, _early, _early)), strict=True):
        ledgers[n] = differ(draw, ledgers[n], metric, draw.pick(QUARTERS))
    withheld = draw.shuffled(WITHHELD)
    for n, metric in zip(draw.shuffled(range(len(ledgers))), withheld, strict=True):
        ledgers[n] = _withhold(draw, ledgers[n], metric)
    return tuple(ledgers)


def _healthy(draw: Draw, firm: Firm) -> Ledger:
    """Draw eleven quarters that grow or shrink a little, and sum them up in years."""
    size, share = draw.between(500, 6000), draw.between(35, 70)
    rates = [draw.between(48, 62), draw.between(5, 9), draw.between(12, 17)]  # cost, research, overhead
    shares, employees = draw.between(size // 8, size // 4), draw.between(size // 2, size * 2)
    cash, debt = draw.between(size // 2, size), draw.between(size // 2, size * 2)
    interest, quarters = draw.between(8, 14), {}
    for period in [Period(year, quarter) for year in (2023, 2024, 2025) for quarter in (1, 2, 3, 4)][:11]:
        size = size * draw.between(955, 1085) // 1000
        share = min(75, max(30, share + draw.between(-2, 2)))
        first = size * share // 100
        cost, research, overhead = (size * (10 * rate + draw.between(-9, 9)) // 1000 for rate in rates)
        interest_now = max(1, debt * interest // 1000)
        before_tax = size - cost - research - overhead - interest_now
        inflow = before_tax * draw.between(70, 130) // 100 + size // 40
        investment = inflow * draw.between(25, 70) // 100
        debt -= debt * draw.between(-30, 50) // 1000
        cash = max(cash * 3 // 4, cash + (inflow - investment) * draw.between(-60, 80) // 100)
        employees += employees * draw.between(-20, 35) // 1000
        quarters[period] = Drivers(
            first, size - first, cost, research, overhead, interest_now, before_tax * draw.between(19, 26) // 100,
            shares, cash, debt, inflow, investment, size * draw.between(70, 160) // 100, employees,
        )  # fmt: skip
    years = {Period(year): _year([quarters[Period(year, n)] for n in (1, 2, 3, 4)]) for year in (2023, 2024)}
    amounts = {period: drivers.amounts() for period, drivers in (quarters | years).items()}
    return Ledger(firm, amounts, dict(amounts), shares)


def _year(quarters: list[Drivers]) -> Drivers:
    """Add up flows; levels are those at the year's end."""
    flows = [key for key in vars(quarters[0]) if key != "shares" and not METRICS[key].stock]
    return replace(quarters[-1], **{key: sum(getattr(quarter, key) for quarter in quarters) for key in flows})


def _drivers(ledger: Ledger, period: Period) -> Drivers:
    amounts = ledger.first[period]
    known = {key: amounts[key] for key in Drivers.__dataclass_fields__ if key != "shares"}
    return Drivers(**known, shares=ledger.shares)


def _restated(ledger: Ledger, period: Period, corrected: Drivers, why: str) -> Ledger:
    old, new = ledger.first[period], corrected.amounts()
    changed = [key for key in METRICS if old[key] != new[key]]
    told = Restatement(
        ledger.firm.name, period, {key: old[key] for key in changed}, {key: new[key] for key in changed}, why
    )
    return replace(ledger, final=ledger.final | {period: new}, restatements=(*ledger.restatements, told))


def _booked_early(draw: Draw, ledger: Ledger, period: Period) -> Ledger:
    """Correct revenue that was recognized before the goods had left: all lines down to earnings per share change."""
    drivers = _drivers(ledger, period)
    early = max(4, drivers.segment_1 * draw.between(20, 45) // 1000)
    corrected = replace(
        drivers, segment_1=drivers.segment_1 - early, taxes=drivers.taxes - early // 5,
        cost=drivers.cost - early * 2 // 5,
    )  # fmt: skip
    return _restated(ledger, period, corrected, "revenue was recognized before control had passed to the customer")


def _wrong_line(draw: Draw, ledger: Ledger, period: Period) -> Ledger:
    """Correct costs that stood in the wrong line: gross profit changes, net income does not."""
    drivers = _drivers(ledger, period)
    moved = max(4, drivers.overhead * draw.between(60, 120) // 1000)
    corrected = replace(drivers, cost=drivers.cost + moved, overhead=drivers.overhead - moved)
    return _restated(ledger, period, corrected, "costs of delivery had been entered as administrative expense")


def _differing(ledger: Ledger, metric: str, period: Period, said: int, why: str) -> Ledger:
    right = ledger.first[period][metric]
    told = Difference(ledger.firm.name, period, metric, said, right, why)
    return replace(ledger, differences=(*ledger.differences, told))


def _swapped(draw: Draw, ledger: Ledger, metric: str, period: Period) -> Ledger:
    """Swap two neighboring digits that differ; where there are none, fall back on an early figure."""
    digits = str(ledger.first[period][metric])
    places = [n for n in range(len(digits) - 1) if digits[n] != digits[n + 1] and (n or digits[1] != "0")]
    if not places:
        return _early(draw, ledger, metric, period)
    n = draw.pick(places)
    said = int(digits[:n] + digits[n + 1] + digits[n] + digits[n + 2 :])
    return _differing(ledger, metric, period, said, "two digits were swapped in the press release")


def _early(draw: Draw, ledger: Ledger, metric: str, period: Period) -> Ledger:
    """Let the press release give a figure from before the books were closed."""
    right = ledger.first[period][metric]
    by = max(1, right * draw.between(15, 60) // 1000)
    said = right + by if draw.chance(60) else max(1, right - by)
    said = said if said != right else right + by
    return _differing(ledger, metric, period, said, "the press release came out before the books were closed")


def _withhold(draw: Draw, ledger: Ledger, metric: str) -> Ledger:
    """Leave a figure out, in a quarter in which nothing else is wrong with it."""
    taken = {(told.metric, told.period) for told in ledger.differences}
    period = draw.pick([period for period in QUARTERS if (metric, period) not in taken])
    gap = Gap(ledger.firm.name, metric, period, draw.chance(50))
    return replace(ledger, gaps=(*ledger.gaps, gap))
