from __future__ import annotations

from companion.services.a2a.figures import figure_late, figure_written


def test_the_late_server_is_drawn_with_both_fences() -> None:
    figure = figure_late(3, 4)
    told = [
        "database sends A fence 3",
        "A is down (paused)",
        "database sends B fence 4",
        "completed, fence 3",
        "database sends A 0 rows",
        "completed, fence 4",
        "database sends B 1 row",
    ]
    places = [figure.alt.find(words) for words in told]
    assert -1 not in places and places == sorted(places), figure.alt


def test_the_title_says_what_the_last_point_shows() -> None:
    figure = figure_written([25, 200], {25: 19.2, 200: 135.4}, {25: 2.0, 200: 2.1})
    assert "For 200 events" in figure.title and "135 bytes" in figure.title and "2.1" in figure.title
