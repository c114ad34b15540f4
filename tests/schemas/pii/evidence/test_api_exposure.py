"""What an interface does with personal data: who gets it, how much, and by which way."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from companion.schemas.pii.evidence.api_exposure import findings, message_levels, method_levels
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.verdict import Finding, Level, MarkedSchema, Scan, Verdict

TRADES = sorted(path.stem for path in (Path(__file__).parents[4] / "data" / "pii" / "development").glob("*.proto"))
PERSON = (
    "message Person { string person_id = 1; string name = 2; string ssn = 3; string diagnosis = 4; string tag = 5; }\n"
)
LEVELS = {
    "person_id": (Level.LOW, "PERSON_ID"),
    "name": (Level.LOW, "NAME"),
    "ssn": (Level.HIGH, "SSN"),
    "diagnosis": (Level.HIGH, "MEDICAL_RECORD"),
    "iban": (Level.HIGH, "BANK_ACCOUNT"),
    "password": (Level.HIGH, "PASSWORD"),
    "totp_seed": (Level.HIGH, "CREDENTIAL"),
    "token": (Level.HIGH, "API_KEY"),
    "people": (Level.HIGH, "SSN"),
    "person": (Level.HIGH, "SSN"),
    "filter": (Level.HIGH, "SSN"),
    "accounts": (Level.HIGH, "BANK_ACCOUNT"),
    "secret": (Level.HIGH, "PASSWORD"),
    "twin": (Level.HIGH, "SSN"),
    "work": (Level.LOW, "ADDRESS_WORK"),
    "a": (Level.HIGH, "SSN"),
    "b": (Level.HIGH, "SSN"),
}


Scanned = tuple[list[MarkedSchema], list[Verdict]]


@pytest.fixture
def scanned(tmp_path: Path) -> Callable[..., Scanned]:
    """Give what reads a schema whose fields hold what `LEVELS` says by their names."""

    def make(source: str, levels: Mapping[str, tuple[Level, str]] = LEVELS) -> Scanned:
        (tmp_path / "a.proto").write_text(f'syntax = "proto3";\npackage acme;\n{source}')
        schemas, problems = read_marked([tmp_path])
        assert [problem for problem in problems if problem.fatal] == []
        return schemas, [
            Verdict(schema.path, message.name, field, level, kind or None, "", "test")
            for schema in schemas
            for message in schema.messages
            for field in message.fields
            for level, kind in [levels.get(field.name, (Level.PUBLIC, ""))]
        ]

    return make


def rules(found: tuple[Finding, ...]) -> list[str]:
    return [finding.rule for finding in found]


# Levels


def test_a_message_has_the_highest_level_of_its_fields(scanned: Callable[..., Scanned]) -> None:
    schemas, verdicts = scanned(PERSON + "message Page { string token_name = 1; message Row { string name = 1; } }")
    assert message_levels(schemas, verdicts) == {
        "acme.Person": Level.HIGH,
        "acme.Page": Level.PUBLIC,
        "acme.Page.Row": Level.LOW,
    }


def test_an_ignored_field_does_not_count(scanned: Callable[..., Scanned]) -> None:
    schemas, verdicts = scanned("message A { string name = 1; string ssn = 2; // pii:ignore invented for the demo\n}")
    assert message_levels(schemas, verdicts) == {"acme.A": Level.LOW}


def test_a_method_has_the_higher_level_of_request_and_response(scanned: Callable[..., Scanned]) -> None:
    source = "message Name { string name = 1; }\nmessage Empty {}\n"
    methods = """
      rpc In(Person) returns (Empty);
      rpc Out(Name) returns (Person);
      rpc Low(Name) returns (Empty);
      rpc No(Empty) returns (Empty);
