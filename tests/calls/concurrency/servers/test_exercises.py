"""What checks the exercises is right itself."""

from companion.calls.concurrency.load import corrected
from companion.calls.concurrency.servers.exercises import closed_loop, intended


def test_a_client_waits_for_its_server_and_goes_on_at_once() -> None:
    assert closed_loop(10, 50, end=80) == [(0, 10), (10, 60), (60, 70), (70, 80)]


def test_intended_latencies_count_what_was_left_out() -> None:
    samples = closed_loop(10, 50, end=80)
    assert intended(samples, 10) == [10, 10, 10, 10, 20, 30, 40, 50]
    assert intended(samples, 10) == sorted(corrected([done - sent for sent, done in samples], 10))
