"""The bookings with real processes, stopped past their leases."""

import random

import pytest

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.leases.airline import AirlineClient, AirlineService, run
from companion.calls.coordination.leases.booking import DESIGNS, WAKES, Airline, play
from companion.calls.coordination.line_server import serving
from companion.calls.coordination.lines import Caller, LineError

SAFE = ("token on reads and writes", "unique seat")


@pytest.mark.parametrize(
    ("design", "point", "wakes", "sold"),
    [
        ("no check", "read", "writes last", 2),
        ("renewal", "checked", "writes last", 2),
        ("token on writes", "read", "wakes first", 2),
        ("token on reads and writes", "read", "wakes first", 1),
        ("unique seat", "read", "writes last", 1),
    ],
)
def test_processes_do_what_the_state_machine_says(design: str, point: str, wakes: str, sold: int) -> None:
    real, played = run(design, point, wakes), play(design, point, wakes)
    assert len(real.bookings) == sold
    assert (real.bookings, real.refused) == (played.bookings, played.refused)


def test_a_desk_behind_a_socket_is_a_desk() -> None:
    with serving(AirlineService(Airline(HandClock()))) as address, AirlineClient(address) as desk:
        assert list(DESIGNS["renewal"](desk, "Ada")) == ["acquired", "read", "checked", "written"]
        assert desk.acquire("late") is None and not desk.is_free() and not desk.renew(9) and desk.clock() == 0


@pytest.mark.parametrize("request_", [{}, {"op": "book"}, {"op": "acquire", "who": 1}, {"op": "free", "token": "1"}])
def test_a_hostile_request_is_refused(request_: dict[str, object]) -> None:
    service = AirlineService(Airline(HandClock()))
    with serving(service) as address, Caller(address) as caller, pytest.raises(LineError):
        caller.call(request_)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(200))
def test_two_hundred_paused_clients_sell_nothing_twice(seed: int) -> None:
    draw = random.Random(seed)
    airline = run(draw.choice(SAFE), draw.choice(["acquired", "read"]), draw.choice(WAKES))
    assert len(airline.bookings) == 1
