"""Types that mean nothing by themselves leave the word to the field that has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from companion.schemas.pii.evidence.values import kind_by_name
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.verdict import Level, Verdict

Judge = Callable[..., dict[str, Verdict]]
VALUES = """
message Amount { int64 cents = 1; string currency = 2; }
message LocalDate { int32 year = 1; int32 month = 2; int32 day = 3; }
message Image { bytes data = 1; string mime_type = 2; }
message Key { bytes data = 1; string algorithm = 2; }
message Coding { string system = 1; string code = 2; string display = 3; }
message CodeableConcept { repeated Coding coding = 1; string text = 2; }
message Identifier { string scheme = 1; string value = 2; Period valid = 3; }
message Period { LocalDate start = 1; LocalDate end = 2; }
message Reading { double value = 1; string unit = 2; }
message Text { string value = 1; }
"""


@pytest.mark.parametrize(
    ("field", "level", "kind"),
    [
        ("Amount monthly_salary", Level.HIGH, "SALARY"),
        ("Amount account_balance", Level.HIGH, "BALANCE"),
        ("LocalDate date_of_birth", Level.MEDIUM, "DATE_OF_BIRTH"),
        ("Image passport_scan", Level.HIGH, "PASSPORT"),
        ("Image fingerprint", Level.HIGH, "BIOMETRIC"),
        ("Image face", Level.MEDIUM, "PHOTO"),
        ("Image portrait", Level.MEDIUM, "PHOTO"),
        ("Key private_key", Level.HIGH, "CREDENTIAL"),
        ("CodeableConcept diagnosis", Level.HIGH, "MEDICAL_RECORD"),
        ("Coding religion", Level.HIGH, "PROTECTED_TRAIT"),
        ("Coding nationality", Level.LOW, "DEMOGRAPHIC"),
        ("Identifier tax_id", Level.HIGH, "TAX_ID"),
        ("Reading blood_pressure", Level.HIGH, "MEDICAL_RECORD"),
        ("Text first_name", Level.LOW, "NAME"),
        ("map<string, Text> passwords", Level.HIGH, "PASSWORD"),
        ("Inner last_name", Level.LOW, "NAME"),
        ("google.type.Money salary", Level.HIGH, "SALARY"),
        ("google.type.Date birthday", Level.MEDIUM, "DATE_OF_BIRTH"),
        ("Amount unit_price", Level.PUBLIC, None),
        ("LocalDate due_date", Level.PUBLIC, None),
        ("Image logo", Level.PUBLIC, None),
        ("Key public_key", Level.PUBLIC, None),
        ("Coding unit_of_measure", Level.PUBLIC, None),
        ("Identifier order", Level.PUBLIC, None),
    ],
)
def test_a_type_that_means_nothing_by_itself_means_what_the_field_is_called(
    judge: Judge, field: str, level: Level, kind: str | None
) -> None:
    google = "message Money { string currency_code = 1; int64 units = 2; int32 nanos = 3; }\n"
    google += "message Date { int32 year = 1; int32 month = 2; int32 day = 3; }"
    files: Mapping[str, str] = {
        "google/type/all.proto": f'syntax = "proto3"; package google.type; {google}',
        "a.proto": f'syntax = "proto3"; package hr; import "google/type/all.proto"; {VALUES}\n'
        f"message Employee {{ message Inner {{ string text = 1; }} {field} = 1; }}",
    }
    verdict = judge(files)[f"Employee.{field.split()[-1]}"]
    assert (verdict.level, verdict.pii_type) == (level, kind)


@pytest.mark.parametrize("type_", ["PasswordPolicy", "PasswordSettings", "PasswordStatus"])
def test_a_type_that_says_it_is_another_thing_is_not_what_the_field_is_called(judge: Judge, type_: str) -> None:
    found = judge(f"message {type_} {{ int32 value = 1; }} message Login {{ {type_} password = 1; }}")
    assert found["Login.password"].level is Level.PUBLIC


def test_the_higher_of_the_fields_name_and_what_is_inside_decides(judge: Judge) -> None:
    inside = "message Image { bytes data = 1; string photographer_email = 2; }"
    found = judge(f"{inside} message Person {{ Image passport_scan = 1; Image sketch = 2; }}")
    assert [found[f"Person.{name}"].level for name in ("passport_scan", "sketch")] == [Level.HIGH, Level.MEDIUM]


def test_values_that_hold_each_other_come_to_an_end(judge: Judge) -> None:
    found = judge("message Text { Text value = 1; string raw = 2; } message Person { Text ssn = 1; Text size = 2; }")
    assert [found[f"Person.{name}"].level for name in ("ssn", "size")] == [Level.HIGH, Level.PUBLIC]


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("google.type.Money", "number"),
        ("a.b.BigDecimal", "number"),
        ("x.LocalDate", "time"),
        ("fhir.r4.CodeableConcept", "enum"),
        ("x.Image", "bytes"),
        ("x.StringValue", None),
        ("x.PhoneNumber", None),
        ("x.ApiKey", None),
        ("x.BirthDate", None),
        ("x.Customer", None),
    ],
)
def test_a_name_that_is_only_a_value_tells_its_kind(rules: Rules, type_: str, kind: str | None) -> None:
    assert kind_by_name(rules, type_) == kind
