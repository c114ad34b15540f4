"""What recurs in a folder, what is overdue, and what nobody acts on."""

from __future__ import annotations

import datetime as dt

import pytest

from companion.operations.postmortems.folder.patterns import kinds, patterns, sentences, unlinked
from companion.operations.postmortems.reading.read import parse

TODAY = dt.date(2026, 12, 1)

SAYS_SO = {
    "monitoring gap": [
        "We only monitor error rates, not resource utilization.",
        "Connection pool monitoring didn't exist.",
        "There was no alert for double bookings.",
        "Customers told us before any alert fired.",
        "Our dashboards did not show the queue.",
        "Nobody was paged.",
        "We learned of it from a customer.",
        "The alert had been silenced since May.",
        "It had been down for nearly an hour before we noticed.",
        "We did not notice that the images broke.",
    ],
    "escaped test": [
        "Load testing used a tenth of the data and missed it.",
        "Our tests did not cover two bookings at once.",
        "There was no test for the empty list.",
        "The change was not tested with a full table.",
        "The bug slipped through code review.",
        "Why didn't we catch this in testing?",
    ],
    "staging differs": [
        "Staging uses only 1/10 of the production data.",
        "It worked in staging.",
        "The configuration of staging had drifted from production.",
        "We could not reproduce it in staging.",
        "Test environments that do not reflect production miss what only production has.",
    ],
    "manual process": [
        "Manual approval was required for production rollbacks.",
        "The settings were copied by hand.",
        "An operator ran the command on the wrong host.",
        "The runbook was out of date.",
        "Somebody forgot to renew the certificate.",
    ],
    "deployment": [
        "A deployment increased the queries per request tenfold.",
        "The outage was caused by a configuration change.",
        "There was no canary.",
        "The rollback took 15 minutes.",
        "It was deployed during peak traffic.",
    ],
}
SAYS_SOMETHING_ELSE = [
    "Monitoring worked well.",
    "An alert fired after one minute.",
    "The tests are green.",
    "The network cable was cut by an excavator.",
    "We deployed the fix at 15:07.",
    "Staging is where releases wait.",
    "The manual for the printer is on the wiki.",
    "There were no false alerts.",
    "Customers use the checkout to pay.",
    "Traffic doubled within a minute.",
    "We noticed it within a minute.",
    "Two releases were made in an attempt to mend it.",
    "The engineer did not alert others to the change.",
]


@pytest.mark.parametrize(("name", "sentence"), [(name, one) for name, found in SAYS_SO.items() for one in found])
def test_a_sentence_that_says_so_is_found(name: str, sentence: str) -> None:
    assert name in [kind.name for kind in kinds() if kind.finds(sentence)]


@pytest.mark.parametrize("sentence", SAYS_SOMETHING_ELSE)
def test_a_sentence_that_says_something_else_is_not(sentence: str) -> None:
    assert [kind.name for kind in kinds() if kind.finds(sentence)] == []


def test_a_pattern_recurs_if_two_post_mortems_say_so_and_their_lines_are_told() -> None:
    one = parse("# A\n\n## Root cause\n\nIt was slow.\nThere was no alert for it.\n", "one.md")
    two = parse("# B\n\n## Lessons\n\n1. We only monitor errors.\n2. It worked in staging.\n", "two.md")
    found = {pattern.name: pattern for pattern in patterns([one, two], TODAY).patterns}
    assert found["monitoring gap"].recurs and not found["staging differs"].recurs
    assert [(said.file, said.line) for said in found["monitoring gap"].sentences] == [("one.md", 6), ("two.md", 5)]


def test_what_went_well_what_is_to_be_done_quotations_and_code_say_nothing_of_what_went_wrong() -> None:
    said = "There was no alert."
    text = f"# A\n\n## What went well\n\n{said}\n\n## Action items\n\n- {said}\n\n"
    text += f"## Root cause\n\n> {said}\n\n    {said}\n"
    assert list(sentences(parse(text))) == []


def test_what_is_restricted_is_not_repeated() -> None:
    text = "# A\n\n## Root cause (restricted)\n\nThere was no alert.\n\n## Lessons\n\n1. It worked in staging.\n"
    assert [one.text for one in sentences(parse(text))] == ["It worked in staging."]


def test_a_sentence_that_stands_twice_counts_once() -> None:
    text = "# A\n\n## Summary\n\nThere was no alert.\n\n## Root cause\n\nThere was no alert.\n"
    assert len(list(sentences(parse(text)))) == 1


LINKED = """\
# A

## Lessons

1. Watch what can run out.
2. Test with data like production's.
3. Emergencies want their own rules (action 2).

## Action items

| # | Action | Owner | Due | Lesson |
|---|---|---|---|---|
| 1 | Add alarms | Ines Okafor | 2026-11-20 | Lesson 1 |
| 2 | Change the rule | Ana Lima | | |
"""


def test_a_lesson_without_an_action_is_told() -> None:
    (found,) = unlinked(parse(LINKED))
    assert (found.number, found.line, found.all_of_them) == ("2", 6, False)
    assert unlinked(parse(LINKED.replace("Lesson 1 |", "L2 |").replace("(action 2)", "(action 9)")))[0].number == "1"


def test_without_any_link_no_lesson_has_an_action() -> None:
    found = unlinked(parse("# A\n\n## Lessons\n\n- Watch it.\n- Test it.\n\n## Actions\n\n- Add alarms\n"))
    assert [lesson.all_of_them for lesson in found] == [True, True]


def test_overdue_actions_are_told_the_oldest_first_and_those_without_a_date_are_counted() -> None:
    text = LINKED.replace("2026-11-20", "2026-11-30")
    found = patterns([parse(text, "a.md"), parse(LINKED, "b.md")], TODAY)
    assert [(task.file, task.due) for task in found.overdue] == [
        ("b.md", dt.date(2026, 11, 20)), ("a.md", dt.date(2026, 11, 30))
    ]  # fmt: skip
    assert found.undated == 2


def test_each_pattern_says_what_it_means_when_it_recurs() -> None:
    assert [kind.name for kind in kinds()] == list(SAYS_SO)
    assert all(kind.says.endswith(".") for kind in kinds())
