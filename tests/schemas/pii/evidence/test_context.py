"""Whom a message is about decides what its broad words mean: the name of a patient, the name of a part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from companion.schemas.pii.evidence.context import Context, Subject, Whom
from companion.schemas.pii.evidence.subjects import make_context
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.verdict import Verdict

Judge = Callable[..., dict[str, Verdict]]


@pytest.fixture
def about(tmp_path: Path, rules: Rules) -> Callable[[str], dict[str, Subject]]:
    """Give what says whom each message of a schema is about."""

    def make(messages: str) -> dict[str, Subject]:
        (tmp_path / "a.proto").write_text(f'syntax = "proto3"; package test;\n{messages}')
        schemas, problems = read_marked([tmp_path])
        assert problems == []
        context = make_context(schemas, rules)
        return {message.name: context.subject(message) for message in schemas[0].messages}

    return make


About = Callable[[str], dict[str, Subject]]


def words_of(rules: Rules, name: str) -> Subject:
    return Context(rules, {}, {}).read(rules.vocabulary.words(name))


# The name, read from its end


@pytest.mark.parametrize(
    ("name", "whom"),
    [
        ("Customer", Whom.PERSON),
        ("CustomerSettings", Whom.THING),
        ("SettingsCustomer", Whom.PERSON),
        ("OrderCustomer", Whom.PERSON),
        ("CustomerDetails", Whom.PERSON),
        ("GetUserRequest", Whom.PERSON),
        ("UserRole", Whom.THING),
        ("Warehouse", Whom.BUSINESS),
        ("WarehouseManager", Whom.PERSON),
        ("Cluster", Whom.THING),
        ("Zebra", Whom.UNKNOWN),
        ("Response", Whom.UNKNOWN),
    ],
)
def test_a_name_is_about_its_last_word_that_says_anything(rules: Rules, name: str, whom: Whom) -> None:
    assert words_of(rules, name).whom is whom


def test_after_a_word_that_nobody_listed_only_a_person_is_believed(rules: Rules) -> None:
    assert words_of(rules, "PatientZebra").whom is Whom.PERSON
    assert words_of(rules, "WarehouseZebra").whom is Whom.UNKNOWN


def test_only_the_message_that_is_called_like_a_person_is_the_person_itself(rules: Rules) -> None:
    assert words_of(rules, "Patient").itself
    assert words_of(rules, "GetUserRequest").itself
    assert not words_of(rules, "PatientZebra").itself


# The message around it


def test_a_nested_message_is_about_whom_the_outer_one_is_about(about: About) -> None:
    found = about("message Patient { message Zebra { string name = 1; } message Ward { string name = 1; } }")
    assert found["Patient.Zebra"].whom is Whom.PERSON
    assert found["Patient.Ward"].whom is Whom.THING  # its own name says so


def test_what_is_nested_in_a_person_is_not_the_person(judge: Judge) -> None:
    found = judge("message Patient { string id = 1; message Zebra { string id = 1; string name = 2; } }")
    assert [found[key].pii_type for key in ("Patient.id", "Patient.Zebra.id")] == ["PERSON_ID", None]
    assert found["Patient.Zebra.name"].pii_type == "NAME"


# Its fields


def test_whoever_has_a_birth_date_is_a_person(judge: Judge) -> None:
    found = judge(
        "message Acc { string dob = 1; string name = 2; } message Zebra { string stripes = 1; string name = 2; }"
    )
    assert found["Acc.name"].pii_type == "NAME"
    assert found["Zebra.name"].pii_type is None


def test_a_message_of_an_unsaid_role_with_a_persons_fields_is_the_person(judge: Judge) -> None:
    found = judge("message Record { string id = 1; string dob = 2; } message Zebra { string id = 1; string dob = 2; }")
    assert [found[key].pii_type for key in ("Record.id", "Zebra.id")] == ["PERSON_ID", None]


# Its namesake, its use


def test_a_request_is_about_whom_its_namesake_is_about(judge: Judge) -> None:
    messages = "message GetZebraRequest { string name = 1; } message Zebra { string dob = 1; }"
    assert judge(messages)["GetZebraRequest.name"].pii_type == "NAME"
    assert judge(messages.replace("string dob", "string stripes"))["GetZebraRequest.name"].pii_type is None


@pytest.mark.parametrize(("holder", "kind"), [("customer", "NAME"), ("warehouse", None), ("zebra", None)])
def test_a_message_is_about_whom_the_field_that_holds_it_names(judge: Judge, holder: str, kind: str | None) -> None:
    found = judge(f"message Giraffe {{ Zebra {holder} = 1; }} message Zebra {{ string name = 1; }}")
    assert found["Zebra.name"].pii_type == kind


def test_a_message_is_about_whom_its_holder_is_about(judge: Judge) -> None:
    found = judge("message Patient { Zebra stripes = 1; } message Zebra { string name = 1; }")
    assert found["Zebra.name"].pii_type == "NAME"


def test_of_two_uses_the_one_that_protects_more_decides(judge: Judge) -> None:
    found = judge(
        "message Ward { Zebra bed = 1; } message Parcel { Zebra recipient = 1; } message Zebra { string name = 1; }"
    )
    assert found["Zebra.name"].pii_type == "NAME"


@pytest.mark.parametrize(("method", "kind"), [("GetPatient", "NAME"), ("GetPart", None)])
def test_the_service_that_carries_a_message_says_whom_it_is_about(judge: Judge, method: str, kind: str | None) -> None:
    found = judge(
        f"service Desk {{ rpc {method}(Zebra) returns (Giraffe); }}\n"
        "message Zebra { int32 n = 1; } message Giraffe { string name = 1; }"
    )
    assert found["Giraffe.name"].pii_type == kind


def test_messages_that_hold_each_other_come_to_an_end(about: About) -> None:
    loop = "message Zebra { Giraffe next = 1; } message Giraffe { Zebra back = 1; Giraffe self = 2; }"
    assert {name: subject.whom for name, subject in about(loop).items()} == dict.fromkeys(
        ("Zebra", "Giraffe"), Whom.UNKNOWN
    )


def test_one_of_a_loop_of_messages_that_a_person_holds_is_about_that_person(judge: Judge) -> None:
    found = judge(
        "message Patient { Zebra first = 1; }\n"
        "message Zebra { Giraffe next = 1; string name = 2; } message Giraffe { Zebra back = 1; }"
    )
    assert found["Zebra.name"].pii_type == "NAME"


# Languages, prefixes, traces


def test_a_language_that_one_file_speaks_is_not_heard_in_the_next(judge: Judge) -> None:
    german = 'syntax = "proto3"; package de; message Kunde { string vorname = 1; string strasse = 2; string ort = 3; }'
    english = 'syntax = "proto3"; package en; message Customer { string surname = 1; string ort = 2; }'
    found = judge({"de.proto": german, "en.proto": english})
    assert [found[key].pii_type for key in ("Kunde.ort", "Customer.ort")] == ["REGION", None]


def test_a_prefix_that_most_fields_share_says_nothing_of_each(judge: Judge) -> None:
    found = judge("message Zebra { string zb_ssn = 1; string zb_full_name = 2; string zb_id = 3; string zb_x = 4; }")
    assert [found[f"Zebra.zb_{name}"].pii_type for name in ("ssn", "full_name", "x")] == ["SSN", "NAME", None]


def test_a_city_is_personal_beside_a_street(judge: Judge) -> None:
    found = judge(
        "message Spot { string city = 1; string street = 2; } message Dot { string city = 1; string colour = 2; }"
    )
    assert [found[key].pii_type for key in ("Spot.city", "Dot.city")] == ["REGION", None]
