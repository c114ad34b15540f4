"""The figure says what was played."""

from companion.calls.messaging.quotes.figures import figure_hole


def test_ada_misses_what_was_sent_before_and_stored_after() -> None:
    figure = figure_hole()
    assert figure.title.endswith("she sees 0 and 2, and never 1")
    assert "sends 1, not to Ada" in figure.alt
