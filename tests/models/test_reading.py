"""Words and sentences, as whoever does not understand them sees them."""

from __future__ import annotations

import pytest

from companion.models.reading import sentences, statements, telling_words, words


def test_names_in_code_are_words() -> None:
    assert words("user_name, userName: 10-Q") == ["user", "name", "user", "name", "10", "q"]
    assert telling_words("What is a socket?") == {"socket"}


def test_a_line_is_a_sentence() -> None:
    assert sentences("One. Two\nthree!") == ["One.", "Two", "three!"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Revenue was up\nby 7 %. It\nfell.", ["Revenue was up by 7 %.", "It fell."]),
        ("Results\nRevenue was high.", ["Results", "Revenue was high."]),
        ("Revenue: 5\nMargin, net: 7", ["Revenue: 5", "Margin, net: 7"]),
        ("It lists:\n- one\n- two", ["It lists:", "- one", "- two"]),
        ("One.  Two sentences.  Three.", ["One.", "Two sentences.", "Three."]),
        ("Borealis Inc. of the U.S. grew. So did No. 3.", ["Borealis Inc. of the U.S. grew.", "So did No. 3."]),
        ('"It grew." he said.', ['"It grew."', "he said."]),
        ("It is so.\n\n\nAnd so\n", ["It is so.", "And so"]),
        ("Revenue   94.9   88.1\nIt grew.", ["It grew."]),
        ("| a | b |\nIt grew.\n| c | d |", ["It grew."]),
        ("", []),
    ],
)
def test_prose_is_read_across_its_lines_and_tables_are_not(text: str, said: list[str]) -> None:
    assert list(statements(text)) == said


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    text = ". " * 50_000  # twenty minutes, if each end looked at all that was before it
    assert len(list(statements(text))) == 50_000
