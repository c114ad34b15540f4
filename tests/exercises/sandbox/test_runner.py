"""One answer and its check: started, limited, and stopped with the grader."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from companion.exercises.sandbox import runner
from companion.exercises.sandbox.isolation import UNPROTECTED, Isolation
from companion.import_graph import PACKAGE
from tests.exercises.classroom import (
    RIGHT,
    Class,
    exercise_cells,
    notebook,
)


def test_an_answer_that_cannot_be_run_does_not_stop_the_others(
    classroom: Class, isolation: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    classroom.hand_in("ada", classroom.answered(RIGHT))
    monkeypatch.setattr(tempfile, "mkdtemp", full)
    book = classroom.grade(isolation)
    assert [(grade.verdict, grade.message) for grade in book.grades] == [("not graded", "No space left on device")] * 4


def test_an_answer_is_not_run_where_its_layers_cannot_be_put_up(
    classroom: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = runner._plan
    monkeypatch.setattr(runner, "_plan", lambda *words: replace(plan(*words), scratch="/nowhere"))
    classroom.hand_in("ada", classroom.answered(RIGHT))
    book = classroom.grade(Isolation(("landlock",), {}))
    assert {grade.verdict for grade in book.grades} == {"not graded"} and book.ungraded == 4
    assert all("the sandbox could not be set up" in grade.message for grade in book.grades)


LOOPBACK = {
    "task": "### Exercise 1: Echo\n\nWrite `echo(text)`, which sends a text through a server of its own.",
    "answer": """\
def echo(text):
    ### BEGIN SOLUTION
    import socket
    import threading

    def serve(server):
        connection, _ = server.accept()
        with connection:
            connection.sendall(connection.recv(1000))

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        with socket.create_connection(server.getsockname()) as client:
            client.sendall(text.encode())
            return client.recv(1000).decode()
    ### END SOLUTION""",
    "check": 'assert echo("hello") == "hello", "what went in must come out"',
}


def test_an_exercise_with_a_server_gets_a_network_that_leads_nowhere(
    classroom: Class, found: Isolation, tmp_path: Path
) -> None:
    cells = exercise_cells("echo", LOOPBACK, ["echo"], {}, "91", needs=["loopback"])
    classroom.chapter("91-net", notebook(cells))
    assignment = classroom.assignment(chapter="91-net")
    (exercise,) = assignment.exercises
    solution = [("<your answer>", exercise.answer.source)]
    isolation = found if found.enough else UNPROTECTED
    done = runner.run(assignment.job(exercise, solution), isolation)
    with socket.create_server(("127.0.0.1", 0)) as outside:
        port = outside.getsockname()[1]
        spying = (
            f"import socket\ndef echo(text):\n    socket.create_connection(('127.0.0.1', {port}), 2)\n    return text"
        )
        spy = runner.run(assignment.job(exercise, [("<your answer>", spying)]), isolation)
    if not isolation.loopback:
        assert "network of its own" in done.refused and "network of its own" in spy.refused
        assert "loopback" in " ".join(isolation.remains)
    else:
        assert done.result == {"verdict": "passed", "message": ""}
        if isolation.layers:
            assert spy.result["verdict"] == "error", spy


def test_an_answer_may_start_processes_only_where_the_exercise_needs_them(
    classroom: Class, isolation: Isolation
) -> None:
    squares = {
        "task": "### Exercise 1: Squares\n\nWrite `squares(n)` with a pool of processes.",
        "answer": """\
def squares(n):
    ### BEGIN SOLUTION
    import multiprocessing

    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(abs, range(n))
    ### END SOLUTION""",
        "check": 'assert squares(5) == [0, 1, 2, 3, 4], "five numbers"',
    }
    for needs, verdict in (["processes"], "passed"), ([], "error"):
        cells = exercise_cells("squares", squares, ["squares"], {}, "91", needs=needs)
        classroom.chapter("91-pool", notebook(cells))
        assignment = classroom.assignment(chapter="91-pool")
        (exercise,) = assignment.exercises
        done = runner.run(assignment.job(exercise, [("<your answer>", exercise.answer.source)]), isolation)
        if needs or "seccomp" in isolation.layers:
            assert done.result["verdict"] == verdict, done


def test_a_book_within_pythons_own_folder_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    inside, outside = tmp_path / "book" / "chapters", tmp_path.parent / "elsewhere"
    assert runner.exposed([inside, outside]) == [inside]


def test_the_plan_reads_no_folder_of_the_books(classroom: Class, found: Isolation) -> None:
    plan = runner._plan(found, Path("/nowhere"), 0, frozenset(), 20)
    root = PACKAGE.parents[1]
    for path in map(Path, plan.readable):
        assert not root.is_relative_to(path), f"{path} holds the chapters"
        assert not (root / "chapters").is_relative_to(path) and not (root / "tests").is_relative_to(path)
    assert json.dumps(plan.readable)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_when_the_grader_is_stopped_no_answer_lives_on(
    how: signal.Signals, classroom: Class, isolation: Isolation, tmp_path: Path
) -> None:
    classroom.hand_in("eve", classroom.answered({"border": "while True:\n    pass"}))
    scratch = tempfile.mkdtemp(prefix="killed-")
    Path(scratch).chmod(0o711)
    command = [str(Path(sys.executable).with_name("companion")), "exercises", "grade", str(classroom.folder), "--out",
               str(tmp_path / "report"), *([] if isolation.layers else ["--unprotected"])]  # fmt: skip
    grader = subprocess.Popen(command, cwd=classroom.root, env={**os.environ, "TMPDIR": scratch},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        assert eventually(lambda: len(processes_of(scratch)) >= 2), "keeper and answer are at work"
        grader.send_signal(how)
        grader.wait(8)  # less than the answer may take
        assert eventually(lambda: not processes_of(scratch)), processes_of(scratch)
    finally:
        grader.kill()
        shutil.rmtree(scratch)


def eventually(true: Callable[[], bool]) -> bool:
    """Wait until something is true."""
    for _ in range(200):
        if true():
            return True
        time.sleep(0.05)
    return False


def processes_of(scratch: str) -> list[str]:
    """List the processes whose command line names a scratch folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found += [path.parent.name] if scratch.encode() in path.read_bytes() else []
    return found
