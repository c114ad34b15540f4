"""The recording repeats, as far as it can."""

from companion.calls.wire.objects.record_orb import CALLS


def test_the_recorded_calls_begin_with_an_average_of_nothing_and_a_first_customer() -> None:
    assert CALLS["Traffic"][0] == ["getAverageSpeed"]
    assert [call[0] for call in CALLS["Customers"]] == ["add", "get", "get", "get"]
