"""What a comment or another maintainer's option says of a field whose name says nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.schemas.pii.evidence.comments import by_options
from companion.schemas.pii.evidence.question import Question
from companion.schemas.pii.evidence.subjects import make_context
from companion.schemas.pii.rules.loading import load_rules
from companion.schemas.pii.scanning import scan
from companion.schemas.pii.verdict import Level, MarkedField, MarkedMessage, Verdict
from companion.schemas.protobuf.model import Kind, Span

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


MARKS = """
message Meta { string doc = 1; repeated string tags = 3; }
enum Sensitivity { NONE = 0; RESTRICTED = 1; SENSITIVITY_PERSONAL = 2; }
extend google.protobuf.FieldOptions {
  Meta field_meta = 1088; string data_class = 50001; bool pii = 50002; string classification = 50003;
  Sensitivity sensitivity = 50004;
}
"""


@pytest.mark.parametrize(
    ("options", "level"),
    [
        ('(field_meta).tags = "PII"', "HIGH"),
        ('(.test.v1.field_meta).tags = "PII"', "HIGH"),
        ("(field_meta) = { tags: [\"a]b\", 'PII'] }", "HIGH"),
        ('(field_meta) = { tags: "audit" tags: "gdpr" }', "HIGH"),
        ('(data_class) = "personal"', "HIGH"),
        ('(data_class) = "Personal" "Data"', "HIGH"),
        ("(pii) = true", "HIGH"),
        ('(classification) = "CONFIDENTIAL_PII"', "HIGH"),
        ("(sensitivity) = SENSITIVITY_PERSONAL", "HIGH"),
        ("(sensitivity) = RESTRICTED", "HIGH"),
        ('(data_class) = "pii", (sensitivity) = RESTRICTED', "HIGH"),
        ("(pii) = false", None),
        ("(sensitivity) = NONE", None),
        ('(classification) = "NON_PII"', None),
        ('(classification) = "not personal"', None),
        ('(classification) = "UNRESTRICTED"', None),
        ('(classification) = ""', None),
        ('(field_meta).doc = "PII"', None),
        ('(field_meta) = { doc: "the tags: \\"PII\\" are elsewhere, tags = PII" }', None),
        ('json_name = "pii", deprecated = true', None),
        ('(data_class) = "this is where the import of personal records starts"', None),
    ],
)
def test_a_mark_that_calls_a_field_personal_is_read_from_its_name_or_its_value(
    judge: Judge, options: str, level: str | None
) -> None:
    found = judge(f"{MARKS} message Thing {{ string blob = 1 [{options}]; }}")["Thing.blob"]
    assert (found.level, found.pii_type) == ((level, "PERSONAL") if level else (Level.PUBLIC, None))


def test_a_mark_without_a_type_leaves_the_type_to_the_rules(judge: Judge) -> None:
    found = judge(
        MARKS + "message Thing { string email = 1 [(pii) = true]; string no_1 = 2 [(pii) = true]; // passport number\n"
        "string sku = 3 [(pii) = true]; google.protobuf.Timestamp when = 4 [(pii) = true];\n"
        "Meta box = 5 [(pii) = true]; string iban = 6 [(sensitivity) = RESTRICTED];\n"
        "bool on = 8 [(pii) = true]; string blob = 7 [debug_redact = true]; }"
    )
    said = {name.removeprefix("Thing."): verdict.pii_type for name, verdict in found.items() if "Thing." in name}
    assert said == {
        "email": "EMAIL_PERSONAL", "no_1": "PASSPORT", "sku": "PERSONAL", "when": "PERSONAL", "box": "PERSONAL",
        "iban": "BANK_ACCOUNT", "on": None, "blob": "CREDENTIAL",
    }  # fmt: skip


def test_an_organisation_says_which_of_its_options_and_values_mean_personal(tmp_path: Path) -> None:
    schema, own = tmp_path / "a.proto", tmp_path / "own.yaml"
    schema.write_text(
        'syntax = "proto3"; import "google/protobuf/descriptor.proto";'
        "extend google.protobuf.FieldOptions { string acme_handling = 50001; }"
        'message Thing { string a = 1 [(acme_handling) = "C3"]; string b = 2 [(acme_handling) = "C1"];'
        ' string c = 3 [(acme_handling) = "pii"]; }'
    )
    own.write_text(
        'version: "acme"\nmarks: {options: [], types: [], level: HIGH, type: CREDENTIAL, personal: {c3: HIGH},'
        " valued: [handling]}\n"
    )
    found = {one.field.name: one.level for one in scan(schema, rules=load_rules([own])).verdicts if one.message}
    assert found == {"a": Level.HIGH, "b": Level.PUBLIC, "c": Level.HIGH}


@given(st.text("()[]{}\"'\\\\=:., tagspi\n", max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_text_of_options_is_too_odd(options: str) -> None:
    rules = load_rules()
    field = MarkedField("blob", 1, Kind.TEXT, "string", 1, Span(0, 0), options=options)
    message = MarkedMessage("Thing", "Thing", 1, Span(0, 0), (field,))
    context = make_context([], rules)
    found = by_options(Question(context, message, field, context.subject(message)))
    assert found is None or found.level is Level.HIGH
