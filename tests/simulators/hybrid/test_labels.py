"""Labels: what is blue runs without coordination, what is red does not."""

from __future__ import annotations

from companion.simulators.hybrid.labels import ACCOUNT, ACCOUNT_NAIVE, label


def test_withdrawals_are_red_and_deposits_and_interest_are_blue() -> None:
    assert {name: verdict.red for name, verdict in label(ACCOUNT).items()} == {
        "deposit": False,
        "withdraw": True,
        "withdraw, refused": False,
        "accrue interest": False,
    }


def test_interest_that_is_computed_where_it_is_applied_turns_all_that_changes_anything_red() -> None:
    verdicts = label(ACCOUNT_NAIVE)
    assert [name for name, verdict in verdicts.items() if not verdict.red] == ["withdraw, refused"]
    assert "does not commute" in verdicts["deposit"].why
