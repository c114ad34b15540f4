"""Every page opens in Firefox and in WebKit as it does in Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.conftest import PAGES

pytestmark = pytest.mark.soak
HERE = Path(__file__).parent
JUDGE = HERE / "judge.js"


def binary(*names: str) -> str:
    """Find a program, or skip and say which is missing."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"not installed here: {' or '.join(names)}")
    return str(found)


def test_every_page_opens_in_firefox(address: str, node_modules: Path) -> None:
    firefox = binary("firefox-esr", "firefox")
    command = [binary("node"), str(HERE / "firefox.mjs"), firefox, str(JUDGE), *(address + page for page in PAGES)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, list[str]] = json.loads(done.stdout)
    assert len(found) == len(PAGES) > 10
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, **environment})  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def webkit(tmp_path: Path) -> Iterator[Any]:
    """Start WebKitGTK's driver under a display of its own; give what sends it a command."""
    driver, xvfb = binary("WebKitWebDriver"), binary("Xvfb")
    reading, writing = os.pipe()  # Xvfb picks a free display and says which
    port = free_port()
    with contextlib.ExitStack() as stack:
        server = subprocess.Popen([xvfb, "-displayfd", str(writing), "-screen", "0", "1400x1000x24"],
                                  pass_fds=[writing], stderr=subprocess.DEVNULL)  # fmt: skip
        stack.callback(server.wait, 30)
        stack.callback(server.terminate)
        display = f":{os.read(reading, 16).decode().strip()}"
        stack.enter_context(
            running([driver, f"--port={port}"], DISPLAY=display, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS="1")
        )
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120))
        for _ in range(300):
            with contextlib.suppress(httpx.TransportError):
                if client.get("/status").is_success:
                    break
            time.sleep(0.1)

        def send(path: str, **content: Any) -> Any:
            answer = client.post(path, json=content).json()["value"]
            assert not (isinstance(answer, dict) and "error" in answer), answer
            return answer

        session = f"/session/{send('/session', capabilities={})['sessionId']}"
        yield lambda path, **content: send(session + path, **content)
        client.delete(session)


def test_every_page_opens_in_webkit(address: str, webkit: Any) -> None:
    webkit("/timeouts", script=60_000, pageLoad=120_000)
    judge = f"const done = arguments[0]; {JUDGE.read_text('utf-8').strip()}.then(done, error => done([String(error)]));"
    found = {}
    for page in PAGES:
        webkit("/url", url=address + page)
        found[page] = webkit("/execute/async", script=judge, args=[])
    assert len(found) > 10
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
