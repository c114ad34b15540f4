"""The whole service on one machine: that it ends when it is told to."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable
from typing import Any

import pytest

from companion.calls.messaging.quotes import service, source


def test_the_service_ends_though_its_source_swallows_the_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the broker's client does under Python 3.11, when the answer comes in the same turn as the cancellation."""
    done, began, swallowed = threading.Event(), threading.Event(), threading.Event()

    async def swallowing(js: Any, quotes: Iterable[tuple[str, int, float]], every: float = 0.0) -> int:
        if not every:  # the first thirty
            return await source.publish(js, quotes)
        for _ in quotes:
            began.set()
            try:
                await asyncio.sleep(every)
            except asyncio.CancelledError:
                swallowed.set()
        return 0

    monkeypatch.setattr(service, "publish", swallowing)
    serving = threading.Thread(
        target=service.serve_quotes, args=(lambda ports: None, done), kwargs={"port": 0, "every": 0.01}, daemon=True
    )
    serving.start()
    assert began.wait(30)
    done.set()
    serving.join(30)
    assert swallowed.is_set()
    assert not serving.is_alive()


class Late(threading.Event):
    """Whoever waits for it hears of it late."""

    def wait(self, timeout: float | None = None) -> bool:
        heard = super().wait(timeout)
        time.sleep(0.5)
        return heard


def test_a_source_that_ends_first_is_not_taken_for_the_brokers_end() -> None:
    done = Late()
    threading.Timer(0.5, done.set).start()
    service.serve_quotes(lambda ports: None, done, port=0, every=0.01)
