"""The process that checks an answer: trusted, it executes the check, and alone says whether the answer passed.

It reads a job from standard input, talks to the answer over a socket, and writes its verdict to what was its standard
output. The answer has no way to that pipe.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import traceback
from contextlib import suppress
from typing import Any

from companion.exercises.dialogue.protocol import Line
from companion.exercises.dialogue.proxies import AnswerError, Proxy
from companion.exercises.dialogue.session import Session, TalkError

CHECK = "<the check>"
MEMORY = 2 << 30


def main(line_text: str) -> None:
    """Check one answer.

    Parameters
    ----------
    line_text
        The number of the open file that is the socket to the answer.
    """
    pipe = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)  # what a check prints is nobody's verdict
    os.dup2(null, 2)
    job = json.load(sys.stdin)
    _limit(resource.RLIMIT_DATA, MEMORY)  # an answer can send much, again and again
    _limit(resource.RLIMIT_CPU, int(job["seconds"]) + 5)  # should the grader be gone
    result = _check(job, Session(Line(socket.socket(fileno=int(line_text))), objects=job["objects"]))
    os.write(pipe, json.dumps(result).encode() + b"\n")
    os.close(pipe)
    os._exit(0)  # threads that a check has left behind shall not keep it


def _limit(what: int, most: int) -> None:
    soft, hard = resource.getrlimit(what)
    with suppress(OSError, ValueError):  # macOS has some limits in name only
        resource.setrlimit(what, (min([most, *(n for n in (soft, hard) if n != resource.RLIM_INFINITY)]), hard))


def _check(job: dict[str, Any], session: Session) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        for source in job["givens"]:
            exec(compile(source, "<the givens>", "exec", dont_inherit=True), names)
        names["seed"] = job["seed"]
        given = [("<the givens>", source) for source in job["givens"]]
        values = session.run([*given, *map(tuple, job["cells"])], job["defines"])
        missing = [name for name in job["defines"] if name not in values]
        if missing:
            return {"verdict": "failed", "message": f"the answer does not define `{missing[0]}`"}
        names.update(values)
        exec(compile(job["check"], CHECK, "exec", dont_inherit=True), names)
    except TalkError as error:
        return {"verdict": "gone", "message": str(error)}
    except AnswerError as error:
        return _answer_error(error)
    except AssertionError as error:
        return {"verdict": "failed", "message": _text(error), "hidden": _line(error) in job["hidden"]}
    except BaseException as error:  # noqa: BLE001 - also what is no Exception: a check that cannot go on is a check that has not passed
        if any(error is one for one in session.raised):
            text = f"{type(error).__name__}: {error}"[:2000]
            return {
                "verdict": "error",
                "message": f"{text} (a function that it was given raised this; it came through)",
            }
        message = f"the check cannot use what the answer gave: {type(error).__name__}: {error}"
        return {"verdict": "failed", "message": message[:2000], "hidden": _line(error) in job["hidden"], "stuck": True}
    return {"verdict": "passed", "message": ""}


def _answer_error(error: AnswerError) -> dict[str, Any]:
    told = error.described
    line, cell = told.get("line"), told.get("cell")
    known = told.get("builtin")
    return {
        "verdict": "error",
        "message": str(error)[:2000],
        "cell": cell if isinstance(cell, str) else None,
        "line": line if isinstance(line, int) and not isinstance(line, bool) else None,
        "memory": isinstance(known, list) and "MemoryError" in known,
        "type": str(told.get("type", ""))[:100],
    }


def _line(error: BaseException) -> int:
    """Give the line of the check that an exception came through."""
    lines = [frame.lineno or 0 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == CHECK]
    return lines[0] if lines else 0


def _text(error: AssertionError) -> str:
    parts = [part if isinstance(part, str) else repr(part) for part in error.args if not isinstance(part, Proxy)]
    return " ".join(parts)[:4000]
