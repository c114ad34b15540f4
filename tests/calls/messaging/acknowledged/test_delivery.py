"""What comes again after its acknowledgement. How much depends on the moment; that it may, does not."""

from companion.calls.messaging.acknowledged.delivery import delivered_again
from companion.calls.messaging.acknowledged.durability import apart
from companion.calls.messaging.broker import running


def test_messages_acknowledged_just_before_a_kill_come_again() -> None:
    found: list[int] = []
    while not any(found) and len(found) < 5:  # unless the server has written just between the last and the kill
        with running() as broker:
            found.append(apart(lambda: delivered_again(broker, "ack", messages=50)))
    assert any(found) and max(found) <= 50


def test_an_acknowledgement_that_the_server_has_answered_may_be_forgotten_too() -> None:
    found: list[int] = []
    while not any(found) and len(found) < 5:
        with running() as broker:
            found.append(apart(lambda: delivered_again(broker, "ack_sync", messages=50)))
    assert any(found)


def test_after_a_while_the_server_has_written_them_down() -> None:
    with running() as broker:
        assert apart(lambda: delivered_again(broker, "ack", messages=50, rest=1.0)) == 0
