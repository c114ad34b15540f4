"""The process that runs a student's answer: a keeper outside of the isolation layers, and the answer inside.

The keeper runs none of the student's code. It puts a child inside the layers, and kills it when the grader says so (or
is gone). The child executes givens and answer, then does what the check asks of it: calls, methods, attributes.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any

from companion.exercises.dialogue.answering import Answering
from companion.exercises.dialogue.protocol import Line
from companion.exercises.sandbox.layers import LayerError, Plan, enter, leave_namespaces

MAX_SCRATCH = 64 << 20


def main(plan_text: str, line_text: str, status_text: str) -> None:
    """Run the keeper; standard input is the grader's lifeline, standard output takes what the answer prints.

    Parameters
    ----------
    plan_text
        The plan of the layers, as JSON.
    line_text, status_text
        The numbers of the open files: the socket to the check, and the pipe that tells the grader how it went.
    """
    plan = Plan(**json.loads(plan_text))
    line_number, status_number = int(line_text), int(status_text)
    try:
        leave_namespaces(plan)
    except LayerError as error:
        _tell(status_number, {"failed": error.layer, "reason": str(error)})
        return
    child = os.fork()
    if child == 0:
        _behind_layers(plan, line_number, status_number)  # never returns
    os.close(line_number)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    # Only a scratch folder in memory has a size of its own; on a disk the keeper must look.
    watched = "" if "files" in plan.layers or not plan.layers else plan.scratch
    status, usage, full = _wait(child, watched)
    _tell(status_number, {"full": full, "exit": os.waitstatus_to_exitcode(status), "memory": usage.ru_maxrss,
                          "cpu": usage.ru_utime + usage.ru_stime})  # fmt: skip


def _wait(child: int, scratch: str) -> tuple[int, Any, bool]:
    """Wait until the child has ended, the lifeline is cut or the scratch folder full; then kill what is left of it.

    Gives the status and the use of resources, and whether the folder was full.
    """
    handle = os.pidfd_open(child) if hasattr(os, "pidfd_open") else None
    cut = full = False
    pause = 0.2 if scratch else 1.0
    while True:
        ended, status, usage = os.wait4(child, os.WNOHANG)
        if ended:
            _kill_group(child)
            return status, usage, full
        if cut:
            _kill_group(child)
            with suppress(OSError):
                os.kill(child, signal.SIGKILL)
            time.sleep(0.002)
            continue
        readable, _, _ = select.select(
            [0, *([handle] if handle is not None else [])], [], [], pause if handle else 0.02
        )
        full = bool(scratch) and _size(scratch) > MAX_SCRATCH
        cut = full or 0 in readable


def _size(folder: str) -> int:
    """Add up the files in a folder; one that is nested without end is as large as can be."""
    total = 0
    try:
        for place, _, names in os.walk(folder):
            for name in names:
                with suppress(OSError):
                    total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - thousands of them, often
    except RecursionError:
        return MAX_SCRATCH + 1
    return total


def _kill_group(child: int) -> None:
    with suppress(OSError):
        os.killpg(child, signal.SIGKILL)


def _tell(number: int, message: dict[str, object]) -> None:
    with suppress(OSError):
        os.write(number, json.dumps(message).encode() + b"\n")


def _behind_layers(plan: Plan, line_number: int, status_number: int) -> None:
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        enter(plan, {line_number, status_number})
        _tell(status_number, {"ready": True})
        os.close(status_number)
        sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
        Answering(Line(socket.socket(fileno=line_number))).serve()
        code = 0
    except LayerError as error:
        _tell(status_number, {"failed": error.layer, "reason": str(error)})
    except Exception as error:  # noqa: BLE001 - whatever it is, the grader must hear of it
        _tell(status_number, {"failed": "start", "reason": f"{type(error).__name__}: {error}"})
    finally:
        os._exit(code)  # at once: no atexit, no waiting for threads
