"""The figures say what was run."""

from companion.calls.contracts.concerns.figures import figure_costs, figure_orders
from companion.calls.contracts.concerns.orders import all_orders


def test_the_orders_figure_counts_the_orders_that_keep_all() -> None:
    asked = ("own answers", "all told", "clean log")
    figure = figure_orders(all_orders(("auth", "cache", "log")), asked)
    assert figure.title == "None of 6 orders of auth, cache, log keeps all 3 properties"
    assert "cache > auth > log: own answers leaks, all told leaks, clean log holds" in figure.alt
    one = figure_orders(all_orders(("auth", "cache")), ("own answers",))
    assert one.title == "1 of 2 orders of auth, cache keeps all 1 properties"


def test_the_costs_figure_names_the_dearest_place() -> None:
    costs = {"function, bare": 0.1, "function, log": 8.1, "socket, bare": 20.0, "socket, 2 sidecars": 50.0}
    figure = figure_costs(costs)
    assert figure.title == "socket, 2 sidecars: 30 µs more a call; function, log: 8 µs"
    assert "socket, 2 sidecars: added 30" in figure.alt


def test_a_cost_that_was_lost_in_noise_has_no_bar() -> None:
    costs = {"function, bare": 0.1, "function, log": 8.1, "gRPC, bare": 500.0, "gRPC, 3 on the server": 499.0}
    told = figure_costs(costs).alt
    assert "function, log: added 8" in told
    assert "gRPC, 3 on the server: added -" not in told
    assert "gRPC, 3 on the server: added 0" not in told
