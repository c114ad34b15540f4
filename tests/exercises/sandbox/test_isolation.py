"""Isolation layers, and what is left when some are missing: answers cannot do more than the report says."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from companion.exercises.sandbox import linux_calls, probe
from companion.exercises.sandbox.isolation import LAYERS, Isolation
from companion.exercises.sandbox.probe import candidates, find_isolation
from tests.exercises.classroom import (
    CHAPTER,
    RIGHT,
    Class,
    the,
)

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
def places(classroom: Class, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Make what a spy would be after."""
    for name in ("canary", "victim"):
        (tmp_path / name).write_text(name)
    local = os.path.relpath(tmp_path / "s") if len(str(tmp_path / "s")) > 100 else str(tmp_path / "s")
    with socket.create_server(("127.0.0.1", 0)) as outside, socket.socket(socket.AF_UNIX) as near:
        near.bind(local)
        near.listen()
        yield {"canary": str(tmp_path / "canary"), "victim": str(tmp_path / "victim"), "grader": os.getpid(),
               "notebook": str(classroom.root / "chapters" / f"{CHAPTER}.ipynb"), "local": local,
               "port": outside.getsockname()[1]}  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_with_some_layers_missing_an_answer_can_do_no_more_than_the_report_says(
    name: str, classroom: Class, places: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    isolation = limited(monkeypatch, SETS[name])
    assert {*isolation.layers} <= SETS[name]
    assert {*isolation.layers} | isolation.missing.keys() == {*LAYERS}
    if not isolation.enough:
        assert_refused(classroom, monkeypatch)
        return
    classroom.hand_in("spy", classroom.answered({"border": SPY.format(**places)}))
    grade = the(classroom.grade(isolation, seconds=5), "spy", "border")
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


def assert_refused(classroom: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from companion.exercises.commands import app

    monkeypatch.chdir(classroom.root)
    classroom.hand_in("ada", classroom.answered(RIGHT))
    result = CliRunner().invoke(app, ["grade", str(classroom.folder), "--out", "report"])
    assert result.exit_code == 2
    assert "--unprotected" in result.output and "Traceback" not in result.output


def test_without_any_layer_grading_refuses_unless_told_otherwise(
    classroom: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "candidates", lambda: [])
    assert find_isolation().layers == ()
    assert_refused(classroom, monkeypatch)
    done = classroom.command("grade", str(classroom.folder), "--out", "report", "--unprotected")
    assert done.returncode == 0, done.stderr
    assert "unprotected" in (classroom.root / "report" / "report.md").read_text()
    assert "8 of 8" in (classroom.root / "report" / "report.md").read_text()
