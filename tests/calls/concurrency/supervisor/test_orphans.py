"""Children outlive a supervisor that was killed, unless they read their input; this test leaves none of either kind."""

from __future__ import annotations

import gc
import os
import select
import subprocess
from pathlib import Path

import pytest

from companion.calls.concurrency.supervisor import orphans as module
from companion.calls.concurrency.supervisor.children import ChildError
from companion.calls.concurrency.supervisor.orphans import orphans


@pytest.mark.parametrize(("reads", "left"), [(True, 0), (False, 3)])
def test_those_live_on_that_do_not_read_and_nobody_is_left_in_the_end(
    reads: bool, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    life, lives = os.pipe()  # one more pipe that all of them hold, for this test
    os.set_inheritable(lives, True)
    real = module.SUPERVISOR.replace("pass_fds=[life]", f"pass_fds=[life, {lives}]")
    monkeypatch.setattr(module, "SUPERVISOR", real)
    start = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda *given, pass_fds, **more: start(*given, pass_fds=[*pass_fds, lives], **more)
    )
    assert orphans(reads) == left
    os.close(lives)
    ready, _, _ = select.select([life], [], [], 20)
    assert ready and os.read(life, 1) == b""  # all who held it are gone
    os.close(life)


def test_no_pipe_stays_open_in_this_process() -> None:
    def count() -> int:
        gc.collect()  # what other tests have left open and forgotten is closed now, and not in between
        return len(list(Path("/dev/fd").iterdir()))

    before = count()
    orphans(reads_input=True, children=1)
    assert count() == before


def test_children_that_do_not_come_up_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHILD", "raise SystemExit(1)")
    with pytest.raises(ChildError, match="did not come up"):
        orphans(reads_input=True)
