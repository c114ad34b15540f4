"""Servers that count, and a caller that tells of its errors instead of raising."""

from __future__ import annotations

from companion.calls.network_tax.balancing.workers import Caller, Worker, working


def test_a_call_to_a_server_that_is_gone_is_an_error_and_no_exception() -> None:
    worker = Worker("a")
    with Caller(f"ipv4:{worker.address}") as caller:
        assert caller.call() == "a"
        worker.stop()
        assert caller.call() == ""
        assert caller.errors == 1


def test_a_worker_counts_calls_and_connections_apart() -> None:
    with working(["a"]) as [worker], Caller(f"ipv4:{worker.address}", channels=2, own_pool=True) as caller:
        assert [caller.call() for _ in range(4)] == ["a"] * 4
        assert (worker.calls, len(worker.peers)) == (4, 2)
        worker.forget()
        assert (worker.calls, len(worker.peers)) == (0, 2)


def test_a_server_may_be_stopped_twice() -> None:
    with working(["a"]) as [worker]:
        worker.stop()