"""
    assert method_levels(*scanned(PERSON + source + "service S { " + methods + " }")) == {
        "acme.S.In": Level.HIGH,
        "acme.S.Out": Level.HIGH,
        "acme.S.Low": Level.LOW,
        "acme.S.No": Level.PUBLIC,
    }


# Findings on the corpus, each read by a person: methods that only repeat what they were sent (UpdateAlarm, PutCarr)
# count, for whoever changes the hours of an alarm need not be told its password


def test_the_corpus_has_these_findings_and_no_others(labelled: Callable[..., Scan]) -> None:
    scan = labelled(*TRADES)
    found = findings(scan.schemas, scan.verdicts)
    assert [(finding.path, finding.message.split()[0], finding.rule) for finding in found] == [
        ("ad_exchange.proto", "searchProfiles", "list-returns-high"),
        ("ad_exchange.proto", "getAdvertiser", "secret-in-response"),
        ("bank.proto", "CustInq", "list-returns-high"),
        ("dating.proto", "SearchProfiles", "list-returns-high"),
        ("dating.proto", "SubmitVerification", "secret-in-response"),
        ("duet.proto", "SearchMembers", "list-returns-high"),
        ("freight.proto", "GetCsg", "secret-in-response"),
        ("freight.proto", "SearchCsg", "secret-in-response"),
        ("freight.proto", "ListDrv", "list-returns-high"),
        ("home_hub.proto", "GetWohnung", "secret-in-response"),
        ("home_hub.proto", "SetZugangscode", "secret-in-response"),
        ("home_hub.proto", "UpdateAlarm", "secret-in-response"),
        ("household.proto", "GetHome", "secret-in-response"),
        ("household.proto", "ListResidents", "list-returns-high"),
        ("household.proto", "AddKeypadCode", "secret-in-response"),
        ("logistics.proto", "GetShipment", "secret-in-response"),
        ("logistics.proto", "SearchShipments", "secret-in-response"),
        ("matchmaking.proto", "SearchProfiles", "list-returns-high"),
        ("office.proto", "ZoekInwoner", "list-returns-high"),
        ("parcels.proto", "BookShp", "secret-in-response"),
        ("parcels.proto", "SearchShp", "secret-in-response"),
        ("parcels.proto", "PutCarr", "secret-in-response"),
        ("platform.proto", "ListUsers", "secret-in-response"),
        ("school.proto", "Find", "list-returns-high"),
        ("shop.proto", "SignIn", "secret-in-response"),
        ("smart_home.proto", "GetHome", "secret-in-response"),
        ("smart_home.proto", "GetAlarmPanel", "secret-in-response"),
        ("telecoms.proto", "Lookup", "secret-in-response"),
        ("travel.proto", "RetrievePnr", "secret-in-response"),
    ]
    assert {finding.level for finding in found} == {Level.HIGH}
    assert all(finding.fix.endswith(".") and finding.fix.count(".") == 1 for finding in found)


# Lists of everyone

MANY = "message Many { repeated Person people = 1; string next_page_token = 2; }\nmessage Query { string text = 1; }\n"


def test_a_list_of_people_with_high_fields_is_found_and_says_which(scanned: Callable[..., Scanned]) -> None:
    (found,) = findings(*scanned(f"{PERSON}{MANY}service S {{\n  rpc ListPeople(Query) returns (Many);\n}}"))
    assert (found.rule, found.line) == ("list-returns-high", 7)
    assert found.message == (
        "ListPeople returns Person after Person with HIGH data: ssn (SSN), diagnosis (MEDICAL_RECORD)"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("rpc Staff(Query) returns (Many);", True),  # it says so by what it returns
        ("rpc Watch(Query) returns (stream Person);", True),
        ("rpc GetPerson(Query) returns (Person);", False),
        ("rpc SavePeople(Many) returns (Many);", False),  # the caller had it before
        ("rpc Chat(stream Person) returns (stream Person);", False),
        ("// pii:ignore for the auditors only\nrpc ListPeople(Query) returns (Many);", False),
        ("// pii:ignore\nrpc ListPeople(Query) returns (Many);", True),  # no reason, no effect
    ],
)
def test_a_list_is_known_by_what_it_returns(scanned: Callable[..., Scanned], body: str, expected: bool) -> None:
    found = findings(*scanned(f"{PERSON}{MANY}service S {{\n{body}\n}}"))
    assert rules(found) == ["list-returns-high"] * expected


@pytest.mark.parametrize(("name", "expected"), [("ListPeople", True), ("listPeople", True), ("Listen", False)])
def test_a_list_with_something_beside_it_is_known_by_its_name(
    scanned: Callable[..., Scanned], name: str, expected: bool
) -> None:
    source = "message Page { repeated Person people = 1; string name = 2; }\nmessage Query { string text = 1; }\n"
    found = findings(*scanned(f"{PERSON}{source}service S {{ rpc {name}(Query) returns (Page); }}"))
    assert rules(found) == ["list-returns-high"] * expected


def test_a_list_in_the_record_of_one_person_is_no_list_of_people(scanned: Callable[..., Scanned]) -> None:
    source = "message File { string name = 1; repeated Person people = 2; }\nmessage Query { string text = 1; }\n"
    assert findings(*scanned(f"{PERSON}{source}service S {{ rpc GetFile(Query) returns (File); }}")) == ()


def test_a_response_that_only_wraps_another_is_looked_into(scanned: Callable[..., Scanned]) -> None:
    source = "message Answer { Many person = 1; int32 code = 2; }\nmessage Edge { Person person = 1; }\n"
    edges = "message Edges { repeated Edge people = 1; }\n"
    methods = "service S { rpc A(Query) returns (Answer); rpc B(Query) returns (Edges); }"
    assert rules(findings(*scanned(PERSON + MANY + source + edges + methods))) == ["list-returns-high"] * 2


def test_what_belongs_to_the_person_who_is_asked_for_is_no_list_of_everyone(scanned: Callable[..., Scanned]) -> None:
    source = """message Account { string person_id = 1; string iban = 2; }
