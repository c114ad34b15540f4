"""The figures say what was seen."""

from companion.calls.messaging.log.figures import figure_poison, figure_work
from companion.calls.messaging.log.workers import Work

SINGLE = Work(((1, "ada"), (2, "ada")), (0, 0), 1)
FREE = Work(((2, "ada"), (1, "ada")), (0, 1), 2)
PARTS = Work(((1, "ada"), (2, "bob")), (0, 1), 2)


def test_the_way_that_keeps_the_order_is_named() -> None:
    figure = figure_work({"single": SINGLE, "free": FREE, "parts": PARTS})
    assert figure.title == "Of those that do several at once only parts keeps each customer's order"
    assert figure_work({"free": FREE}).title.startswith("0 of 1 ways")


def test_the_tries_are_those_that_were_seen() -> None:
    figure = figure_poison([1, 2, 3, 2, 2], 2, before=0, after=1)
    assert figure.title == "Tried 3 times, and told of when somebody fetches again"
    assert "message 2, try 3" in figure.alt and "0 kept" in figure.alt and "1 kept" in figure.alt
