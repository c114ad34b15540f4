"""The bank charges once for a key, and refuses one that comes with another amount."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.calls.concurrency.durable.bank import Bank, BankError


def test_without_keys_every_call_is_a_charge(tmp_path: Path) -> None:
    bank = Bank(tmp_path / "bank")
    assert [bank.charge(5), bank.charge(5)] == [1, 2]
    assert bank.charges() == [(5, None), (5, None)]


def test_a_key_is_charged_once_and_gets_its_receipt_again_from_a_bank_that_was_restarted_too(tmp_path: Path) -> None:
    path = tmp_path / "bank"
    assert [Bank(path).charge(5, "a"), Bank(path).charge(6, "b"), Bank(path).charge(5, "a")] == [1, 2, 1]
    with pytest.raises(BankError, match="5 was charged for it, not 7"):
        Bank(path).charge(7, "a")
    assert Bank(path).charges() == [(5, "a"), (6, "b")]