message Accounts { repeated Account accounts = 1; }
"""
    one = "message One { string person_id = 1; }\nmessage All { int32 page = 1; }\n"
    methods = "service S { rpc ListAccounts(One) returns (Accounts); rpc ListAll(All) returns (Accounts); }"
    found = findings(*scanned(source + one + methods))
    assert [finding.message.split()[0] for finding in found] == ["ListAll"]


def test_a_summary_of_people_is_no_finding(scanned: Callable[..., Scanned]) -> None:
    source = """message Row { string name = 1; }
message Rows { repeated Row rows = 1; }
message Query { string text = 1; }
"""
    assert findings(*scanned(f"{source}service S {{ rpc ListPeople(Query) returns (Rows); }}")) == ()


# Addresses


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('get: "/people"', "GET /people: ssn (SSN), filter.ssn (SSN)"),
        ('get: "/people/{ssn}"', "GET /people/{ssn}: ssn (SSN), filter.ssn (SSN)"),
        ('delete: "/people/{id}"', "DELETE /people/{id}: ssn (SSN), filter.ssn (SSN)"),
        ('post: "/people/{ssn=*}" body: "*"', "POST /people/{ssn=*}: ssn (SSN)"),
        ('post: "/people" body: "filter"', "POST /people: ssn (SSN), twin.ssn (SSN)"),
        ('post: "/people/{filter.ssn}" body: "*"', "POST /people/{filter.ssn}: filter.ssn (SSN)"),
        ('post: "/people" body: "*"', None),
        ('post: "/people" body: "twin"', "POST /people: ssn (SSN), filter.ssn (SSN)"),
        ('post: "/people/{twin.ssn}" body: "*"', "POST /people/{twin.ssn}: twin.ssn (SSN)"),
        ('post: "/people/{twin.work}/{gone.ssn}" body: "*"', None),
    ],
)
def test_high_data_in_an_address_is_found(scanned: Callable[..., Scanned], rule: str, said: str | None) -> None:
    source = f"""import "google/api/annotations.proto";
