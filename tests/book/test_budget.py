"""The time budget is read as the first cell declares it."""

from __future__ import annotations

import pytest

from companion.book.budget import Budget, budget


@pytest.mark.parametrize(
    "text",
    [
        "**Time:** run 60 s, read 40 minutes.",
        "# 2 · One call\n\n**Read first:** nothing. **Time:** run 60 s, read 40 minutes. **Real:** every client.",
        "**Time:** run 60 s,\nread 40 minutes.",
    ],
)
def test_a_budget_is_found_wherever_the_cell_has_it(text: str) -> None:
    assert budget(text) == Budget(run_s=60, read_min=40)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# A chapter",
        "**Time:** half a minute to run, forty minutes to read.",
        "Time: run 60 s, read 40 minutes.",
        "**Time:** run 60, read 40 minutes.",
        "**Time:** run 60 s, read 40 minutes",
    ],
)
def test_what_is_written_otherwise_is_no_budget(text: str) -> None:
    assert budget(text) is None


def test_one_minute_to_read_is_written_as_one() -> None:
    assert budget("**Time:** run 1 s, read 1 minute.") == Budget(1, 1)


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (1, "seconds"),
        (10, "seconds"),
        (11, "under a minute"),
        (60, "under a minute"),
        (61, "minutes"),
        (900, "minutes"),
    ],
)
def test_the_class_of_run_time_is_said_in_words(seconds: int, says: str) -> None:
    assert Budget(seconds, 5).run_class == says
