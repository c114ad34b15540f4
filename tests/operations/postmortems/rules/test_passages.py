"""What the rules read, and what of it they leave out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.document import Role
from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.outcome import Mark
from companion.operations.postmortems.rules.passages import (
    Passage,
    cut,
    enumerated,
    few,
    lead,
    read,
    story,
    summary,
    unquoted,
)
from tests.operations.postmortems.draws import tried


@tried(50)
@given(st.text(max_size=300))
def test_sentences_and_quotations_keep_their_places_whatever_is_written(text: str) -> None:
    passage = Passage(1, text, Role.OTHER)
    assert all(text[place:].startswith(sentence) for place, sentence in passage.sentences())
    assert len(unquoted(text)) == len(text)
    assert unquoted(text).count("\n") == text.count("\n")


def test_a_place_in_a_passage_keeps_its_line() -> None:
    passage = Passage(10, "one.\nTwo. Three\nfour", Role.OTHER)
    assert [passage.line_at(place) for place, _ in passage.sentences()] == [10, 11, 11]
    assert passage.line_at(passage.text.index("four")) == 12


def test_words_are_shortened_and_joined_as_in_a_sentence() -> None:
    assert cut("a  long\nline " * 20, 12) == "a long …"
    assert enumerated(["a", "b", "c"]) == "a, b and c"
    assert enumerated(["a"]) == "a"
    assert [mark.message for mark in few([Mark(n, f"{n}.") for n in range(5)], "of them")][
        -1
    ] == "2. 2 more of them further down."


def test_an_abbreviation_ends_no_sentence() -> None:
    passage = Passage(1, "Approx. 7 calls failed, ca. 3 of them twice. Nobody saw it.", Role.OTHER)
    assert len(list(passage.sentences())) == 2


def test_code_quotations_comments_and_what_is_struck_out_are_not_read() -> None:
    text = "# T\n\n## Impact\n\nOne.\n\n> Two.\n\n```\nThree.\n```\n\n<!-- Four. -->\n\n~~Five.~~\n\n- Six “seven”.\n"
    assert [passage.text.split() for passage in read(parse(text).of(Role.IMPACT))] == [["One."], ["Six", "."]]


def test_a_summary_takes_in_its_labels_and_no_section_of_another_kind() -> None:
    text = "# T\n\n## Summary\n\nOne.\n\n**Impact:** two.\n\n## Timeline\n\nThree.\n"
    assert [passage.text for passage in summary(parse(text))] == ["One.", "two."]


def test_a_label_that_is_a_heading_of_its_own_does_not_belong_to_the_lead() -> None:
    document = parse("# T\n\nOne.\n\n**Root cause**\n\nTwo.\n")
    assert [passage.text for passage in read(lead(document))] == ["One."]


def test_the_story_is_title_summary_and_impact_each_once_in_their_order() -> None:
    document = parse("# T\n\nOne.\n\n## Impact\n\nTwo.\n\n## Causes\n\nThree.\n\n## Summary\n\nFour.\n")
    assert [passage.text for passage in story(document)] == ["T", "One.", "Two.", "Four."]
