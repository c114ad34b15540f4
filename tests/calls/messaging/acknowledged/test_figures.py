"""The figures say what was found."""

from companion.calls.messaging.acknowledged.figures import figure_duplicates, figure_left


def test_the_worst_fault_is_in_the_title() -> None:
    figure = figure_left({"kill -9": 500, "half a power cut": 250}, 500)
    assert figure.title == "Of 500 acknowledged messages, half a power cut leaves 250"
    assert "kill -9" in figure.alt and "500" in figure.alt
    assert figure_left({"a power cut": 0}, 500).title == "Of 500 acknowledged messages, a power cut leaves none"


def test_what_comes_again_in_spite_of_message_ids_is_in_the_title() -> None:
    figures = {
        "stored_twice_plain": 16.0,
        "delivered_again_plain": 500.0,
        "stored_twice_with_ids": 0.0,
        "delivered_again_with_ids": 404.0,
    }
    figure = figure_duplicates(figures, 20)
    assert figure.title.startswith("20 kills") and "404 deliveries are repeated" in figure.title
    assert "16" in figure.alt
