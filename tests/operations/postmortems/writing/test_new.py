"""The file to fill in: what it says, and that it lints clean once each prompt has given way to words."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from companion.operations.postmortems.document import Document, Role, State
from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.lint import lint
from companion.operations.postmortems.rules.settings import Profile, Settings
from companion.operations.postmortems.writing.new import Start, file_name, new
from companion.operations.postmortems.writing.restricted import share

START = Start("Shoppers could not check out for 44 minutes", dt.date(2026, 11, 3), "PST", "Checkout", "Checkout team")

WORDS = """\
2026-11-04 09:00
Hannah Osei of the Search team, 2026-11-06
2026-11-10
===
The checkout service takes the payments of the web shop. From 14:38 to 15:22 PST on 3 November 2026, for 44 minutes, 23,000
checkout attempts failed, which is 15 % of all. A deployment of the order page made 40 queries a request where
4 had been enough, which exhausted the database's connection pool. Rolling it back resolved the incident. The status page told customers at 14:55.
===
23,000 checkout attempts of 9,100 customers failed, against 180 in the same 44 minutes of the week before. Orders worth
89,000 dollars were not placed, counted from the carts that were not paid within a day.
===
- **14:32** **Trigger: deployment of the order page begins**
- **14:38** **Impact begins: the error rate of checkouts rises to 15 %**
- **14:41** **Detected: the alert on the error rate fires and pages the on-call engineer**
- 14:43 On-call engineer begins to investigate
- **14:47** **Escalated: customer support reports that shoppers cannot check out**
- 14:52 Incident commander raises the severity to SEV1
- **15:03** **Cause known: on-call engineer finds the connection pool exhausted since the deployment**
- **15:07** **Mitigation begins: the release manager starts the rollback**
- 15:15 Half of the servers run the old version
- **15:22** **Resolved: all servers run the old version, errors are back to normal**
===
![Errors in percent of checkouts from 14:00 to 16:00 PST, a line at 14:32 for the deployment and at 15:22 for the resolution, a \
normal Tuesday as a dashed line](img/errors.svg)

Errors rise from the usual 0.2 % to 15 % six minutes after the deployment.
===
1.1. Why did shoppers see errors at checkout?
   -> The application servers answered 15 % of the requests with an error.
1.2. Why did they answer with an error?
   -> They waited 5 s for a database connection and got none.
1.3. Why was no connection free?
   -> The new order page made 40 queries for each request, and the old one 4.
1.4. Why did no test notice it?
   -> Load tests run on a tenth of production's data, and no test counts queries.
1.5. Why do they run on a tenth?
   -> Nobody owns the test environment's data, and nothing compares it with production's.

2.1. Why did the first alert come nine minutes after the deployment?
   -> Alerts watch error rates, and the pool had no alert.
2.2. Why had it none?
   -> There is no list of constrained resources that every service has to watch.

3.1. Why did the rollback begin 4 minutes after the cause was known and take 15 more?
   -> It needed an approval and ran one server after the other.
3.2. Why does it need an approval in an emergency?
   -> The deployment tool has one rule for all changes.
===
The alert on the error rate fired at 14:41, 9 minutes after the deployment began. An alert on the pool's utilization would have
fired at 14:35 and halved that time.
===
From the alert to the cause it took 22 minutes, because the pool's utilization was on no dashboard. A dashboard of it would have
halved that time.
===
From the cause to the restoration it took 19 minutes. The approval and the slow rollback delayed it; a rollback without
approval of all servers at once would have halved that time.
===
15 % of all checkouts were affected, in one of three regions. A gradual rollout to 5 % of the servers would have cut the affected share
to less than half.
===
After the incident the query log of both versions was replayed on a copy of production's data. That took two engineers a day and
showed a query for each line of an order.
===
Customers were told on the status page at 14:55 and 15:30; the support team was briefed at 14:50; the 9,100 customers got a mail on 4 November.
===
1. Services should watch the utilization of every constrained resource, and not error rates alone (action 1).
2. Test environments that do not reflect production systematically miss what only production shows (action 2).
3. Emergencies want their own, faster rules for changes (action 3).
===
| 1 | Add alerts for the pool's utilization at 75 % (warning) and 90 % (page) | Ines Okafor | 2026-11-20 | High | Lesson 1 | open |
| 2 | Load the test environment every night with an anonymised copy of one region's orders | Leila Haddad | 2026-12-11 | High | Lesson 2 | open |
| 3 | Let the incident commander roll back a release of less than a day without approval | Marcus Lindqvist | 2026-11-27 | Medium | \
Lesson 3 | open |
===
Connection pool: the database connections that the application servers share.
"""


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
