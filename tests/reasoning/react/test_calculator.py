"""The calculator computes what is meant, to the last digit that it prints, and refuses the rest with a better way."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from companion.reasoning.react.calculator import DEPTH, FUNCTIONS, LONGEST, OPERATORS, CalculatorError, calculate

ADVICE = [
    ("2^10", "2**10", "1024"),
    ("5%", "5/100", "0.05"),
    ("200*5% - 3", "200*5/100 - 3", "7"),
    ("10% of 50", "10/100 * 50", "5"),
    ("$94.9 - $88.1", "94.9 - 88.1", "6.8"),
    ("1,000*2", "1000*2", "2000"),
    ("1,234,567 + 1", "1234567 + 1", "1234568"),
    ("max(2, 5) * 1,200", "max(2, 5) * 1200", "6000"),
    ("100/5%", "100/(5/100)", "2000"),
    ("2^50%", "2**(50/100)", "1.4142135623731"),
    ("(10%^2) * 3", "((10/100)**2) * 3", "0.03"),
    ("94.9 - 5%", "94.9*(1 - 5/100)", "90.155"),
    ("1 + 5%", "1 + 5/100", "1.05"),
    ("3x4", "3*4", "12"),
    ("3 × 4 ÷ 2", "3*4 / 2", "6"),
    ("−5 + 3", "-5 + 3", "-2"),
    ("2(3+4)", "2*(3+4)", "14"),
    ("(1+2)(3+4)", "(1+2)*(3+4)", "21"),
    ("200*1.1^2 =", "200*1.1**2", "242"),
    ("$50,000 * (1 + 4%)^2", "50000 * (1 + 4/100)**2", "54080"),
]


@pytest.mark.parametrize(("said", "better", "result"), ADVICE)
def test_a_refusal_says_what_to_write_and_that_can_be_computed(said: str, better: str, result: str) -> None:
    with pytest.raises(CalculatorError, match="write ") as refused:
        calculate(said)
    assert str(refused.value).endswith(f": write {better}")
    assert calculate(better) == result


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("0.3 - 0.1*3", "0"),
        ("1 // 0.1", "10"),
        ("round(2.675, 2)", "2.68"),
        ("round(1/3, 2) + floor(7/3)", "2.33"),
        ("1/3" + "*1e18%1" * 4, "0.333333333333333"),
        ("0.004*1", "0.004"),
        ("1/3", "0.333333333333333"),
        ("2**60", "1152921504606846976"),
        ("10**20 // 3", "33333333333333333333"),
        ("sqrt(2)*10**20", "1.4142135623731E+20"),
        ("sqrt(16) + log10(1000) + exp(0)", "8"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("7 % (-3)", "-2"),
        ("-2**2", "-4"),
        ("1/3 + floor(2)", "2.33333333333333"),
        ("max(1, 200, 5) - min(3) + abs(-4)", "201"),
        ("sum(1, 2, 3) + pow(2, 3) + ceil(0.5) + round(0.5)", "15"),
        ("-0", "0"),
    ],
)
def test_what_floats_get_wrong_is_right(expression: str, result: str) -> None:
    assert calculate(expression) == result


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "nothing to compute"),
        ("1+" * 31 + "1", "more than 30 operations"),
        ("9" * 201, "201 characters"),
        ("(" * 31 + "1" + ")" * 31, "31 brackets"),
        ("9**9**9", "an exponent is"),
        ("10**400", "more than 308 digits"),
        ("1e400", "more than 308 digits"),
        ("(1e-300/3)**2", "nearer to 0"),
        ("1/0", "divided by 0"),
        ("1 % 0", "divided by 0"),
        ("0**0", "no such number"),
        ("(-8)**(1/3)", "no such number"),
        ("log(0)", "no such number"),
        ("sqrt(1, 2)", "given 2 numbers"),
        ("min()", "given 0 numbers"),
        ("sin(1)", "no function sin"),
        ("pi", "pi is no number"),
        ("True", "True is no number"),
        ("0x10", "letters right after digits"),
        ("1 2", "is no expression"),
        ("1, 2", "two results"),
        ("a.b", "Attribute is not computed"),
        ("1 if 1 else 2", "IfExp is not computed"),
        ("round(1.5, 101)", "100 places"),
        ("1/3*3 - 1", "rounded off"),
        ("log(1/3*3)", "rounded off"),
        ("(" * 20 + "1/3*3" + ")**1e5" * 20, "rounded off"),
        ("1/3" + "*1e18%1" * 6, "rounded off"),
        ("sum(100,200,300)", "may mean one number or two: leave it out, or add a blank"),
        ("max(1,200, 5)", "may mean one number or two: leave it out, or add a blank"),
        ("floor(1/3*3)", "too near to where it is rounded"),
        ("__import__", "'_' is no part"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_a_reason(expression: str, why: str) -> None:
    with pytest.raises(CalculatorError, match=why):
        calculate(expression)


def test_there_are_seven_operators_and_twelve_functions() -> None:
    assert (len(OPERATORS), len(FUNCTIONS)) == (7, 12)


def test_python_warns_of_nothing_that_it_is_given() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in ("1if 1else 2", "1(2)", "1or 2", "0_1", "1.e5", "1is 1"):
            with pytest.raises(CalculatorError):
                calculate(text) and calculate("")


# Expressions, and their values as fractions

NUMBERS = st.decimals(min_value=0, max_value=10**6, places=3, allow_nan=False).map(
    lambda number: f"{number.normalize():f}"
)
Exact = tuple[str, Fraction]
SYMBOLS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda one, two: one + two,
    "-": lambda one, two: one - two,
    "*": lambda one, two: one * two,
    "/": lambda one, two: one / two,
    "//": lambda one, two: Fraction(one // two),
    "%": lambda one, two: one % two,
}


def two(symbol: str, one: Exact, other: Exact) -> Exact:
    assume(other[1] or symbol not in ("/", "//", "%"))
    return f"({one[0]} {symbol} ({other[0]}))", SYMBOLS[symbol](one[1], other[1])


EXPRESSIONS = st.recursive(
    NUMBERS.map(lambda text: (text, Fraction(text))),
    lambda inner: (
        st.builds(two, st.sampled_from([*SYMBOLS]), inner, inner) | inner.map(lambda each: (f"-{each[0]}", -each[1]))
    ),
    max_leaves=8,
)


def nearest(value: Fraction, digits: int) -> set[Decimal]:
    """Give the value rounded to so many digits; both neighbours where it lies in the middle."""
    if not value:
        return {Decimal(0)}
    exponent = len(str(abs(value.numerator))) - len(str(value.denominator)) - digits - 1
    while abs(value) >= Fraction(10) ** (digits + exponent):
        exponent += 1
    scaled = value / Fraction(10) ** exponent
    below = scaled.numerator // scaled.denominator
    near = min(abs(scaled - below), abs(scaled - below - 1))
    return {Decimal(whole).scaleb(exponent) for whole in (below, below + 1) if abs(scaled - whole) == near}


@settings(max_examples=150, deadline=None)
@given(EXPRESSIONS)
def test_each_digit_that_is_printed_is_that_of_the_exact_value(drawn: Exact) -> None:
    text, value = drawn
    assume(len(text) <= LONGEST)
    try:
        said = Decimal(calculate(text))
    except CalculatorError as refused:
        assert any(word in str(refused) for word in ("rounded", "operations within")), refused
        return
    near = nearest(value, 15)
    in_the_middle = nearest(value, 14) if len(near) == 2 else set()
    assert Fraction(said) == value or said in near | in_the_middle


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="0123456789+-*/%(),. eabsqrtround^$x", max_size=40) | st.text(max_size=60))
def test_any_text_is_a_number_or_a_refusal_in_one_line(text: str) -> None:
    try:
        assert Decimal(calculate(text)).is_finite()
    except CalculatorError as refused:
        assert "\n" not in str(refused) or "\n" in text


def test_the_deepest_expression_is_computed() -> None:
    assert calculate("1+" * DEPTH + "1") == str(DEPTH + 1)
