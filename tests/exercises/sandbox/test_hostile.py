"""Answers that would rather not be graded: whatever they try, they score nothing and harm nobody."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.exercises.sandbox.isolation import Isolation
from tests.exercises import classroom as small
from tests.exercises.classroom import CHAPTER, Class, the

# Each tries something, and then gives an answer: a wrong one where the attempt is to score, a right one where it is
# to do harm. {canary} is a file of the grader's, {notebook} the source with the hidden tests, {port} listens outside.
RIGHT = "\nsafe_load = servers / mean_service / (retries + 1)\n"
WRONG = "\nsafe_load = 1.0\n"
TRY = """
def attempt(harm):
    try:
        print("harm done:", harm())
    except BaseException as error:
        print(type(error).__name__)
"""

HOSTILE: dict[str, tuple[str, set[str]]] = {
    "endless loop": ("while True:\n    pass", {"timed out"}),
    "endless sleep": ("import time\ntime.sleep(1000)", {"timed out"}),
    "memory bomb": ("held = []\nwhile True:\n    held.append(bytearray(600_000_000))", {"out of memory"}),
    "fork bomb": ("import os\nfor _ in range(2000):\n    os.fork()\nwhile True:\n    pass", {"error", "timed out"}),
    "thread bomb": ("import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(100,)).start()",
                    {"error", "timed out", "out of memory", "killed"}),
    "reads shadow": ("safe_load = len(open('/etc/shadow').read())", {"error"}),
    "reads the notebook": ("safe_load = len(open({notebook!r}).read())", {"error"}),
    "lists the notebook's folder": ("import os\nsafe_load = len(os.listdir(os.path.dirname({notebook!r})))", {"error"}),
    "deletes outside": (TRY + "import os\nattempt(lambda: os.remove({canary!r}))" + RIGHT, {"passed"}),
    "writes outside": (TRY + "attempt(lambda: open({canary!r}, 'w').write('mine'))" + RIGHT, {"passed"}),
    "makes files outside": (TRY + "attempt(lambda: open({canary!r} + '.new', 'w'))" + RIGHT, {"passed"}),
    "changes marks outside": (TRY + "import os\nattempt(lambda: os.chmod({canary!r}, 0))" + RIGHT, {"passed"}),
    "fills the disk": (
        "n = 0\nwhile n := n + 1:\n    open(str(n), 'wb').write(bytes(10_000_000))", {"error", "killed"}),
    "patches builtins": (
        "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.abs = lambda x: 0\n"
        "builtins.AssertionError = ValueError" + WRONG, {"failed", "killed"}),
    "patches modules": (
        "import sys, json, companion.exercises.dialogue.protocol as w, companion.exercises.dialogue.serialise as c\n"
        "sys.modules['companion.simulators.metastable'] = None\n"
        "json.dumps = lambda *a, **k: '{{\"verdict\": \"passed\"}}'\n"
        "w.MAX_FRAME = 10**9" + WRONG, {"error", "failed", "killed"}),
    "exits": ("import os\nos._exit(0)", {"killed"}),
    "exits politely": ("import sys\nsys.exit(0)", {"error"}),
    "raises SystemExit": ("raise SystemExit('passed')", {"error"}),
    "prints a score": (
        "print('{{\"verdict\": \"passed\", \"message\": \"\"}}')\nprint('passed 2/2')" + WRONG, {"failed"}),
    "writes to every file": (
        "import os\nfor n in range(4096):\n    try:\n        os.write(n, b'{{\"verdict\": \"passed\"}}\\n')\n"
        "    except OSError:\n        pass" + WRONG, {"killed"}),
    "speaks the protocol": (
        "import os, json, struct\nfake = json.dumps({{'value': {{'t': 'dict', 'v': [['safe_load', 1.0]]}}}}).encode()\n"
        "for n in range(3, 4096):\n    try:\n        os.write(n, struct.pack('>I', len(fake)) + fake)\n"
        "    except OSError:\n        pass" + WRONG, {"failed", "killed"}),
    "connects": ("import socket\nsafe_load = socket.create_connection(('127.0.0.1', {port}), 2).fileno()", {"error"}),
    "lies as a float": (
        "class Liar(float):\n    __eq__ = __lt__ = __gt__ = __le__ = __ge__ = lambda *a: True\n"
        "    __sub__ = __rsub__ = __abs__ = lambda *a: 0.0\nsafe_load = Liar(1)", {"failed"}),
    "lies as an object": (
        "class Liar:\n    __class__ = float\n    __eq__ = __lt__ = __gt__ = lambda *a: True\n"
        "    __sub__ = __abs__ = lambda *a: 0.0\nsafe_load = Liar()", {"error", "failed"}),
    "lies as a result": (
        "class Liar:\n    __contains__ = __sub__ = __rsub__ = __add__ = lambda *a: 0.0\nsafe_load = Liar()",
        {"error", "failed"}),
    "huge value": ("safe_load = 'x' * 200_000_000", {"error"}),
    "huge number": ("safe_load = 1 << 100_000_000", {"error"}),
    "deep nesting": ("safe_load = []\nfor _ in range(100_000):\n    safe_load = [safe_load]", {"error"}),
    "contains itself": ("safe_load = []\nsafe_load.append(safe_load)", {"error"}),
    "kills its parent": ("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", {"error", "killed", "failed"}),
    "kills everybody": (TRY + "import os\nattempt(lambda: os.kill(-1, 9))" + RIGHT, {"passed", "killed"}),
    "kills the grader": (TRY + "import os\nattempt(lambda: os.kill({grader}, 9))" + RIGHT, {"passed"}),
    "runs at exit": ("import atexit, os\natexit.register(lambda: os.write(1, b'passed'))" + WRONG, {"failed"}),
    "leaves a thread": (
        "import threading\ndef forever():\n    while True:\n        pass\n"
        "threading.Thread(target=forever).start()" + RIGHT, {"passed"}),
    "floods its output": ("for _ in range(3_000_000):\n    print('x' * 100)" + RIGHT, {"passed", "timed out"}),
    "reads the environment": ("import os\nassert 'A_SECRET' not in os.environ" + RIGHT, {"passed"}),
    "raises a liar": (
        "class Liar(Exception):\n    def __str__(self):\n        raise self\nraise Liar", {"error"}),
    "holds half a character": ("safe_load = 1 # \ud800", {"error"}),
    "holds a null": ("safe_load = 1 # \0", {"error"}),
    "breaks its own syntax": ("def (:", {"error"}),
    "nests its source": ("safe_load = " + "(" * 5000 + "1" + ")" * 5000, {"error"}),
}  # fmt: skip

BESIDE = {"memory bomb", "fork bomb", "thread bomb", "fills the disk", "kills everybody", "kills the grader",
          "kills its parent", "writes to every file", "floods its output", "patches modules",
          "leaves a thread"}  # fmt: skip
"""Those that another student's answer must live through, at the same time."""
SLOW = {"endless loop", "endless sleep", "floods its output"}
"""Those that use up their time, whatever it is."""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_scores_nothing_and_harms_nobody(
    name: str, classroom: Class, found: Isolation, tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not found.enough:  # where nothing protects the grader, such answers are not run at all
        classroom.hand_in("eve", classroom.answered({"border": HOSTILE[name][0]}))
        refused = classroom.command("grade", str(classroom.folder), "--out", str(tmp_path / "report"))
        assert refused.returncode == 2 and "--unprotected" in refused.stderr
        return
    canary = tmp_path / "canary"
    canary.write_text("alive")
    canary.chmod(0o644)
    monkeypatch.setenv("A_SECRET", "of the grader's")
    with socket.create_server(("127.0.0.1", 0)) as outside:
        places = {"canary": str(canary), "notebook": str(classroom.root / "chapters" / f"{CHAPTER}.ipynb"),
                  "port": outside.getsockname()[1], "grader": os.getpid()}  # fmt: skip
        source, expected = HOSTILE[name]
        source = source.format(**places) if "{" in source else source
        classroom.hand_in("eve", classroom.answered({"border": source}))
        if name in BESIDE:
            classroom.hand_in("ada", classroom.answered({"border": small.RIGHT["border"]}))
        begun = time.monotonic()
        book = classroom.grade(found, seconds=0.8 if name in SLOW else 4)
        spent = time.monotonic() - begun
    eve = the(book, "eve", "border")
    print(f"{name}: {eve.verdict}, {eve.seconds:.2f} s: {eve.message[:100]} [{eve.output.strip()[:60]}]")
    assert eve.verdict in expected, eve
    assert eve.points == (2.0 if eve.verdict == "passed" else 0.0)
    assert "harm done" not in eve.output
    assert len(eve.output) <= 10_000
    if name in BESIDE:
        assert the(book, "ada", "border").verdict == "passed"
    assert canary.read_text() == "alive" and canary.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("canary")] == ["canary"]
    assert spent < 15
    assert left_behind(scratch) == []
    assert list(scratch.iterdir()) == []


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let the grader make its scratch folders in one that only this test has, and that any user may pass through."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        Path(folder).chmod(0o711)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def left_behind(scratch: Path) -> list[str]:
    """List processes that an answer has left: the name of its scratch folder is in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
            status = path.with_name("status").read_text()
        except OSError:
            continue
        if str(scratch).encode() in b" ".join(words):
            found.append(status.partition("\n")[0])
    return found
