"""Prices with a split, fundamentals that agree with the filings, and news."""

from __future__ import annotations

from itertools import pairwise
from statistics import stdev

from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.filings.market import FIRST_DAY, LAST_DAY, TRAILING, make_market

seeds = st.integers(min_value=0, max_value=10**9)
each_seed = settings(max_examples=6)


@each_seed
@given(seeds)
def test_unadjusted_prices_fall_by_the_ratio_of_the_split_and_adjusted_ones_do_not(seed: int) -> None:
    market = make_market(make_corpus(seed))
    (split,) = market.splits
    for ticker in {price.ticker for price in market.prices}:
        prices = [price for price in market.prices if price.ticker == ticker]
        assert [price.day for price in prices] == sorted({price.day for price in prices})
        assert all(price.day.weekday() < 5 and FIRST_DAY <= price.day <= LAST_DAY for price in prices)
        assert len(prices) == 261
        for before, after in pairwise(prices):
            assert abs(after.adjusted / before.adjusted - 1) < 0.15
            jump = before.close / after.close
            splits = ticker == split.ticker and after.day == split.day
            assert (abs(jump / split.ratio - 1) < 0.2) if splits else (abs(jump - 1) < 0.16)
        assert prices[-1].close == prices[-1].adjusted


@each_seed
@given(seeds)
def test_prices_move_as_shares_do(seed: int) -> None:
    market = make_market(make_corpus(seed))
    for ticker in {price.ticker for price in market.prices}:
        prices = [price.adjusted for price in market.prices if price.ticker == ticker]
        assert 0.007 < stdev(after / before - 1 for before, after in pairwise(prices)) < 0.03


@each_seed
@given(seeds)
def test_fundamentals_agree_with_prices_and_filings(seed: int) -> None:
    corpus = make_corpus(seed)
    market = make_market(corpus)
    (split,) = market.splits
    assert len(market.fundamentals) == 6
    assert sum(each.beta is None for each in market.fundamentals) == 2
    for each, ledger in zip(market.fundamentals, corpus.ledgers, strict=True):
        prices = [price for price in market.prices if price.ticker == each.ticker]
        assert (each.price, each.day) == (prices[-1].close, prices[-1].day)
        assert abs(each.market_cap - each.price * each.shares) < 0.06
        assert abs(each.pe - each.price / each.eps) < 0.06
        assert each.low <= each.price <= each.high
        told = sum(corpus.fact(ledger.firm.name, "revenue", period).value for period in TRAILING)
        assert abs(each.revenue - told) < 1e-6
        earned = sum(corpus.fact(ledger.firm.name, "net_income", period).value for period in TRAILING)
        assert abs(each.eps - earned / each.shares) < 0.006
        assert (each.shares * 10 == ledger.shares) == (each.ticker != split.ticker)


@each_seed
@given(seeds)
def test_news_have_every_tone_and_name_their_firm(seed: int) -> None:
    corpus = make_corpus(seed)
    market = make_market(corpus)
    assert len(market.news) == 24
    for firm in corpus.firms:
        told = [item for item in market.news if item.ticker == firm.ticker]
        assert {item.tone for item in told} == {"good", "bad", "neutral"}
        assert len({item.headline for item in told}) == 4
        assert all(firm.name in item.headline and "{" not in item.headline + item.body for item in told)
        assert all(item.day.weekday() < 5 and FIRST_DAY <= item.day <= LAST_DAY for item in told)
