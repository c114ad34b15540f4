"""What is inside a message, and whom a message is about that several others use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.schemas.pii.evidence.classify import classify
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.verdict import Level, MarkedSchema, Verdict
from companion.schemas.protobuf.model import Problem

Judge = Callable[..., dict[str, Verdict]]
STATUS = """
message Status { int32 code = 1; string message = 2; }
message GetFileResponse { Status status = 1; }
message DeleteLockResponse { Status status = 1; }
"""


def test_a_type_that_one_of_many_users_has_for_a_person_is_what_it_is_for_the_rest(judge: Judge) -> None:
    alone = judge(STATUS)
    found = judge(f"{STATUS} message GetUserResponse {{ Status status = 1; string user_id = 2; }}")
    assert {key: found[key] == verdict for key, verdict in alone.items()} == dict.fromkeys(alone, True)
    assert found["GetUserResponse.status"].level is Level.PUBLIC


def test_a_type_whose_uses_differ_is_judged_for_each(judge: Judge) -> None:
    found = judge(
        "message Stripes { string name = 1; } message Part { Stripes a = 1; } message Bolt { Stripes b = 1; }\n"
        "message Nut { Stripes c = 1; } message Patient { Stripes d = 1; } message Box { Patient patient = 1; }"
    )
    assert found["Patient.d"].pii_type == "NAME" and found["Box.patient"].pii_type == "NAME"
    assert [found[key].pii_type for key in ("Stripes.name", "Part.a", "Bolt.b", "Nut.c")] == [None] * 4


def test_of_two_equals_the_one_that_lies_less_deep_is_told_and_then_the_one_of_the_lower_number(judge: Judge) -> None:
    found = judge(
        "message Deep { string ssn = 1; } message Inner { Deep deep = 1; string password = 3; string iban = 2; }\n"
        "message Outer { Inner inner = 1; }"
    )
    assert found["Outer.inner"].reason.startswith("holds Inner.iban:")


def test_a_field_that_is_called_as_its_type_is_tells_nothing_that_was_not_read(judge: Judge) -> None:
    found = judge(
        "message ApiKey { bool is_admin = 1; int32 uses = 2; }\n"
        "message Made { ApiKey api_key = 1; ApiKey password = 2; }"
    )
    assert [found[f"Made.{name}"].level for name in ("api_key", "password")] == [Level.PUBLIC, Level.HIGH]
    found = judge("message LowKey {} message Made { LowKey low_key = 1; LowKey password = 2; LowKey session_key = 3; }")
    assert [each.level for each in found.values()] == [Level.PUBLIC, Level.HIGH, Level.HIGH]


def test_what_is_a_business_inside_is_so_for_whoever_holds_the_business(judge: Judge) -> None:
    found = judge(
        "message Address { string street = 1; } message Warehouse { Address address = 1; }\n"
        "message Order { Warehouse from = 1; Address to = 2; }"
    )
    levels = [found[key].level for key in ("Warehouse.address", "Order.from", "Order.to")]
    assert levels == [Level.PUBLIC, Level.PUBLIC, Level.MEDIUM]


def test_an_extension_is_judged_as_a_field_of_what_it_extends(judge: Judge) -> None:
    head = 'syntax = "proto2"; package test; '
    found = judge(
        head + "message Patient { extensions 100 to 200; } message Part { extensions 100 to 200; }\n"
        "extend Patient { optional string name = 100; }\n"
        "message Home { extend Part { optional string name = 101; } extend Patient { optional string notes = 101; } }"
    )
    assert [found[key].pii_type for key in (".name", "Home.name", "Home.notes")] == ["NAME", None, "MEDICAL_RECORD"]


@pytest.mark.parametrize(("type_", "said"), [("x.Account", True), ("google.type.Money", False)])
def test_what_cannot_be_known_since_a_file_was_not_read_is_said(
    read: Callable[..., tuple[list[MarkedSchema], list[Problem]]], rules: Rules, type_: str, said: bool
) -> None:
    schemas, problems = read(
        f'syntax = "proto3"; package test; import "elsewhere.proto"; message Order {{ {type_} buyer_paid = 1; }}'
    )
    assert len(problems) == 1
    reason = classify(schemas, rules)[0].reason
    assert ("is not known: the file that defines it was not read" in reason) is said


@pytest.mark.parametrize("called", ["value", "stripes"])
def test_a_chain_of_thousands_of_messages_is_followed_to_its_end(judge: Judge, called: str) -> None:
    links = 3_000
    chain = "".join(f"message M{n} {{ M{n + 1} {called} = 1; }}\n" for n in range(links))
    found = judge(f"{chain} message M{links} {{ string password = 1; }} message Person {{ M0 first = 1; }}")
    assert {verdict.level for verdict in found.values()} == {Level.HIGH}
    assert found["Person.first"].reason.startswith(f"holds M{links}.password:")
