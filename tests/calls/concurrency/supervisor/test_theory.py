"""The closed forms, at values that can be counted on one's fingers; the simulations hold them in `test_scripted`."""

from __future__ import annotations

from companion.calls.concurrency.supervisor.theory import gives_up, leaf_starts, noticed_after, starts_until_end


def test_the_numbers_of_the_chapter() -> None:
    assert [gives_up(life, 20, 3, 1000) for life in (0, 100, 200, 300, 400)] == [True, True, True, True, False]
    assert [leaf_starts(3, depth) for depth in (0, 1, 2, 3)] == [1, 4, 16, 64]
    assert starts_until_end(0) == 1
    assert noticed_after(50, 10) == (450, 500)


def test_no_restart_allowed_means_that_any_crash_ends_it() -> None:
    assert gives_up(10**9, 0, 0, 0)


def test_at_the_border_it_gives_up() -> None:
    assert gives_up(480, 20, 2, 1000)
    assert not gives_up(481, 20, 2, 1000)
    assert not gives_up(480, 21, 2, 1000)
