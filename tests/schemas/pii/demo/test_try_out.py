"""A few lines of schema are judged as a file with them would be."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.schemas.pii.demo.try_out import verdicts_on, verdicts_on_names
from companion.schemas.pii.evidence.classify import classify
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.rules.loading import Rules, RulesError
from companion.schemas.pii.verdict import Level, Verdict

PERSON = "message Person { string ssn = 1; int64 created_at = 2; bool smoker = 3; bytes face_template = 4; }"
OWN = "version: mine\nrules:\n  - {id: slot, type: LOCATION, level: HIGH, why: it is theirs, names: [slot]}\n"


def told(verdicts: list[Verdict]) -> list[tuple[str, Level, str | None, str]]:
    return [(each.field.name, each.level, each.pii_type, each.source) for each in verdicts]


def test_lines_are_judged_as_a_file_is(tmp_path: Path, rules: Rules) -> None:
    (tmp_path / "a.proto").write_text(f'syntax = "proto3"; {PERSON}')
    schemas, _ = read_marked([tmp_path])
    assert told(verdicts_on(PERSON)) == told(list(classify(schemas, rules)))


@pytest.mark.parametrize("first", ['syntax = "proto2"; ', 'edition = "2023"; ', '\n\n  syntax = "proto3"; '])
def test_lines_may_bring_a_first_line_of_their_own(first: str) -> None:
    (verdict,) = verdicts_on(f"{first}message Person {{ {'optional' if 'proto2' in first else ''} string ssn = 1; }}")
    assert verdict.level is Level.HIGH


def test_what_protoc_refuses_is_said_in_its_words() -> None:
    with pytest.raises(ValueError, match=r"^here\.proto:3: .*Expected \";\"") as caught:
        verdicts_on("message Person {\n  string ssn = 1\n}\n")
    assert "/" not in str(caught.value)


def test_rules_of_ones_own_count_and_faults_in_them_are_named() -> None:
    source = "message Person { string slot = 1; }"
    assert [each.level for each in verdicts_on(source)] == [Level.PUBLIC]
    assert told(verdicts_on(source, OWN)) == [("slot", Level.HIGH, "LOCATION", "slot (these rules:3)")]
    assert verdicts_on_names("Person", {"slot": "string"}, OWN)["slot"].level is Level.HIGH
    with pytest.raises(RulesError, match=r"^these rules: rules\.0\.level"):
        verdicts_on(source, OWN.replace("HIGH", "GREAT"))


def test_names_alone_are_judged_as_in_a_schema() -> None:
    fields = {"ssn": "string", "created_at": "int64", "smoker": "bool", "face_template": "bytes"}
    found = verdicts_on_names("Person", fields)
    assert told(list(found.values())) == told(verdicts_on(PERSON))
    assert list(found) == list(fields)


def test_a_schema_may_bring_its_own_first_line_behind_a_comment() -> None:
    source = '// of the bank\nsyntax = "proto2";\nmessage A { optional string ssn = 1; }'
    assert [each.level for each in verdicts_on(source)] == [Level.HIGH]