message Filter {{ string ssn = 1; }}
message Ask {{ string id = 1; string ssn = 2; Filter filter = 3; Filter twin = 4; }}
message Empty {{}}
service S {{
  rpc Look(Ask) returns (Empty) {{
    option (google.api.http) = {{ {rule} }};
  }}
}}
"""
    found = [finding for finding in findings(*scanned(source)) if finding.rule == "high-in-url"]
    assert [finding.message for finding in found] == (
        [f"Look takes HIGH data in the address of {said}"] if said is not None else []
    )


# Secrets


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("rpc GetUser(Ask) returns (User);", True),
        ("rpc UpdateUser(User) returns (User);", True),
        ("rpc CreateUser(User) returns (User);", True),  # it repeats what it was given
        ("rpc EnrollDevice(Ask) returns (Seed);", False),  # it must say it once
        ("rpc GetDevice(Ask) returns (Seed);", True),
        ("rpc CreateDevice(Ask) returns (User);", True),  # a password is no seed
        ("rpc SignIn(User) returns (Token);", False),
        ("rpc Check(User) returns (Token);", False),
        ("rpc enrollDevice(Ask) returns (Seed);", False),
    ],
)
def test_a_secret_that_comes_back_is_found(scanned: Callable[..., Scanned], method: str, expected: bool) -> None:
    source = """message Ask { string id = 1; }
message Hidden { string password = 1; }
message User { string id = 1; Hidden secret = 2; }
message Seed { string totp_seed = 1; }
message Token { string token = 1; }
"""
    assert rules(findings(*scanned(f"{source}service S {{ {method} }}"))) == ["secret-in-response"] * expected


def test_a_wrapper_takes_its_meaning_from_the_name_of_its_field(scanned: Callable[..., Scanned]) -> None:
    source = "message Text { string value = 1; }\nmessage User { Text password = 1; }\nmessage Ask { string id = 1; }\n"
    (found,) = findings(*scanned(f"{source}service S {{ rpc GetUser(Ask) returns (User); }}"))
    assert "password (PASSWORD)" in found.message and "value" not in found.message


def test_messages_that_hold_themselves_are_read_once(scanned: Callable[..., Scanned]) -> None:
    source = """message Node { string password = 1; Node secret = 2; repeated Node people = 3; }
message Ask { string id = 1; }
"""
    (found,) = findings(*scanned(f"{source}service S {{ rpc GetNode(Ask) returns (Node); }}"))
    assert found.message == "GetNode returns secrets: password (PASSWORD)"


def test_a_narrow_way_into_a_message_hides_nothing_on_a_wide_one(scanned: Callable[..., Scanned]) -> None:
    source = """message Place { string ssn = 1; }
message Both { string name = 1; Place work = 2; Place person = 3; Place people = 4; }
message Narrow { string name = 1; Place work = 2; }
message Query { string text = 1; }
service S { rpc A(Query) returns (stream Both); rpc B(Query) returns (stream Narrow); }
"""
    (found,) = findings(*scanned(source))
    assert found.message == "A returns Both after Both with HIGH data: person.ssn (SSN)"


@pytest.mark.parametrize(
    ("depth", "fields"), [(26, "M{0} a = 1; M{0} b = 2;"), (26, "M{0} work = 1; M{0} b = 2;"), (3000, "M{0} a = 1;")]
)
def test_many_ways_and_long_ways_to_a_field_hold_nothing_up(
    scanned: Callable[..., Scanned], depth: int, fields: str
) -> None:
    levels = "\n".join(f"message M{n} {{ {fields.format(n + 1)} }}" for n in range(depth))
    source = f"{levels}\nmessage M{depth} {{ string password = 1; }}\nmessage Ask {{ string id = 1; }}\n"
    before = time.process_time()
    (found,) = findings(*scanned(f"{source}service S {{ rpc GetUser(Ask) returns (M0); }}"))
    assert found.message.endswith(".password (PASSWORD)") and found.message.count(".") == depth
    assert time.process_time() - before < 5


def test_files_that_are_only_imported_have_no_findings(scanned: Callable[..., Scanned]) -> None:
    schemas, verdicts = scanned(f"{PERSON}{MANY}service S {{ rpc ListPeople(Query) returns (Many); }}")
    assert findings([replace(schema, judged=False) for schema in schemas], verdicts) == ()
