"""How calls end badly: what an ORB says of the work, and what became of it."""

from companion.calls.wire.objects.endings import Ending, endings


def test_the_recording_is_what_an_orb_does_today(ended: list[Ending]) -> None:
    assert ended == endings(live=False)


def test_completed_no_is_never_a_lie() -> None:
    found = endings(live=False)
    assert [end.executed for end in found if end.completed == "NO"] == [0, 0, 0]


def test_dying_before_and_after_the_work_are_told_in_the_same_words() -> None:
    told = {end.what: (end.told, end.completed, end.executed) for end in endings(live=False)}
    assert told["the server dies before"] == ("COMM_FAILURE", "MAYBE", 0)
    assert told["the server dies after"] == ("COMM_FAILURE", "MAYBE", 1)
    assert told["the server falls silent"] == ("TIMEOUT", "MAYBE", 1)
    assert told["the server has a bug"][:2] == ("UNKNOWN", "MAYBE")
    assert told["nobody listens"] == ("TRANSIENT", "NO", 0)


def test_a_value_that_does_not_fit_fails_before_a_byte_is_sent() -> None:
    assert endings(live=False)[-1] == Ending("timestamp 2^31: 0 bytes sent", "BAD_PARAM", "NO", 0)
