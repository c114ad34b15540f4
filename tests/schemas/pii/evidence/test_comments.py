"""What a comment or another maintainer's option says of a field whose name says nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.schemas.pii.verdict import Level, Verdict

Judge = Callable[..., dict[str, Verdict]]


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        ("passport no", "PASSPORT"),
        ("passport number and email address", "PASSPORT"),
        ("email address and passport number", "PASSPORT"),
        ("home address or iban", "BANK_ACCOUNT"),
        ("not a passport number", None),
        ("some are passport numbers", None),
        ("id passport number", None),
        ("name passport number", None),
        ("whoever held the scanner", "PERSON_ID"),
        ("who held the scanner", "PERSON_ID"),
        ("whom the scanner belongs to", "PERSON_ID"),
        ("how the scanner was held", None),
    ],
)
def test_a_short_comment_is_a_better_name_unless_it_makes_the_field_something_else(
    judge: Judge, comment: str, kind: str | None
) -> None:
    assert judge(f"message Thing {{ string no_1 = 1; // {comment}\n}}")["Thing.no_1"].pii_type == kind


@pytest.mark.parametrize(
    ("comment", "personal"),
    [
        ("the other member of this match", True),
        ("the other member of this old match", False),
        ("the other match", False),
    ],
)
def test_a_comment_of_six_words_at_most_says_whose_number_it_is(judge: Judge, comment: str, personal: bool) -> None:
    found = judge(f"message Match {{ string partner_id = 1; // {comment}\n}}")["Match.partner_id"]
    assert (found.level, found.pii_type) == ((Level.LOW, "PERSON_ID") if personal else (Level.PUBLIC, None))


def test_an_option_marks_texts_and_numbers_and_no_time_flag_or_choice(judge: Judge) -> None:
    found = judge(
        "enum Shade { DARK = 0; }\n"
        "message Thing { string a = 1 [debug_redact = true]; int64 b = 2 [debug_redact = true];\n"
        "google.protobuf.Timestamp c = 3 [debug_redact = true]; bool d = 4 [debug_redact = true];\n"
        "Shade e = 5 [debug_redact = true]; string f = 6 [debug_redact = false];\n"
        'string g = 7 [json_name = "debug_redact = true"]; }'
    )
    assert [name[-1] for name, verdict in found.items() if verdict.pii_type == "CREDENTIAL"] == ["a", "b"]


def test_how_a_field_behaves_is_passed_over_before_its_comment_is_read(judge: Judge) -> None:
    for behaviour in ("Required.", "Output only.", "Optional, immutable:"):
        found = judge(f"message Thing {{ string no_1 = 1; // {behaviour} Passport number.\n}}")
        assert found["Thing.no_1"].pii_type == "PASSPORT", behaviour
