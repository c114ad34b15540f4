"""What checks the exercise on fencing accepts a fence, and counts the orders that break what is none."""

from companion.calls.coordination.leases.exercises import sold_twice


class Fenced:
    def __init__(self) -> None:
        self.bookings: list[str] = []
        self.newest = 0

    def is_free(self, token: int) -> bool:
        self.newest = max(self.newest, token)
        return not self.bookings

    def book(self, who: str, token: int) -> bool:
        if token < self.newest:
            return False
        self.newest = token
        self.bookings.append(who)
        return True


class OnWrites(Fenced):
    def is_free(self, token: int) -> bool:
        return not self.bookings


class Trusting(OnWrites):
    def book(self, who: str, token: int) -> bool:
        self.bookings.append(who)
        return True


def test_a_fence_on_both_is_broken_by_no_order() -> None:
    assert sold_twice(Fenced) == (0, 3150)


def test_half_a_fence_and_none_are_broken() -> None:
    assert [sold_twice(make)[0] for make in (OnWrites, Trusting)] == [210, 420]
