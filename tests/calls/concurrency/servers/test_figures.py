"""Each figure says its finding, computed from what it draws."""

from companion.calls.concurrency.servers.figures import (
    _broken,
    figure_cpu,
    figure_crowd,
    figure_omission,
    figure_owned,
)


def test_the_crowds_title_names_the_worst() -> None:
    figure = figure_crowd({"loop": 8, "pool": 2}, 8)
    assert "pool: 6 of 8 connections never get an answer" in figure.alt


def test_the_costs_title_compares_the_dearest_with_the_loop() -> None:
    figure = figure_cpu({"cgi, Python": 20.0, "loop": 0.2, "pool": 0.1})
    assert "cgi, Python takes 100 times the processor of the loop" in figure.alt
    assert "differ by 2.0 times" in figure.alt


def test_the_pauses_title_counts_the_slow_requests_of_each_loop() -> None:
    figure = figure_omission([(0.0, 10), (0.1, 300), (0.2, 260)], [(0.0, 10), (0.1, 300)], slow=250)
    assert "the open loop has 2 requests slower than 250 ms, the closed loop 1" in figure.alt


def test_a_line_is_broken_where_no_request_was_sent() -> None:
    x, y = _broken([(0.0, 10), (0.1, 300), (0.5, 10), (0.6, 10)])
    assert y == [10, 300, None, 10, 10] and len(x) == 5


def test_the_second_client_waits_for_the_end_of_the_first() -> None:
    alt = figure_owned().alt
    assert alt.index("client 1 closes") < alt.index("worker sends client 2 answer")
