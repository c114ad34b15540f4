"""Isolation layers, and what is left when some are missing: answers cannot do more than the report says."""

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
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from companion.exercises.sandbox import linux_calls, probe, runner
from companion.exercises.sandbox.isolation import LAYERS, UNPROTECTED, Isolation
from companion.exercises.sandbox.probe import candidates, find_isolation

# An answer that tries everything a layer should stop, and prints what it got.
SPY = """
import os, socket, signal
def attempt(name, harm):
    try:
        harm()
        print('got', name)
    except BaseException as error:
        print('lost', name, type(error).__name__)
def local_socket():
    with socket.socket(socket.AF_UNIX) as one:
        one.connect({local!r})
attempt('read', lambda: open({notebook!r}).read())
attempt('write', lambda: open({canary!r}, 'a').write('x'))
attempt('mark', lambda: os.chmod({canary!r}, 0o600))
attempt('remove', lambda: os.remove({victim!r}))
attempt('signal', lambda: os.kill({grader}, 0))
attempt('memory', lambda: open('/proc/{grader}/mem', 'rb').close())
attempt('tcp', lambda: socket.create_connection(('127.0.0.1', {port}), 2).close())
attempt('local', local_socket)
attempt('fork', lambda: os.fork() or os._exit(0))
open('mine', 'w').write('what it may')
safe_load = servers / mean_service / (retries + 1)
"""
SETS = {
    "all": set(LAYERS),
    "no landlock": set(LAYERS) - {"landlock"},
    "no namespaces": {"user", "landlock", "seccomp"},
    "landlock and seccomp": {"landlock", "seccomp"},
    "namespaces only": {"pid", "files", "network", "ipc"},
    "another user only": {"user"},
    "all but seccomp": set(LAYERS) - {"seccomp"},
}


def limited(monkeypatch: pytest.MonkeyPatch, allowed: set[str]) -> Isolation:
    """Find out what there is on a system that has no more than these."""
    wanted = [layer for layer in candidates() if layer in allowed]
    monkeypatch.setattr(probe, "candidates", lambda: wanted)
    return find_isolation()


def allowed_by(isolation: Isolation) -> set[str]:
    """List what the layers leave open; each of these must be said in the report."""
    has = {*isolation.layers}
    open_ = set()
    if not has & {"files", "landlock", "user"}:
        open_ |= {"read", "write", "remove", "mark"}
    if not has & {"files", "landlock"}:
        open_ |= {"read"}
    if not has & {"seccomp", "files", "user"}:
        open_ |= {"mark"}
    if not has & {"seccomp", "pid", "user"} and not ("landlock" in has and linux_calls.landlock_version() >= 6):
        open_ |= {"signal"}
    if not has & {"network", "seccomp"} and not ("landlock" in has and linux_calls.landlock_version() >= 4):
        open_ |= {"tcp"}
    if not has & {"seccomp", "files"}:
        open_ |= {"local"}
    if "seccomp" not in has:
        open_ |= {"fork"}
    return open_


