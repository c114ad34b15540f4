"""The price of a European option by Black and Scholes, and what it is sensitive to.

    >>> from companion.reasoning.react.black_scholes import black_scholes
    >>> round(black_scholes("call", spot=100, strike=100, years=1, rate=0.05, volatility=0.2).price, 4)
    10.4506

Every quantity is per unit: `vega` and `rho` are for a change of 1, so for one percentage point take a hundredth, and
`theta` is for a year, so for a day take a 365th. Libraries differ in this, and say so in their documentation or not.
The formula supposes that the volatility is known and stays, that prices do not jump, and that nobody exercises early.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, exp, isfinite, log, pi, sqrt
from typing import Literal

from companion.errors import CompanionError

Kind = Literal["call", "put"]


class OptionError(CompanionError, ValueError):
    """An option that has no price by this formula; the message says which of its figures is the reason."""


@dataclass(frozen=True)
class Option:
    """What an option is worth, in the currency of its share, and how that changes.

    Attributes
    ----------
    price : float
        Of an option on one share.
    delta, gamma : float
        Its first and second derivative by the share's price.
    vega, rho : float
        By the volatility and by the rate, each for a change of 1.
    theta : float
        By the time that passes, for a year.
    """

    price: float
    delta: float
    gamma: float
    vega: float
    theta: float
    rho: float


def black_scholes(
    kind: Kind, *, spot: float, strike: float, years: float, rate: float, volatility: float, dividends: float = 0.0
) -> Option:
    """Price an option.

    Parameters
    ----------
    kind : str
        ``call`` or ``put``.
    spot, strike : float
        The share's price now, and the one that is agreed on.
    years : float
        Until it ends.
    rate, dividends : float
        What money earns and what the share pays, a year, with continuous compounding: 0.05 is 5 %.
    volatility : float
        The standard deviation of the share's logarithmic return in a year: 0.2 is 20 %.

    Raises
    ------
    OptionError
        If a figure is not finite, spot, strike, years or volatility are not above 0, or all are too large or small.
    """
    given = {"spot": spot, "strike": strike, "years": years, "volatility": volatility}
    for name, value in {**given, "rate": rate, "dividends": dividends}.items():
        if not isfinite(value) or (name in given and value <= 0):
            raise OptionError(f"{name} is {value:g}, and has to be {'above 0' if name in given else 'a number'}")
    try:
        return _option(1 if kind == "call" else -1, spot, strike, years, rate, volatility, dividends)
    except (ArithmeticError, ValueError):  # of exp, log and division, for figures that no market has
        raise OptionError("these figures are too large or too small for the formula") from None


def _option(
    sign: int, spot: float, strike: float, years: float, rate: float, volatility: float, dividends: float
) -> Option:
    root = volatility * sqrt(years)
    one = (log(spot / strike) + (rate - dividends) * years) / root + root / 2
    two = one - root
    share, cash = spot * exp(-dividends * years), strike * exp(-rate * years)  # today's worth of either side
    density = exp(-one * one / 2) / sqrt(2 * pi)
    held, paid = sign * share * _normal(sign * one), sign * cash * _normal(sign * two)
    return Option(
        price=held - paid,
        delta=held / spot,
        gamma=share * density / (spot * spot * root),
        vega=share * density * sqrt(years),
        theta=-share * density * volatility / (2 * sqrt(years)) + dividends * held - rate * paid,
        rho=years * paid,
    )


def _normal(x: float) -> float:
    """Give the chance that a standard normal draw is below x."""
    return (1 + erf(x / sqrt(2))) / 2
