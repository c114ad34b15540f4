"""The control plane, with real things: a bank over HTTP, and threads."""

from __future__ import annotations

import pytest

from companion.simulators.interaction.checks.semantics import Bank, lost_answer, pay_over_http, serving, two_deposits


def test_a_lost_answer_pays_twice_without_a_key_and_once_with_it() -> None:
    assert lost_answer(keyed=False) == (2, 200)
    assert lost_answer(keyed=True) == (2, 100)


def test_who_never_hears_an_answer_is_told_so_and_the_payment_was_made() -> None:
    bank = Bank(keyed=True, lost_answers=9)
    with serving(bank) as port, pytest.raises(ConnectionError, match="no answer in 3 attempts"):
        pay_over_http(port, "payment 1", 100, retries=2)
    assert bank.balance == 100
    bank.database.close()


@pytest.mark.parametrize("_", range(20))
def test_two_threads_lose_a_deposit_without_a_lock_and_none_with_it_every_time(_: int) -> None:
    assert (two_deposits(locked=False), two_deposits(locked=True)) == (100, 200)