@pytest.fixture
def places(classroom: Any, tools: Any, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Make what a spy would be after."""
    for name in ("canary", "victim"):
        (tmp_path / name).write_text(name)
    local = os.path.relpath(tmp_path / "s") if len(str(tmp_path / "s")) > 100 else str(tmp_path / "s")
    with socket.create_server(("127.0.0.1", 0)) as outside, socket.socket(socket.AF_UNIX) as near:
        near.bind(local)
        near.listen()
        yield {"canary": str(tmp_path / "canary"), "victim": str(tmp_path / "victim"), "grader": os.getpid(),
               "notebook": str(classroom.root / "chapters" / f"{tools.CHAPTER}.ipynb"), "local": local,
               "port": outside.getsockname()[1]}  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_with_some_walls_missing_an_answer_can_do_no_more_than_the_report_says(
    name: str, classroom: Any, tools: Any, places: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    isolation = limited(monkeypatch, SETS[name])
    assert {*isolation.layers} <= SETS[name]
    assert {*isolation.layers} | isolation.missing.keys() == {*LAYERS}
    if not isolation.enough:
        assert_refused(classroom, tools, monkeypatch)
        return
    classroom.hand_in("spy", classroom.answered({"border": SPY.format(**places)}))
    grade = tools.the(classroom.grade(isolation, seconds=5), "spy", "border")
    got = {line.split()[1] for line in grade.output.splitlines() if line.startswith("got")}
    tried = {line.split()[1] for line in grade.output.splitlines()}
    print(name, isolation.layers, "got", got)
    assert tried == {"read", "write", "mark", "remove", "signal", "memory", "tcp", "local", "fork"}
    assert got <= allowed_by(isolation), grade.output
    assert grade.verdict == "passed"
    told = " ".join(isolation.remains)
    if "read" in got:
        assert "read every file" in told
    if "fork" in got:
        assert "start processes" in told
    if "tcp" in got:
        assert "network" in told
    if "local" in got:
        assert "local sockets" in told


def assert_refused(classroom: Any, tools: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from companion.exercises.commands import app

    monkeypatch.chdir(classroom.root)
    classroom.hand_in("ada", classroom.answered(tools.RIGHT))
    result = CliRunner().invoke(app, ["grade", str(classroom.folder), "--out", "report"])
    assert result.exit_code == 2
    assert "--unprotected" in result.output and "Traceback" not in result.output


def test_without_any_wall_grading_refuses_unless_told_otherwise(
    classroom: Any, tools: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "candidates", lambda: [])
    assert find_isolation().layers == ()
    assert_refused(classroom, tools, monkeypatch)
    done = classroom.command("grade", str(classroom.folder), "--out", "report", "--unprotected")
    assert done.returncode == 0, done.stderr
    assert "unprotected" in (classroom.root / "report" / "report.md").read_text()
    assert "8 of 8" in (classroom.root / "report" / "report.md").read_text()


def test_a_wall_that_fails_is_left_out_and_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = iter([("network", "network: Operation not permitted"), ("pid", "pid: Invalid argument"), ("", "")])
    monkeypatch.setattr(probe, "candidates", lambda: ["pid", "files", "network", "landlock"])
    monkeypatch.setattr(probe, "try_layers", lambda layers: next(failing))
    isolation = find_isolation()
    assert isolation.layers == ("files", "landlock")
    assert isolation.missing["network"] == "network: Operation not permitted"
    assert isolation.missing["seccomp"] == "not on this system"


def test_a_user_that_a_folder_cannot_be_given_to_is_no_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(runner.os, "chown", refuse)
    others = ["landlock"] if linux_calls.landlock_version() else []
    monkeypatch.setattr(probe, "candidates", lambda: ["user", *others])
    isolation = find_isolation()
    assert "user" not in isolation.layers and isolation.missing["user"] == "Invalid argument"


def test_an_answer_that_cannot_be_run_does_not_stop_the_others(
    classroom: Any, tools: Any, isolation: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    classroom.hand_in("ada", classroom.answered(tools.RIGHT))
    monkeypatch.setattr(tempfile, "mkdtemp", full)
    book = classroom.grade(isolation)
    assert [(grade.verdict, grade.message) for grade in book.grades] == [("not graded", "No space left on device")] * 4


def test_a_sandbox_that_does_not_start_counts_as_no_wall_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "candidates", lambda: ["landlock"])
    monkeypatch.setattr(probe, "try_layers", lambda layers: ("start", "no Python"))
    assert find_isolation().layers == ()
    assert not find_isolation().enough


def test_an_answer_is_not_run_where_its_walls_cannot_be_put_up(
    classroom: Any, tools: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = runner._plan
    monkeypatch.setattr(runner, "_plan", lambda *words: replace(plan(*words), scratch="/nowhere"))
    classroom.hand_in("ada", classroom.answered(tools.RIGHT))
    book = classroom.grade(Isolation(("landlock",), {}))
    assert {grade.verdict for grade in book.grades} == {"not graded"} and book.ungraded == 4
    assert all("the sandbox could not be set up" in grade.message for grade in book.grades)


def test_this_systems_walls_are_told(found: Isolation) -> None:
    print(found)
    assert {*found.layers} | found.missing.keys() == {*LAYERS}
    assert all(found.missing.values())
    assert found.line


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
    classroom: Any, tools: Any, found: Isolation, tmp_path: Path
) -> None:
    cells = tools.exercise_cells("echo", LOOPBACK, ["echo"], {}, "91", needs=["loopback"])
    classroom.chapter("91-net", tools.notebook(cells))
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
    classroom: Any, tools: Any, isolation: Isolation
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
        cells = tools.exercise_cells("squares", squares, ["squares"], {}, "91", needs=needs)
        classroom.chapter("91-pool", tools.notebook(cells))
        assignment = classroom.assignment(chapter="91-pool")
        (exercise,) = assignment.exercises
        done = runner.run(assignment.job(exercise, [("<your answer>", exercise.answer.source)]), isolation)
        if needs or "seccomp" in isolation.layers:
            assert done.result["verdict"] == verdict, done


def test_a_book_within_pythons_own_folder_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runner.sys, "prefix", str(tmp_path))
    inside, outside = tmp_path / "book" / "chapters", tmp_path.parent / "elsewhere"
    assert runner.exposed([inside, outside]) == [inside]


def test_the_plan_reads_no_folder_of_the_books(classroom: Any, found: Isolation) -> None:
    plan = runner._plan(found, Path("/nowhere"), 0, frozenset(), 20)
    root = runner.PACKAGE.parents[1]
    for path in map(Path, plan.readable):
        assert not root.is_relative_to(path), f"{path} holds the chapters"
        assert not (root / "chapters").is_relative_to(path) and not (root / "tests").is_relative_to(path)
    assert json.dumps(plan.readable)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_when_the_grader_is_stopped_no_answer_lives_on(
    how: signal.Signals, classroom: Any, isolation: Isolation, tmp_path: Path
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
