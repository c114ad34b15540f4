"""The file to fill in: what it says, and that it lints clean once each prompt has given way to words."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from companion.operations.postmortems.document import Document, Role, State
from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.lint import lint
from companion.operations.postmortems.rules.settings import Profile, Settings
from companion.operations.postmortems.writing.new import Start, file_name, new
from companion.operations.postmortems.writing.restricted import share

START = Start("Shoppers could not check out for 44 minutes", dt.date(2026, 11, 3), "PST", "Checkout", "Checkout team")

WORDS = Path(__file__).with_name("words.txt").read_text("utf-8")
"""What stands in the place of each prompt: three lines of the head, then the rest between lines of ``===``."""


def words() -> list[str]:
    head, *rest = WORDS.split("===\n")
    return [*head.strip().split("\n"), *(part.rstrip("\n") for part in rest)]


def prompts(text: str) -> list[str]:
    return re.findall(r"<!--.*?-->", text, flags=re.S)


def filled() -> str:
    """Put words in the place of each prompt, and call it final."""
    text, given = new(START).replace("Status: draft", "Status: final"), iter(words())
    return re.sub(r"<!--.*?-->", lambda prompt: next(given), text, flags=re.S)


@pytest.fixture(scope="module")
def document() -> Document:
    return parse(filled(), "checkout.md")


def test_there_are_words_for_each_prompt() -> None:
    assert len(prompts(new(START))) == len(words())


def test_once_filled_it_lints_clean(document: Document) -> None:
    report = lint(document, Settings(profile=Profile.FINAL))
    assert [(finding.rule, finding.line, finding.message) for finding in report.findings] == []


def test_once_filled_each_part_is_recognised(document: Document) -> None:
    assert document.title == START.title and document.date == START.date
    assert (len(document.timeline), len(document.lessons), len(document.actions)) == (10, 3, 3)
    assert {entry.zone for entry in document.timeline} == {"PST"}
    assert sorted({why.branch for why in document.whys}) == ["1", "2", "3"]
    assert [action.owner for action in document.actions] == ["Ines Okafor", "Leila Haddad", "Marcus Lindqvist"]
    assert {action.state for action in document.actions} == {State.OPEN}
    wanted = {*Role} - {Role.CONTEXT, Role.REVIEW, Role.WELL, Role.OTHER}
    assert wanted <= {section.role for section in document.sections}


def test_unfilled_no_prompt_is_taken_for_what_it_asks_for() -> None:
    document = parse(new(START))
    assert (document.timeline, document.whys, document.lessons, document.actions) == ((), (), (), ())


def test_it_has_what_was_known() -> None:
    text = new(START)
    for said in ("# Shoppers could not", "- Date: 2026-11-03", "All times are in PST.", "- Owner team: Checkout team"):
        assert said in text
    assert text == new(START)


def test_what_is_not_known_is_a_prompt() -> None:
    text = new(Start("X", dt.date(2026, 11, 3)))
    assert "- Service: <!--" in text and "- Owner team: <!--" in text


def test_a_security_incident_has_parts_that_are_not_shared() -> None:
    text = new(Start("X", dt.date(2026, 11, 3), security=True))
    assert parse(text).restricted
    assert "Details" not in share(text).text and share(text).sections == 1
    assert "restricted" not in new(START)


@pytest.mark.parametrize("title", ["a --> b", "<!-- x", "two\nlines", "{title} {0}"])
def test_a_title_stays_one_line_and_opens_no_comment(title: str) -> None:
    text = new(Start(title, dt.date(2026, 11, 3)))
    assert len(prompts(text)) == len(prompts(new(Start("X", dt.date(2026, 11, 3)))))
    assert text.split("\n")[1] == ""


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Users could not check out for 44 minutes", "2026-11-03-users-could-not-check-out-for-44.md"),
        ("../../Étages: l'accès coupé", "2026-11-03-etages-l-acces-coupe.md"),
        ("総括", "2026-11-03.md"),
    ],
)
def test_the_files_name_is_one_that_every_system_takes(title: str, name: str) -> None:
    assert file_name(Start(title, dt.date(2026, 11, 3))) == name
