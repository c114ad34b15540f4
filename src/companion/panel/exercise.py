"""Run a reader's answer against an exercise's check, in a page or anywhere else.

This judges a reader who wants to know; it is no sandbox, and no grade hangs on it.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import traceback
from types import CodeType
from typing import Any

ANSWER = "<your answer>"
MOST = 20_000
"""Characters of output that are kept: an endless loop that prints would fill the page."""


def check(request: str) -> str:
    """Run the given cells, the answer and the check, one after the other, in one fresh namespace.

    Parameters
    ----------
    request
        JSON: ``givens``, ``answer`` and ``check``, each the text of a program.

    Returns
    -------
    str
        JSON: ``ok``, ``message`` (what is wrong; of a failed assertion its own words) and ``stdout``.
    """
    asked = json.loads(request)
    parts = (("<givens>", asked.get("givens") or ""), (ANSWER, asked["answer"]), ("<check>", asked["check"]))
    space: dict[str, Any] = {"__name__": "__main__", "input": _no_input}
    printed = _Bounded()
    message = ""
    with contextlib.redirect_stdout(printed):
        try:
            for name, text in parts:
                exec(_compiled(text, name), space)  # the reader's own program, on the reader's own machine
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever the reader wrote, the page must say what became of it
            message = _explained(error, asked["check"])
    return json.dumps({"ok": not message, "message": message, "stdout": printed.getvalue()})


def _no_input(*_: object) -> str:
    raise RuntimeError("input() is not available here: use the given values")


def _compiled(text: str, name: str) -> CodeType:
    return compile(text, name, "exec", dont_inherit=True)


def _explained(error: BaseException, check: str) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1].filename if frames else ""
    if isinstance(error, AssertionError) and last != ANSWER:
        line = check.splitlines()[(frames[-1].lineno or 1) - 1].strip() if last == "<check>" else "a check"
        return str(error) or f"this does not hold: {line.removeprefix('assert ')}"
    if isinstance(error, SyntaxError) and error.filename == ANSWER:
        return f"{type(error).__name__}: {error.msg} (line {error.lineno} of your answer)"
    lines = [frame.lineno for frame in frames if frame.filename == ANSWER]
    where = f" (line {lines[-1]} of your answer)" if lines else ""
    return f"{type(error).__name__}: {error}{where}"


class _Bounded(io.StringIO):
    """What was printed, up to a length."""

    def write(self, text: str) -> int:
        room = MOST - self.tell()
        if len(text) > room >= 0:
            super().write(text[:room] + "\n...\n")
        elif room >= 0:
            super().write(text)
        return len(text)


if __name__ == "__main__":
    sys.stdout.write(check(sys.stdin.read()) + "\n")
