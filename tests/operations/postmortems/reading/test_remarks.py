"""What a file says about itself in comments: which rule is silent where and why, and what is restricted."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.document import PostmortemError, Silence
from companion.operations.postmortems.reading.read import parse


def silence(text: str) -> Silence:
    (found,) = parse(text).silences
    return found


def test_a_remark_above_everything_holds_for_the_file() -> None:
    found = silence("<!-- lint off time-zone: we all live in one -->\n\n# Down\n\nwords\n")
    assert (found.rule, found.level, found.reason, found.where, found.line) == (
        "time-zone",
        "off",
        "we all live in one",
        None,
        1,
    )


def test_a_remark_before_a_heading_holds_for_what_is_below() -> None:
    text = (
        "# Down\n\nwords\n\n<!-- lint warning timeline-gap: asleep -->\n\n## Timeline\n\na\n\n"
        "### Night\n\nb\n\n## Impact\n\nc\n"
    )
    assert silence(text).where == (7, 14)


def test_a_remark_before_a_paragraph_holds_for_it() -> None:
    assert silence("# Down\n\na\n\n<!-- lint off estimate: rough -->\n\nb\nc\n\nd\n").where == (7, 8)


@pytest.mark.parametrize("line", ["b <!-- lint off estimate: rough -->", "- b <!-- lint off estimate: rough -->"])
def test_a_remark_beside_words_holds_for_their_line(line: str) -> None:
    assert silence(f"# Down\n\na\n\n{line}\n\nc\n").where == (5, 5)


def test_a_remark_in_a_row_holds_for_the_row() -> None:
    assert silence("# Down\n\n| a | b |\n|-|-|\n| c | d <!-- lint off action-owner: team --> |\n| e | f |\n").where == (
        5,
        5,
    )


def test_a_silence_without_a_reason_is_read_as_such() -> None:
    assert silence("# Down\n\na <!-- lint off estimate -->\n").reason == ""


@pytest.mark.parametrize("comment", ["lint", "lint of estimate: x", "please lint off estimate", "off estimate: x"])
def test_another_comment_silences_nothing(comment: str) -> None:
    assert parse(f"# Down\n\na <!-- {comment} -->\n").silences == ()


def test_front_matter_may_turn_rules_off() -> None:
    text = (
        "---\nlint:\n  time-zone: {level: off, reason: one zone}\n"
        "  action-owner: {level: warning, reason: teams}\n  graphs: off\n---\n# Down\n"
    )
    found = [(one.rule, one.level, one.reason, one.where, one.line) for one in parse(text).silences]
    assert found == [
        ("time-zone", "off", "one zone", None, 2),
        ("action-owner", "warning", "teams", None, 2),
        ("graphs", "off", "", None, 2),
    ]


@pytest.mark.parametrize("value", ["off", "[a, b]", "3", "{a: {b: {c: d}}}", "{1: 2}", "{a: [1]}"])
def test_front_matter_of_another_shape_is_no_error(value: str) -> None:
    parse(f"---\nlint: {value}\n---\n# Down\n")


def test_restricted_passages_and_sections_have_their_lines() -> None:
    text = (
        "# Down\n\na\n\n<!-- restricted -->\n\nb\n\n<!-- /restricted -->\n\n"
        "## How (restricted)\n\nc\n\n### More\n\nd\n\n## Impact\n\ne\n"
    )
    assert parse(text).restricted == ((5, 9), (11, 18))


@pytest.mark.parametrize(("text", "line"), [
    ("# Down\n\n<!-- restricted -->\n\na\n", 3), ("# Down\n\na\n\n<!-- /restricted -->\n", 5),
    ("# Down\n\n<!-- restricted -->\n\na\n\n<!-- restricted -->\n\nb\n\n<!-- /restricted -->\n", 7),
])  # fmt: skip
def test_a_restricted_passage_without_a_clear_end_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(PostmortemError, match=rf"^leak\.md:{line}: [^\n]*$"):
        parse(text, "leak.md")
