"""The hostile expressions, family by family; `python -m tests.reasoning.react.hostile` writes the list of them."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

DATA = Path(__file__).parents[3] / "src" / "companion" / "reasoning" / "react" / "hostile.json"

CHAINS = (
    "abs.{d}self{d}.open('secret.txt').read()",
    "abs.{d}self{d}.{d}{i}{d}('os').getpid()",
    "().{d}class{d}.{d}base{d}.{d}subclasses{d}()",
    "(1).{d}class{d}.{d}mro{d}",
    "round.{d}call{d}(1.5)",
    "'x'.{d}class{d}.{d}name{d}",
    "[].{d}len{d}()",
    "sum.{d}self{d}.exec('1')",
    "(lambda: 0).{d}globals{d}",
    "(0 for x in ()).throw(abs.{d}self{d}.SystemExit(7))",
    "'{{0.{d}doc{d}}}'.format(abs)",
    "max.{d}self{d}.{d}dict{d}",
    "1 .{d}add{d}(2)",
    "pow.{d}module{d}",
)
UNDERSCORES = ("__", "_import_", "_imimportport_", "\uff3f\uff3f")

CALLS = (
    "open('secret.txt')", "exec('1')", "eval('1')", "compile('1', '', 'eval')", "input()", "print(1)", "globals()",
    "locals()", "vars()", "dir()", "getattr(1, 'real')", "setattr(1, 'a', 2)", "type(1)", "object()", "breakpoint()",
    "exit()", "quit()", "help()", "memoryview(b'1')", "bytearray(10**9)", "list(range(10**9))", "id(1)", "hash(1)",
    "chr(65)", "ord('A')", "len('abc')", "iter([])", "next(iter([1]))", "super()", "os.system('true')", "sys.exit()",
    "math.sqrt(4)", "sqrt.real", "abs(*[1])", "max(key=abs)", "round(number=1)", "sum([1, 2])", "min({1, 2})",
    "abs(abs)",
)  # fmt: skip

SIZES = (
    "9**9**9", "9**9**9**9", "99999**99999", "10**10**10", "2**2**2**2**2**2", "9.0**9.0**9.0", "pow(9, 9**9)",
    "pow(pow(9, 9), pow(9, 9))", "10**100000", "10**400", "1e400", "1e308*10", "1e309", "9e999999999", "(10**300)**2",
    "exp(1000)", "exp(exp(exp(9)))", "2**100001", "(1e-300/3)**2", "1e-300**3/7", "1e200*1e200", "10**308*10",
    "sum(10**308, 10**308*9, 1)", "round(1, 10**9)", "round(1/3, 101)", "10**300//(1/10**300)", "1.0000001**(10**12)",
    "sqrt(10**400)", "log(10**10**10)", "-(9**9**9)", "abs(9**9**9)", "max(1, 9**9**9)", "(9**9)**(9**9)", "8**8**8+1",
    "7**7**7-7**7**7", "0.5**-9**9", "(1/3)**(9**9)", "9**(9**(9**1.0))", "3**3**3**3",
)  # fmt: skip

LONG = [
    text
    for n in (31, 40, 99, 150, 2_000)
    for text in ("(" * n + "1" + ")" * n, "-" * n + "1", "1+" * n + "1", "2**" * n + "1", "abs(" * n + "1" + ")" * n)
]
LONG += ["9" * 201, "1 " + " " * 200 + "+ 1", "1," * 150, "." * 100, "(" * 30, ")" * 30, "[" * 50 + "]" * 50]

SYNTAX = (
    "[x for x in (1, 2)]", "{x for x in (1, 2)}", "{x: x for x in (1, 2)}", "(x for x in (1, 2))",
    "sum(x for x in (1, 2))", "[[0]*10**9 for x in range(10**9)]", "[0]*10**10", "(0,)*10**10", "'a'*10**10",
    "b'a'*10**10", "{**{}}", "[*range(9)]", "lambda: 1", "(lambda: 1)()", "(lambda f: f(f))(lambda f: f(f))",
    "(x := 9)", "(x := 9**9**9)", "1 if 1 else 2", "1 and 2", "1 or 2", "not 1", "1 < 2", "1 == 1", "1 is 1",
    "1 in (1,)",
    "1 << 10**9", "1 >> 1", "1 & 1", "1 | 1", "~1", "1 @ 1", "[1][0]", "(1, 2)[0]", "{1: 2}[1]", "'abc'[0]", "[][0:9]",
    "...", "f'{1}'", "f'{9**9**9}'", "await 1", "yield 1", "*1", "**1", "1, *[2]", "print", "abs", "sqrt",
)  # fmt: skip

TEXTS = (
    "'1'", '"1"', "b'1'", "r'1'", "u'1'", "'1'+'1'", "'%s' % 1", "'{}'.format(1)", "'1'.join('12')", "int('1')",
    "float('nan')", "float('inf')", "str(1)", r"'\x41'", "'1' '2'", "`1`", "$(true)", "1;2", "1\n2", "1#2",
    "1 # comment", "x=1", "a.b", "a[0]", "{1}", "{}", "[]", "1\\\n+1", "1\x00", "\x00", "1\t+1", "1\x0c+1", "\ufeff1",
)  # fmt: skip

LETTERS = (
    "\uff12+\uff12", "\u0662+\u0662", "\u00b2", "2\u00b2", "\u2460", "\u00bd", "1\u200b+1", "1\u202e+1", "\u0430bs(1)",
    "\U0001d41a\U0001d41b\U0001d42c(1)", "\uff41\uff42\uff53(1)", "1\u2028+1", "1\u00a0+1", "\u221a4", "\u03c0",
    "\u221e", "1\u20441", "\u4e8c+\u4e8c", "1e\uff15", "\uff081+1\uff09", "1\u066b5", "\U0001f4c8",
)  # fmt: skip

NUMBERS = (
    "inf", "nan", "Infinity", "NaN", "-inf", "1j", "3+4j", "True", "False", "None", "0x10", "0b11", "0o17", "1_000",
    "0777", "1e", "1e+", "1.2.3", "1..2", "..1", "1.e5e5", "1L", "1f", "0x", "e", "pi", "i", "Decimal(1)", "1.real",
    "(1).real", "1 .real", "1.0.is_integer()",
)  # fmt: skip


def families() -> dict[str, list[str]]:
    """Give all of them by family, each once."""
    chains = [chain.format(d=underscore, i="import" if underscore == "__" else "imimportport")
              for chain, underscore in product(CHAINS, UNDERSCORES)]  # fmt: skip
    found = {
        "attributes": chains, "calls": [*CALLS], "size": [*SIZES], "length and depth": [*LONG],
        "other syntax": [*SYNTAX], "texts and statements": [*TEXTS], "other letters": [*LETTERS],
        "numbers that are none": [*NUMBERS],
    }  # fmt: skip
    return {family: list(dict.fromkeys(texts)) for family, texts in found.items()}


if __name__ == "__main__":
    DATA.write_text(json.dumps(families(), indent=1, ensure_ascii=True) + "\n", "ascii")
