"""The formula keeps its closed forms: parity, limits, and slopes that are its own differences."""

from __future__ import annotations

from math import exp, inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.react.black_scholes import Kind, OptionError, black_scholes

TERMS = st.fixed_dictionaries(
    {
        "spot": st.floats(10, 500),
        "strike": st.floats(10, 500),
        "years": st.floats(0.05, 5),
        "rate": st.floats(-0.02, 0.15),
        "volatility": st.floats(0.05, 1.2),
        "dividends": st.floats(0, 0.08),
    }
)
Terms = dict[str, float]


def test_the_price_of_the_textbooks() -> None:
    """Hull, Options, Futures, and Other Derivatives: 42, 40, half a year, 10 %, 20 %: 4.76 and 0.81."""
    terms = {"spot": 42.0, "strike": 40.0, "years": 0.5, "rate": 0.1, "volatility": 0.2}
    assert round(black_scholes("call", **terms).price, 2) == 4.76
    assert round(black_scholes("put", **terms).price, 2) == 0.81


@pytest.mark.parametrize(
    "extreme",
    [{"years": 1e9, "rate": -0.05}, {"years": 1e-320, "volatility": 1e-320}, {"spot": 1e-320, "strike": 1e300}],
)
def test_figures_that_overflow_the_formula_are_refused(extreme: Terms) -> None:
    terms = {"spot": 100.0, "strike": 100.0, "years": 1.0, "rate": 0.05, "volatility": 0.2}
    with pytest.raises(OptionError, match="too large or too small"):
        black_scholes("put", **(terms | extreme))


@settings(max_examples=80, deadline=None)
@given(TERMS)
def test_a_call_less_a_put_is_the_share_less_the_strike(terms: Terms) -> None:
    call, put = black_scholes("call", **terms), black_scholes("put", **terms)
    share = terms["spot"] * exp(-terms["dividends"] * terms["years"])
    cash = terms["strike"] * exp(-terms["rate"] * terms["years"])
    assert call.price - put.price == pytest.approx(share - cash, abs=1e-10 * (share + cash))
    assert call.delta - put.delta == pytest.approx(share / terms["spot"], abs=1e-12)
    assert (call.gamma, call.vega) == (put.gamma, put.vega)


@settings(max_examples=60, deadline=None)
@given(TERMS, st.sampled_from(["call", "put"]))
def test_each_greek_is_the_slope_of_the_price(terms: Terms, kind: Kind) -> None:
    def price(**changed: float) -> float:
        return black_scholes(kind, **(terms | changed)).price

    def slope(name: str, step: float) -> float:
        at = terms[name]
        return (price(**{name: at + step}) - price(**{name: at - step})) / (2 * step)

    option = black_scholes(kind, **terms)
    spot, step = terms["spot"], 1e-3 * terms["spot"]
    gamma = (price(spot=spot + step) - 2 * price() + price(spot=spot - step)) / step**2
    assert option.delta == pytest.approx(slope("spot", 1e-4 * spot), rel=1e-3, abs=1e-3)
    assert option.gamma == pytest.approx(gamma, rel=1e-3, abs=1e-3)
    assert option.vega == pytest.approx(slope("volatility", 1e-5), rel=1e-3, abs=1e-3)
    assert option.rho == pytest.approx(slope("rate", 1e-5), rel=1e-3, abs=1e-3)
    assert option.theta == pytest.approx(-slope("years", 1e-5), rel=1e-3, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(TERMS)
def test_an_option_is_worth_no_less_than_its_exercise_and_no_more_than_its_share(terms: Terms) -> None:
    share = terms["spot"] * exp(-terms["dividends"] * terms["years"])
    cash = terms["strike"] * exp(-terms["rate"] * terms["years"])
    call = black_scholes("call", **terms).price
    assert max(0, share - cash) - 1e-9 * (share + cash) <= call <= share + 1e-9 * share


@pytest.mark.parametrize(("name", "value"), [("spot", 0), ("strike", -1), ("years", 0), ("volatility", 0),
                                             ("rate", nan), ("spot", inf), ("dividends", inf)])  # fmt: skip
def test_a_figure_that_makes_no_sense_is_named(name: str, value: float) -> None:
    terms = {"spot": 100.0, "strike": 100.0, "years": 1.0, "rate": 0.0, "volatility": 0.2} | {name: value}
    with pytest.raises(OptionError, match=f"{name} is"):
        black_scholes("call", **terms)
