"""Figures that add up, and what goes wrong with them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.filings.firms import draw_firms
from companion.reasoning.filings.ledger import QUARTERS, YEAR, Ledger, draw_ledgers
from companion.reasoning.filings.metrics import METRICS
from companion.reasoning.filings.truth import Period

seeds = st.integers(min_value=0, max_value=10**9)
each_seed = settings(max_examples=40)


def ledgers(seed: int) -> tuple[Ledger, ...]:
    return draw_ledgers(seed, draw_firms(seed)[0])


@each_seed
@given(seeds)
def test_every_amount_is_above_zero_and_every_firm_earns_money(seed: int) -> None:
    for ledger in ledgers(seed):
        for amounts in [*ledger.first.values(), *ledger.final.values()]:
            assert amounts.keys() == METRICS.keys()
            assert min(amounts.values()) > 0


@each_seed
@given(seeds)
def test_a_year_is_its_four_quarters(seed: int) -> None:
    for ledger in ledgers(seed):
        quarters = [ledger.first[Period(2024, n)] for n in (1, 2, 3, 4)]
        for key in ("revenue", "net_income", "segment_1", "operating_cash"):
            assert ledger.first[YEAR][key] == sum(amounts[key] for amounts in quarters)
        for key, metric in METRICS.items():
            assert not metric.stock or ledger.first[YEAR][key] == quarters[-1][key]


@each_seed
@given(seeds)
def test_earnings_per_share_and_margin_follow_from_the_statements(seed: int) -> None:
    for ledger in ledgers(seed):
        for amounts in ledger.final.values():
            assert abs(amounts["eps"] - 100 * amounts["net_income"] / ledger.shares) <= 0.5
            assert abs(amounts["gross_margin"] - 1000 * amounts["gross_profit"] / amounts["revenue"]) <= 0.5


@each_seed
@given(seeds)
def test_faults_are_spread_and_do_not_meet(seed: int) -> None:
    found = ledgers(seed)
    restated = [told for ledger in found for told in ledger.restatements]
    differing = [told for ledger in found for told in ledger.differences]
    assert (len(restated), len(differing)) == (2, 3)
    assert len({told.firm for told in restated} | {told.firm for told in differing}) == 5
    assert {told.period for told in restated} == set(QUARTERS[:2])
    changed = [len(told.before) for told in restated]
    assert min(changed) >= 3 and max(changed) >= 7  # costs in the wrong line, and revenue too early
    for each in differing:
        assert each.said != each.right and each.said > 0
    gaps = [gap for ledger in found for gap in ledger.gaps]
    assert len({gap.firm for gap in gaps}) == len({gap.metric for gap in gaps}) == 6
    assert not {(gap.firm, gap.metric, gap.period) for gap in gaps} & {
        (each.firm, each.metric, each.period) for each in differing
    }
