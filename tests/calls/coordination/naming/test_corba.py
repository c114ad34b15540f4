"""Names under omniNames: where there is none, one line says so."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from companion.calls.coordination.naming import corba
from companion.calls.coordination.naming.children import ChildError
from companion.calls.coordination.naming.corba import CorbaNames
from companion.calls.coordination.naming.names import Lacks


def test_without_omniorb_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corba, "find_spec", lambda name: None)
    assert "no wheel" in str(corba.why_not())
    with pytest.raises(Lacks, match="no wheel"):
        CorbaNames()


@pytest.mark.skipif(corba.why_not() is not None, reason=str(corba.why_not()))
def test_a_start_that_fails_leaves_no_folder_and_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corba, "WORKER", "no_such_module")
    names = CorbaNames()
    folder = Path(names._folder.name)
    with pytest.raises(ChildError), names:
        pass
    assert not folder.exists() and names._server is None


KILLED = """
from companion.calls.coordination.naming.corba import CorbaNames
names = CorbaNames()
names.__enter__()
names.register("traffic")
pids = [names._server.pid, names._client.process.pid, names.services["traffic"].process.pid]
print(names._folder.name, *pids, flush=True)
input()
"""


@pytest.mark.skipif(corba.why_not() is not None, reason=str(corba.why_not()))
def test_when_python_is_killed_no_process_and_no_folder_is_left() -> None:
    command = [sys.executable, "-c", KILLED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        folder, *pids = parent.stdout.readline().split()
        assert Path(folder).is_dir() and all(Path(f"/proc/{pid}").exists() for pid in pids)
        parent.kill()
    left = {Path(folder), *(Path(f"/proc/{pid}/exe") for pid in pids)}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any(os.path.lexists(path) for path in left):
        time.sleep(0.05)
    assert not [path for path in left if path.exists()]
