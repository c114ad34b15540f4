"""The figures of the wires: each title is the finding, computed from what is drawn."""

from __future__ import annotations

from companion.calls.wire.experiments.figures import figure_call_bytes, figure_growth, figure_speed
from companion.calls.wire.experiments.sizes import CallCost, ListSize


def test_a_call_is_told_by_its_second_time_on_the_wires_that_take_least_and_most() -> None:
    costs = [
        CallCost("socket", "first", 900, 900, 1),
        CallCost("socket", "warm", 9, 31, 1),
        CallCost("rest", "warm", 100, 140, 1),
        CallCost("grpc", "first", 5000, 5000, 2),
        CallCost("grpc", "warm", 50, 60, 1),
    ]
    figure = figure_call_bytes(costs)
    assert figure.title == "One call takes 6 times as many bytes on rest as on the socket"
    assert "900" not in figure.alt and "5,000" not in figure.alt


def test_a_list_is_told_at_its_greatest_length_plain_and_compressed() -> None:
    sizes = [
        ListSize(name, count, plain * count, zipped * count if zipped else None, "")
        for name, plain, zipped in (("socket", 10, 0), ("oncrpc", 12, 0), ("grpc", 20, 15), ("rest", 50, 18))
        for count in (1000, 1)
    ]
    assert figure_growth(sizes).title == (
        "A list of 1,000: JSON takes 2.5 times the bytes of Protocol Buffers, and as each server gzips it 1.20 times"
    )


def test_the_slowest_wire_is_named_with_how_many_times_fewer_calls_it_makes() -> None:
    figure = figure_speed({"socket": 1.0, "grpc": 0.05, "rest": 0.2})
    assert figure.title == "On loopback grpc makes 20 times fewer calls than the raw socket"
