"""Who pays twice, at servers that forget and at servers that remember."""

from companion.calls.wire.experiments.repeats import NEXT_XID, XID, paid, repeats


def test_a_payment_sent_again_is_taken_once_by_a_server_that_remembers_its_xid() -> None:
    assert paid(XID, remember=1) == 10
    assert paid(NEXT_XID, remember=1) == paid(XID, remember=0) == paid(XID, remember=1, restarted=True) == 20


def test_two_callers_with_one_xid_are_one_to_the_server() -> None:
    assert paid(XID, remember=1, lost=False) == 10
    assert paid(NEXT_XID, remember=1, lost=False) == 20


def test_of_the_five_only_the_server_that_remembers_takes_what_is_due() -> None:
    assert [row.server for row in repeats() if row.paid == row.due] == ["remembers"]
