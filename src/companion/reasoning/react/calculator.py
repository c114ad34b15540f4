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
``0.3 - 0.1*3`` is 0, ``round(2.675, 2)`` is 2.68, and ``1 // 0.1`` is 10. An exact result is given in full, any other
to fifteen digits; where fewer would be right, because almost equal numbers were subtracted, there is no answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, Underflow, getcontext
from decimal import localcontext as arithmetic

from companion.errors import CompanionError

LONGEST, BRACKETS, DEPTH = 200, 30, 30
"""Characters, opening brackets, and levels of the tree."""

DIGITS, SHOWN, LARGEST = 100, 15, 308
"""Digits that are carried, and given where the result is not exact; the exponent that no number may pass."""

PLAIN = 50
"""Up to so many digits a result is written without an exponent."""

STEEPEST = 100_000
"""The largest exponent: what is wrong with a base becomes so many times as wrong."""

_ALLOWED = re.compile(r"[0-9A-Za-z+\-*/%(),. ]+")
_GLUED = re.compile(r"\d(?![eE][-+]?\d)[A-Za-z]")
_GROUPS = re.compile(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)")
_SIGNED = re.compile(r"%\s*[-+]")

CERTAIN = Decimal("1e-20")
"""The share of a number that has to be left by a subtraction, and be between it and where it is rounded."""

Number = tuple[Decimal, bool]
"""A value, and whether it is exact."""


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
    return _shown(*_value(_parse(text), text))


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
            value, exact = _value(node.operand, text)
            return (value.copy_negate() if isinstance(node.op, ast.USub) else value), exact
        case ast.BinOp() if type(node.op) in OPERATORS:
            return _do(OPERATORS[type(node.op)], [_value(node.left, text), _value(node.right, text)])
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in FUNCTIONS:
            return _do(FUNCTIONS[name], [_value(argument, text) for argument in node.args])
    raise CalculatorError(_not_computed(node))


def _do(function: Callable[..., Decimal], numbers: list[Number]) -> Number:
    """Apply a function; what it was given is inexact where its context says so, and so is what it gives."""
    traps = [DivisionByZero, InvalidOperation, Overflow, Underflow]
    with arithmetic(Context(prec=DIGITS, Emax=LARGEST, Emin=-LARGEST, traps=traps)) as context:
        context.flags[Inexact] = not all(exact for _, exact in numbers)
        try:
            value = function(*(value for value, _ in numbers))
        except TypeError:
            count = "1 number" if len(numbers) == 1 else f"{len(numbers)} numbers"
            raise CalculatorError(f"a function was given {count}, which it does not take") from None
        except Overflow:
            raise CalculatorError(f"a number has more than {LARGEST} digits") from None
        except Underflow:
            raise CalculatorError(f"a number is nearer to 0 than 1e-{LARGEST}") from None
        except (DivisionByZero, InvalidOperation):
            raise CalculatorError("there is no such number") from None
        if not value.is_finite():
            raise CalculatorError("there is no such number")
        return value, not context.flags[Inexact]


def _number(text: str) -> Number:
    """Read a number as it stands there, not as a float of it."""
    if not text[0].isdigit() and text[0] != ".":  # True and None are constants of Python's
        raise CalculatorError(f"{text} is no number")
    return _do(lambda: +Decimal(text), [])


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


def _divide(one: Decimal, two: Decimal) -> Decimal:
    if not two:
        raise CalculatorError("nothing can be divided by 0")
    return one / two


def _remainder(one: Decimal, two: Decimal) -> Decimal:
    """Give the remainder with the sign of the divisor, as Python does."""
    _check_certain(lambda: _divide(one, two))
    left = one % two
    return left + two if left and (left < 0) != (two < 0) else left


def _whole(one: Decimal, two: Decimal) -> Decimal:
    return (one - _remainder(one, two)) / two


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if abs(exponent) > STEEPEST:
        raise CalculatorError(f"an exponent is {STEEPEST} at most")
    return base**exponent


def _add(one: Decimal, two: Decimal) -> Decimal:
    """Add, unless so many digits cancel that too few are left that are right."""
    total = one + two
    if _is_inexact() and abs(total) < max(abs(one), abs(two)) * CERTAIN:
        raise CalculatorError("almost equal numbers were subtracted, and only what had been rounded off is left")
    return total


def _sum(*values: Decimal) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = _add(total, value)
    return total


def _round(value: Decimal, digits: Decimal = Decimal(0)) -> Decimal:
    """Round as Python and banks do: what lies in the middle goes to the even neighbour."""
    if digits != digits.to_integral_value() or abs(digits) > DIGITS:
        raise CalculatorError(f"a number is rounded to at most {DIGITS} places, and to whole ones")
    step = Decimal(1).scaleb(-int(digits))
    _check_certain(lambda: 2 * value / step)
    return value.quantize(step)


def _floor(value: Decimal) -> Decimal:
    return value - _remainder(value, Decimal(1))


def _is_inexact() -> bool:
    return bool(getcontext().flags[Inexact])


def _check_certain(position: Callable[[], Decimal]) -> None:
    """Refuse what has been rounded to within nothing of a border: on which side of it it was, nobody knows.

    Where it lies, in steps from border to border, is computed in a context of its own, so that this leaves no trace.
    """
    with arithmetic():
        inexact = _is_inexact()
        at = position()
        away = abs(at - at.to_integral_value())
        if inexact and away < max(abs(at), Decimal(1)) * CERTAIN:
            raise CalculatorError("a number lies too near to where it is rounded, and has been rounded before")


OPERATORS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: _add,
    ast.Sub: lambda one, two: _add(one, -two),
    ast.Mult: lambda one, two: one * two,
    ast.Div: _divide,
    ast.FloorDiv: _whole,
    ast.Mod: _remainder,
    ast.Pow: _power,
}

FUNCTIONS: dict[str, Callable[..., Decimal]] = {
    "abs": lambda value: abs(value),
    "round": _round,
    "floor": _floor,
    "ceil": lambda value: -_floor(-value),
    "min": lambda first, *more: min(first, *more) if more else first,
    "max": lambda first, *more: max(first, *more) if more else first,
    "sum": _sum,
    "pow": _power,
    "sqrt": lambda value: value.sqrt(),
    "exp": lambda value: value.exp(),
    "log": lambda value: value.ln(),
    "log10": lambda value: value.log10(),
}


def _shown(value: Decimal, exact: bool) -> str:
    """Write a result with no digit that is not known."""
    value = (value if exact else Context(prec=SHOWN).plus(value)).normalize(Context(prec=DIGITS))
    if not value:
        return "0"
    digits = PLAIN if exact else SHOWN
    return f"{value:f}" if -PLAIN < value.adjusted() < digits else str(value)


# What to write instead

_INSTEAD = (
    ("a currency is no part of a number", re.compile(r"[$€£]\s*(?=[\d.])"), ""),
    ("a comma between digits may mean one number or two", _GROUPS, lambda found: found[0].replace(",", "")),
    ("^ is no operator here", re.compile(r"\^"), "**"),
    ("× is written *", re.compile(r"(?<=[\d)])(?<!\b0)\s*[x×·]\s*(?=[\d(.])"), "*"),
    ("÷ is written /", re.compile(r"÷"), "/"),
    ("a minus is written -", re.compile(r"[−–]"), "-"),
    ("% is what is left by a division, not a percentage", re.compile(r"\s*%\s*of\s+"), "/100 * "),
    ("% is what is left by a division, not a percentage", re.compile(r"%(?=\s*(?:$|[-+*/)^,]))"), "/100"),
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
