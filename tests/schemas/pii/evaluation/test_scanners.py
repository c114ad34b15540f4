"""Existing scanners, where they are installed: do they still say what their rules say?"""

from __future__ import annotations

import json

import pytest

from companion.schemas.pii.evaluation.scanners import (
    SCANNERS,
    NamedField,
    Scanner,
    available,
    figures,
    libraries,
    measured,
)
from companion.schemas.pii.evaluation.scores import compare, recorded
from companion.schemas.pii.verdict import Level

HIGH, MEDIUM, LOW, PUBLIC = Level.HIGH, Level.MEDIUM, Level.LOW, Level.PUBLIC
BY_NAME = {scanner.name: scanner for scanner in SCANNERS}

SAYS: dict[str, dict[str, Level | None]] = {
    "piicatcher": {"ssn": HIGH, "home_address": MEDIUM, "first_name": LOW, "file_name": LOW, "quantity": None},
    "metadata-guardian": {"ssn": HIGH, "email": MEDIUM, "work_email": None, "first_name": LOW, "quantity": None},
    "datahub-classify": {"iban": HIGH, "email": MEDIUM, "gender": LOW, "quantity": None},
    "openmetadata": {"ssn": HIGH, "phone_home": MEDIUM, "first_name": LOW, "created_date": PUBLIC, "quantity": None},
    "presidio, context": {"passport": HIGH, "workEmail": MEDIUM, "quantity": None, "status": HIGH},
    "presidio, analyzer": {"quantity": None},
    "detect-secrets": {"password": HIGH, "apiKey": HIGH, "password_min_length": HIGH, "quantity": None},
    "bandit": {"password": HIGH, "page_token": HIGH, "from": None, "quantity": None},
    "sentry": {"password": HIGH, "ip_address": MEDIUM, "db_password": None, "quantity": None},
}


def installed(scanner: Scanner) -> None:
    if scanner.missing:
        pytest.skip(f"{scanner.name} needs {', '.join(scanner.missing)}")


@pytest.mark.parametrize("name", BY_NAME)
def test_a_scanner_says_of_these_names_what_its_rules_say(name: str) -> None:
    installed(BY_NAME[name])
    fields = [NamedField("Thing", field) for field in SAYS[name]]
    assert dict(zip(SAYS[name], BY_NAME[name](fields), strict=True)) == SAYS[name]


def test_presidio_reads_comments() -> None:
    prose = BY_NAME["presidio, analyzer"]
    installed(prose)
    fields = [NamedField("Thing", "contact"), NamedField("Thing", "contact", comment="Such as jane@example.com.")]
    assert prose(fields) == [None, MEDIUM]


@pytest.mark.parametrize("scanner", SCANNERS, ids=BY_NAME)
def test_a_field_that_comes_twice_is_judged_twice_and_none_is_none(scanner: Scanner) -> None:
    installed(scanner)
    twice = scanner([NamedField("A", "password"), NamedField("A", "quantity"), NamedField("B", "password")])
    assert len(twice) == 3 and twice[0] == twice[2]
    assert scanner([]) == []


# The frame around them, without any of them


def made_up(*types: str, needs: tuple[str, ...] = ()) -> Scanner:
    meanings = {"EMAIL": (MEDIUM, ""), "PASSWORD": (HIGH, ""), "DATE": (PUBLIC, "any date")}
    return Scanner("made up", "pytest", "", meanings, lambda fields: [set(types) for _ in fields], needs)


def test_the_highest_of_a_scanners_types_wins() -> None:
    field = [NamedField("A", "a")]
    assert made_up("EMAIL", "PASSWORD")(field) == [HIGH]
    assert made_up("DATE")(field) == [PUBLIC]
    assert made_up()(field) == [None]


def test_a_type_without_a_level_is_named() -> None:
    with pytest.raises(ValueError, match=r"made up .* speaks of VOICE"):
        made_up("EMAIL", "VOICE")([NamedField("A", "a")])


def test_what_a_scanner_lacks_is_named() -> None:
    assert made_up(needs=("json", "no_such_module")).missing == ("no_such_module",)
    assert Scanner("a", "no-such-package", "", {}, lambda _: [], ("json",)).missing == ("no-such-package",)


def test_a_level_that_needs_a_reason_has_one() -> None:
    """PUBLIC for something that a tool thinks worth a type, and that asks for a reason."""
    for scanner in SCANNERS:
        assert scanner.how
        bare = {kind for kind, (level, why) in scanner.meanings.items() if level is PUBLIC and not why}
        assert bare <= {"ORGANIZATION", "URL", "UUID"}


def test_what_is_measured_is_fit_for_a_record() -> None:
    fields = [NamedField("User", "password"), NamedField("User", "quantity")]
    answers = measured(fields)
    assert list(answers) == [scanner.name for scanner in available()]
    assert json.loads(json.dumps(answers)) == answers
    again = {
        name: compare([HIGH, PUBLIC], [Level(level) if level else None for level in answer["levels"]])
        for name, answer in answers.items()
    }
    assert recorded(figures(fields, [HIGH, PUBLIC])) == again
    assert len(libraries()) == len(set(libraries())) <= len(answers)
