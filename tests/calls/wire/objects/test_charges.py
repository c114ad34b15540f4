"""gRPC's one status for two failures, and who pays twice."""

from companion.calls.wire.objects.charges import Charge, charges


def test_down_and_died_are_one_status_and_a_retry_policy_pays_twice() -> None:
    assert charges() == [
        Charge("nobody listens", "UNAVAILABLE", 0),
        Charge("dies after it took the money", "UNAVAILABLE", 1),
        Charge("dies after it took the money, retryPolicy", "OK", 2),
    ]
