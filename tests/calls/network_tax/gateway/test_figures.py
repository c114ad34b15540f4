"""The figure says what the run has found."""

from __future__ import annotations

from companion.calls.network_tax.gateway.figures import figure_left


def test_a_service_that_hears_of_the_end_is_drawn_cancelled() -> None:
    figure = figure_left(True)
    assert "cancel" in figure.alt
    assert "works on" not in figure.title


def test_a_service_that_does_not_hear_of_it_answers_nobody() -> None:
    figure = figure_left(False)
    assert "an answer for nobody" in figure.alt
    assert "20 requests" in figure.alt
