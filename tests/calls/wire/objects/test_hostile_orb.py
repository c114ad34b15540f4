"""Hostile headers, sent to a real ORB."""

from companion.calls.wire.objects.hostile_orb import HEADERS, reactions
from tests.calls.wire.objects.conftest import needs_an_orb


def test_the_recording_is_what_an_orb_does_today_and_honest_callers_are_served_meanwhile() -> None:
    needs_an_orb()
    found = reactions(live=True)
    assert found == reactions(live=False)
    assert found.pop("an honest call afterwards") == "0 customers listed"
    assert found.keys() == HEADERS.keys()


def test_only_four_gigabytes_are_answered_and_three_headers_are_waited_for() -> None:
    told = reactions(live=False)
    assert [what for what, came in told.items() if came == "MessageError"] == ["announces 4 GB"]
    assert [what for what, came in told.items() if came == "waits"] == [
        "announces 2 GB",
        "version 9",
        "a type that is none",
    ]
