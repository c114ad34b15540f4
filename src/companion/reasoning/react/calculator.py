"""A calculator for expressions that a stranger has written: it computes, and can do nothing else.

    >>> from companion.reasoning.react.calculator import calculate
    >>> calculate("(94.9 - 88.1) / 88.1 * 100")
    '7.71850170261067'
    >>> calculate("2^10")
    Traceback (most recent call last):
    ...
    companion.reasoning.react.calculator.CalculatorError: ^ is no operator here: write 2**10

A model's output is a stranger's, and `eval` gives strangers everything, whatever is cut out of the text before. So the
text is not run. Python's own parser turns it into a tree, and the tree is walked: numbers, seven operators and twelve
functions are known, and any other node is refused. What is computed is bounded before it is computed: in characters,
brackets and depth, and each number in its size, since a decimal of a hundred digits whose exponent may not pass 308
cannot grow. (Python's integers can: `9**9**9` has 369,693,100 digits.)

A hundred digits and not a float's sixteen, because an answer is to be right to the last digit that is printed:
``0.3 - 0.1*3`` is 0, ``round(2.675, 2)`` is 2.68, and ``1 // 0.1`` is 10. What has been rounded is carried as two
ends, and the true value lies between them: an error that a subtraction, a logarithm or a power magnifies is seen to
grow. An exact result is given in full, any other to fifteen digits; where too few would be right, there is no answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, Underflow
from decimal import localcontext as arithmetic
from functools import reduce
from itertools import product

from companion.errors import CompanionError

LONGEST, BRACKETS, DEPTH = 200, 30, 30
"""Characters, opening brackets, and levels of the tree."""

DIGITS, SHOWN, LARGEST = 100, 15, 308
"""Digits that are carried, and given where the result is not exact; the exponent that no number may pass."""

PLAIN = 50
"""Up to so many digits a result is written without an exponent."""

STEEPEST = 100_000
"""The largest exponent: beyond it only bases next to 1 have a power that is short enough."""

_ALLOWED = re.compile(r"[0-9A-Za-z+\-*/%(),. ]+")
_GLUED = re.compile(r"\d(?![eE][-+]?\d)[A-Za-z]")
_GROUPS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)")
_SIGNED = re.compile(r"%\s*[-+]")

CERTAIN = Decimal("1e-20")
"""How far apart the two ends of a number may be, as a share of it."""

Number = tuple[Decimal, Decimal]
"""Between which values it lies; one value twice, where it is exact."""

_WIDE = Context(prec=DIGITS, Emax=9 * LARGEST, Emin=-9 * LARGEST)
"""Moves an end of a number outwards, which may pass what a result may not."""


class CalculatorError(CompanionError, ValueError):
    """An expression that is not computed; the message says what to write instead, where that can be told."""


def calculate(expression: str) -> str:
    """Compute an expression.

    Parameters
    ----------
    expression : str
        Numbers with ``+ - * / // % **`` and brackets, and the functions of `FUNCTIONS`.

    Returns
    -------
    str
        The result in plain decimals, or with an exponent where it has more than fifty digits.

    Raises
    ------
    CalculatorError
        For anything else, and where there is no result.
    """
    text = expression.strip()
    try:
        return _calculate(text)
    except CalculatorError as error:
        if (better := _instead(text)) == text:
            raise
        try:
            _calculate(better)
        except CalculatorError:
            raise error from None
        raise CalculatorError(f"{_why(text)}: write {better}") from None


def _calculate(text: str) -> str:
    return _shown(_value(_parse(text), text))


def _parse(text: str) -> ast.expr:
    if not text:
        raise CalculatorError("there is nothing to compute: write an expression, such as 2*(3+4)")
    if len(text) > LONGEST:
        raise CalculatorError(f"{len(text)} characters: an expression has {LONGEST} at most")
    if not _ALLOWED.fullmatch(text):
        strange = next(each for each in text if not _ALLOWED.fullmatch(each))
        raise CalculatorError(f"{strange!a} is no part of an expression: write digits, + - * / // % ** ( ) , .")
    if text.count("(") > BRACKETS:
        raise CalculatorError(f"{text.count('(')} brackets are opened: an expression has {BRACKETS} at most")
    if _GROUPS.search(text):
        raise CalculatorError("a comma between digits may mean one number or two: leave it out, or add a blank")
    if _SIGNED.search(text):
        raise CalculatorError("% before a sign may mean a percentage or a remainder: write 5/100, or 5 % (-3)")
    if _GLUED.search(text):
        raise CalculatorError(f"{text!r} has letters right after digits: write one such as 2*(3+4)")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise CalculatorError(f"{text!r} is no expression: write one such as 2*(3+4)") from None
    if _depth(tree) > DEPTH:
        raise CalculatorError(f"more than {DEPTH} operations within each other: write sum(1, 2, 3) instead of 1+2+3")
    return tree


def _depth(node: ast.AST) -> int:
    """Count the levels of a tree; without recursion, since the tree has not been bounded yet."""
    level, depth = [node], 0
    while level := [child for each in level for child in ast.iter_child_nodes(each) if isinstance(child, ast.expr)]:
        depth += 1
    return depth


def _value(node: ast.expr, text: str) -> Number:
    """Compute a node by what it is; what is not in this list is not computed."""
    match node:
        case ast.Constant():
            return _number(text[node.col_offset : node.end_col_offset])
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            low, high = _value(node.operand, text)
            return (high.copy_negate(), low.copy_negate()) if isinstance(node.op, ast.USub) else (low, high)
        case ast.BinOp() if type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](_value(node.left, text), _value(node.right, text))
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in FUNCTIONS:
            return _call(FUNCTIONS[name], [_value(argument, text) for argument in node.args])
    raise CalculatorError(_not_computed(node))


def _call(function: Callable[..., Number], numbers: list[Number]) -> Number:
    try:
        return function(*numbers)
    except TypeError:
        count = "1 number" if len(numbers) == 1 else f"{len(numbers)} numbers"
        raise CalculatorError(f"a function was given {count}, which it does not take") from None


def _do(function: Callable[..., Decimal], *numbers: Number) -> Number:
    """Apply a function that only rises or only falls in each of its numbers: what lies between comes out between."""
    low, high, is_rounded = _ends(function, numbers)
    if is_rounded:
        low = _WIDE.subtract(low, low.copy_abs().scaleb(2 - DIGITS, _WIDE))
        high = _WIDE.add(high, high.copy_abs().scaleb(2 - DIGITS, _WIDE))
    if _WIDE.subtract(high, low) > _WIDE.multiply(max(low.copy_abs(), high.copy_abs()), CERTAIN):
        raise CalculatorError("too few digits are certain: of almost equal numbers what had been rounded off is left")
    return low, high


def _step(function: Callable[..., Decimal], *numbers: Number) -> Number:
    """Apply a function that rounds to a whole step: if the ends give two steps, nobody knows which is right."""
    low, high, _ = _ends(function, numbers)
    if low != high:
        raise CalculatorError("a number lies too near to where it is rounded, and has been rounded before")
    return low, high


def _ends(function: Callable[..., Decimal], numbers: Sequence[Number]) -> tuple[Decimal, Decimal, bool]:
    """Apply a function to all ends of numbers; give the least and the largest result, and whether one is rounded."""
    traps = [DivisionByZero, InvalidOperation, Overflow, Underflow]
    with arithmetic(Context(prec=DIGITS, Emax=LARGEST, Emin=-LARGEST, traps=traps)) as context:
        try:
            values = [function(*ends) for ends in product(*({*number} for number in numbers))]
        except Overflow:
            raise CalculatorError(f"a number has more than {LARGEST} digits") from None
        except Underflow:
            raise CalculatorError(f"a number is nearer to 0 than 1e-{LARGEST}") from None
        except (DivisionByZero, InvalidOperation):
            raise CalculatorError("there is no such number") from None
        if not all(value.is_finite() for value in values):
            raise CalculatorError("there is no such number")
        return min(values), max(values), context.flags[Inexact]


def _number(text: str) -> Number:
    """Read a number as it stands there, not as a float of it."""
    if not text[0].isdigit() and text[0] != ".":  # True and None are constants of Python's
        raise CalculatorError(f"{text} is no number")
    return _do(lambda: +Decimal(text))


def _not_computed(node: ast.expr) -> str:
    there_are = f"there are {', '.join(FUNCTIONS)}"
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return f"there is no function {name} with such arguments: {there_are}"
        case ast.Call():
            return "a bracket follows a number: write * between them, as in 2*(3+4)"
        case ast.Name(id=name):
            return f"{name} is no number: write one; {there_are}"
        case ast.Tuple():
            return "two results: write one expression, and no comma in a number"
        case _:
            return f"{type(node).__name__} is not computed: write numbers, + - * / // % ** and brackets"


# What is computed


def _add(one: Number, two: Number) -> Number:
    return _do(lambda a, b: a + b, one, two)


def _subtract(one: Number, two: Number) -> Number:
    return _do(lambda a, b: a - b, one, two)


def _multiply(one: Number, two: Number) -> Number:
    return _do(lambda a, b: a * b, one, two)


def _divide(one: Number, two: Number) -> Number:
    _check_divisor(two)
    return _do(lambda a, b: a / b, one, two)


def _check_divisor(number: Number) -> None:
    if not any(number):
        raise CalculatorError("nothing can be divided by 0")


def _whole(one: Number, two: Number) -> Number:
    """Divide and round down, as Python does."""
    _check_divisor(two)

    def down(a: Decimal, b: Decimal) -> Decimal:
        _check_length(a.adjusted() - b.adjusted() if a else 0)
        left = a % b
        return a // b - (1 if left and (left < 0) != (b < 0) else 0)

    return _step(down, one, two)


def _remainder(one: Number, two: Number) -> Number:
    """Give the remainder with the sign of the divisor, as Python does."""
    _whole(one, two)

    def left_of(a: Decimal, b: Decimal) -> Decimal:
        left = a % b
        return left + b if left and (left < 0) != (b < 0) else left

    return _do(left_of, one, two)


def _power(base: Number, exponent: Number) -> Number:
    if max(abs(end) for end in exponent) > STEEPEST:
        raise CalculatorError(f"an exponent is {STEEPEST} at most")
    return _do(lambda a, b: a**b, base, exponent)


def _round(value: Number, digits: Number = (Decimal(0), Decimal(0))) -> Number:
    """Round as Python and banks do: what lies in the middle goes to the even neighbour."""
    places = digits[0]
    if digits[1] != places or places != places.to_integral_value() or abs(places) > DIGITS:
        raise CalculatorError(f"a number is rounded to at most {DIGITS} places, and to whole ones")
    step = Decimal(1).scaleb(-int(places))

    def rounded(a: Decimal) -> Decimal:
        if a == a.to_integral_value() and places >= 0:
            return a
        _check_length(a.adjusted() + int(places))
        return a.quantize(step)

    return _step(rounded, value)


def _check_length(digits: int) -> None:
    if digits >= DIGITS - 1:
        raise CalculatorError(f"a number is rounded or divided to {DIGITS - 1} digits at most")


def _floor(value: Number) -> Number:
    return _whole(value, (Decimal(1), Decimal(1)))


def _ceiling(value: Number) -> Number:
    low, high = _floor((value[1].copy_negate(), value[0].copy_negate()))
    return high.copy_negate(), low.copy_negate()


def _smaller(one: Number, two: Number) -> Number:
    return min(one[0], two[0]), min(one[1], two[1])


def _larger(one: Number, two: Number) -> Number:
    return max(one[0], two[0]), max(one[1], two[1])


OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: _add,
    ast.Sub: _subtract,
    ast.Mult: _multiply,
    ast.Div: _divide,
    ast.FloorDiv: _whole,
    ast.Mod: _remainder,
    ast.Pow: _power,
}

FUNCTIONS: dict[str, Callable[..., Number]] = {
    "abs": lambda value: _do(abs, value),
    "round": _round,
    "floor": _floor,
    "ceil": _ceiling,
    "min": lambda first, *more: reduce(_smaller, more, first),
    "max": lambda first, *more: reduce(_larger, more, first),
    "sum": lambda *values: reduce(_add, values, (Decimal(0), Decimal(0))),
    "pow": lambda base, exponent: _power(base, exponent),
    "sqrt": lambda value: _do(Decimal.sqrt, value),
    "exp": lambda value: _do(Decimal.exp, value),
    "log": lambda value: _do(Decimal.ln, value),
    "log10": lambda value: _do(Decimal.log10, value),
}


def _shown(number: Number) -> str:
    """Write a result with no digit that is not known: both ends have to be rounded to the same."""
    exact = number[0] == number[1]
    value = number[0]
    for digits in range(SHOWN, 0, -1) if not exact else ():
        value, other = (Context(prec=digits).plus(end) for end in number)
        if value == other:
            break
    value = value.normalize(Context(prec=DIGITS))
    if not value:
        return "0"
    digits = PLAIN if exact else SHOWN
    return f"{value:f}" if -PLAIN < value.adjusted() < digits else str(value)


# What to write instead

_GROUPED = re.compile(rf"(?<!\w\()(?<!,)(?<!, ){_GROUPS.pattern}(?!\s*,)")
"""Thousands, and not the numbers that a function is given."""

_TIGHT = (
    r"(?:(?<=[/^])|(?<=[/^] )|(?<=\*\*)|(?<=\*\* ))([\d.]+)\s*%(?=\s*(?:$|[-+*/)^,]))"
    r"|([\d.]+)\s*%(?=\s*(?:\^|\*\*))"
)
"""A percentage that is divided by, or raised to a power: without brackets it would fall apart."""

_INSTEAD = (
    ("a currency is no part of a number", re.compile(r"[$€£]\s*(?=[\d.])"), ""),
    ("a comma between digits may mean one number or two", _GROUPED, lambda found: found[0].replace(",", "")),
    ("^ is no operator here", re.compile(r"\^"), "**"),
    ("× is written *", re.compile(r"(?<=[\d)])(?<!\b0)\s*[x×·]\s*(?=[\d(.])"), "*"),
    ("÷ is written /", re.compile(r"÷"), "/"),
    ("a minus is written -", re.compile(r"[−–]"), "-"),
    ("% is what is left by a division, not a percentage", re.compile(r"\s*%\s*of\s+"), "/100 * "),
    ("so many % more or less is a product", re.compile(r"^(?!1\s*[-+])([\d.]+)\s*([-+])\s*([\d.]+)\s*%$"),
     r"\1*(1 \2 \3/100)"),
    ("% is what is left by a division, not a percentage", re.compile(_TIGHT), r"(\1\2/100)"),
    ("% is what is left by a division, not a percentage", re.compile(r"(?<=\d)\s*%(?=\s*(?:$|[-+*/)^,]))"), "/100"),
    ("the question is asked without =", re.compile(r"\s*=\s*\??$"), ""),
    ("a bracket follows a number", re.compile(r"(?<=[\d)])(?<!log10)\s*(?=\()"), "*"),
)  # fmt: skip


def _instead(text: str) -> str:
    """Write an expression as it was most likely meant."""
    if len(text) > LONGEST:
        return text
    for _, pattern, replacement in _INSTEAD:
        text = pattern.sub(replacement, text)
    return text


def _why(text: str) -> str:
    return next(why for why, pattern, _ in _INSTEAD if pattern.search(text))
