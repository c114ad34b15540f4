"""A clock that is set by hand goes on when told, and never back."""

import pytest

from companion.calls.coordination.clocks import HandClock, real


def test_a_hand_clock_stands_until_it_is_set_on() -> None:
    clock = HandClock()
    clock.pass_(2.5)
    clock.pass_(0.0)
    assert clock() == 2.5
    with pytest.raises(ValueError, match="does not go back"):
        clock.pass_(-1)


def test_the_machines_clock_does_not_go_back() -> None:
    assert real() <= real()
