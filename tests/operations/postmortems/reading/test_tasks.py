"""Lessons and actions in all the shapes that they have."""

from __future__ import annotations

import datetime as dt

import pytest

from companion.operations.postmortems.document import State
from companion.operations.postmortems.reading.read import parse
from tests.operations.postmortems.reading.samples import TITLE, actions, lessons

DUE = dt.date(2026, 4, 1)
SHAPES = {
    "a table": "| # | Action | Owner | Due | Priority | Lesson |\n|-|-|-|-|-|-|\n| 1 | Alert at 75% of the pool | "
    "Ines Okafor | 2026-04-01 | High | 1 |",
    "another table": "| ID | What | Who | When | Prio | Addresses |\n|-|-|-|-|-|-|\n| A1 | Alert at 75% of the pool | "
    "Ines Okafor | 1 April 2026 | High | Lesson 1 |",
    "a box": "- [ ] 1. Alert at 75% of the pool\n  - Owner: Ines Okafor\n  - Due: 2026-04-01\n  - Priority: High\n  - "
    "Lesson: 1",
    "a heading": "### 1. Alert at 75% of the pool\n\nOwner: Ines Okafor; due: 2026-04-01; priority: High; lesson: 1",
    "a number and lines": "1. Alert at 75% of the pool\n   Owner: Ines Okafor. Due: 2026-04-01. Priority: High. "
    "Lesson 1",
    "a number and a bracket": "1. Alert at 75% of the pool (owner: Ines Okafor, due 2026-04-01, high priority, lesson "
    "1)",
    "a paragraph": "**Action 1:** Alert at 75% of the pool. Owner: Ines Okafor, by 2026-04-01, priority High, for "
    "lesson 1.",
    "a name at the end": "1. Alert at 75% of the pool – Ines Okafor, 1 April 2026, high (lesson 1)",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_action(shape: str) -> None:
    (action,) = actions(SHAPES[shape])
    assert action.text.startswith("Alert at 75% of the pool")
    assert (action.number, action.owner, action.due, action.priority.lower(), action.lessons) == (
        "1",
        "Ines Okafor",
        DUE,
        "high",
        ("1",),
    )
    assert action.state is State.OPEN


def test_a_bold_owner_has_actions_below() -> None:
    found = actions("**Ines Okafor**\n\n- Alert at 75%\n- Alert at 90%\n\n**Platform team**\n\n- Load staging")
    assert [(one.owner, one.text) for one in found] == [
        ("Ines Okafor", "Alert at 75%"), ("Ines Okafor", "Alert at 90%"), ("Platform team", "Load staging"),
    ]  # fmt: skip


def test_a_bold_owner_may_begin_the_item() -> None:
    (action,) = actions("- **Ines Okafor**: alert at 75%")
    assert (action.owner, action.text) == ("Ines Okafor", "alert at 75%")


def test_boxes_among_the_lessons_are_actions_where_there_are_no_others() -> None:
    document = parse(f"{TITLE}## Lessons learned\n\n1. Alerts lag.\n\n- [ ] Alert at 75%\n")
    assert [one.text for one in document.actions] == ["Alert at 75%"]


def test_a_ticket_is_an_action_with_a_link() -> None:
    (action,) = actions("- [#2114](https://x/2114) Alert at 75% (@pgrau)")
    assert (action.owner, action.links) == ("@pgrau", (("#2114", "https://x/2114"),))


@pytest.mark.parametrize(("body", "state"), [
    ("- [x] Alert at 75%", State.DONE), ("- [ ] Alert at 75%", State.OPEN), ("- Done: alert at 75%", State.DONE),
    ("- Alert at 75%. Done.", State.DONE),
    ("- Alert at 75% (done)", State.DONE), ("- ✅ Alert at 75%", State.DONE), ("- ~~Alert at 75%~~", State.DONE),
    ("- Not applicable, because the pool is gone", State.DROPPED),
    ("- N/A: the pool is gone", State.DROPPED), ("- Won't do: too dear", State.DROPPED),
    ("- Alert when all is done by hand", State.OPEN),
    ("- Alert at 75%\n  - Status: done on 20 March", State.DONE), ("- Alert at 75%\n  - Status: in progress",
    State.OPEN),
    ("| Action | Status |\n|-|-|\n| Alert at 75% now | Completed |", State.DONE),
    ("| Action | Status |\n|-|-|\n| Alert at 75% now | rejected |", State.DROPPED),
])  # fmt: skip
def test_an_action_may_be_over(body: str, state: State) -> None:
    (action,) = actions(body)
    assert action.state is state


def test_a_heading_may_say_that_all_below_is_done() -> None:
    assert [one.state for one in actions("- a\n- b", "## Immediate actions (completed)")] == [State.DONE] * 2


@pytest.mark.parametrize(("text", "owner"), [
    ("Surveiller le disque — responsable : Tomasz, vite", "Tomasz"), ("Add it (Assigned to: Jane Doe)", "Jane Doe"),
    ("Carla: ask the other teams", "Carla"), ("Hypha + ICL: write about it", "Hypha + ICL"),
    ("@ben: alert at 75%", "@ben"), ("Alert at 75%, owned by Ines", "Ines"),
    ("Alert at 75% (Ines Okafor)", "Ines Okafor"), ("Alert at 75%. Assigned to the tests' team", "the tests' team"),
    ("Alert at 75% — @ben-k", "@ben-k"),
    ("Monitoring: alert at 75%", ""), ("Retry limits: put one in Envoy", ""), ("CPU alerting: alert at 75%", ""),
    ("Fix: alert at 75%", ""), ("Alert at 75%", ""),
    ("Make the team code-owners for flags", ""), ("Pin eslint-scope@3.7.2 in the lock", ""),
    ("Write to ops@example.org", ""), ("Alert at 75%. Owner: TBD", ""),
    ("The owner of a table is named in its comment", ""),
])  # fmt: skip
def test_an_owner_is_who_is_named_as_one(text: str, owner: str) -> None:
    (action,) = actions(f"- {text}")
    assert action.owner == owner


@pytest.mark.parametrize(("text", "due"), [
    ("Alert at 75% by 1 April", DUE), ("Alert at 75% (2026-04-01)", DUE), ("Alert at 75%, due: April 1st", DUE),
    ("Alert at 75%, 1 April 2026", DUE),
    ("Alert at 75% by 1 February", dt.date(2027, 2, 1)), ("Alert at 75%", None), ("Alert at 75% by Q2", None),
    ("Undo what was done on 2026-03-14 in staging", None),
    ("Size the nodes for three of the incidents (March 10, 12)", None), ("Keep logs since 2025-01-01 for a year", None),
])  # fmt: skip
def test_a_deadline_is_a_date_that_is_given_as_one(text: str, due: dt.date | None) -> None:
    (action,) = actions(f"- {text}")
    assert action.due == due


def test_what_stands_for_nothing_is_nothing() -> None:
    (action,) = actions("| Action | Owner | Due | Priority |\n|-|-|-|-|\n| Alert at 75% now | TBD | - | n/a |")
    assert (action.owner, action.due_text, action.priority) == ("", "", "")


def test_a_date_that_cannot_be_told_is_kept_as_words() -> None:
    (action,) = actions("| Action | Due |\n|-|-|\n| Alert at 75% now | end of Q2 |")
    assert (action.due, action.due_text) == (None, "end of Q2")


def test_actions_without_numbers_and_with_them_know_their_lines() -> None:
    assert [(one.line, one.number) for one in actions("- a\n- b")] == [(7, ""), (8, "")]
    assert [(one.line, one.number) for one in actions("3. a\n4. b")] == [(7, "3"), (8, "4")]


def test_a_heading_with_a_priority_holds_for_what_is_below() -> None:
    document = parse(f"{TITLE}## Actions\n\n### High priority\n\n- alert\n\n### P2\n\n- load\n")
    assert [(one.text, one.priority) for one in document.actions] == [("alert", "High"), ("load", "P2")]


def test_details_below_an_action_belong_to_it() -> None:
    (action,) = actions("- Alert at 75%\n  - at 90% as well\n\n  and tell the team")
    assert action.text == "Alert at 75%\nat 90% as well\nand tell the team"


def test_code_and_quotations_are_no_actions() -> None:
    assert actions("TBD\n\n```bash\n- rm -rf\n```\n\n> - [ ] do it") == ()


@pytest.mark.parametrize(("body", "found"), [
    ("1. First.\n2. Second.", [("1", "First."), ("2", "Second.")]), ("- First.\n- Second.",
    [("", "First."), ("", "Second.")]),
    ("| # | Lesson |\n|-|-|\n| 1 | First. |", [("1", "First.")]), ("**Lesson 1:** First.\n\n**Lesson 2:** Second.",
    [("1", "First."), ("2", "Second.")]),
    ("L1. First.\n\nL2. Second.", [("1", "First."), ("2", "Second.")]),
    ("First.\n\nSecond.", [("", "First."), ("", "Second.")]),
    ("Three things:\n\n- First.\n  1. part\n  2. part", [("", "First.\npart\npart")]), ("#1 First.", [("1", "First.")]),
])  # fmt: skip
def test_lessons_have_many_shapes(body: str, found: list[tuple[str, str]]) -> None:
    assert [(one.number, one.text.lstrip(": ")) for one in lessons(body)] == found


def test_a_conclusion_in_prose_is_no_lesson() -> None:
    assert lessons("We are sorry.\n\nWrite to us.", "## Conclusion") == ()
    assert len(lessons("1. Alerts lag.", "## Conclusion")) == 1


@pytest.mark.parametrize(("text", "numbers"), [
    ("Alerts lag. (Action 5, 6)", ("5", "6")), ("Alerts lag → A3", ("3",)), ("Alerts lag. -> 1, 2", ("1", "2")),
    ("Alerts lag (action items #5 and #6)", ("5", "6")),
    ("Alerts lag for 3 minutes", ()), ("Take action 24 hours a day", ("24",)),
])  # fmt: skip
def test_a_lesson_refers_to_actions_by_number(text: str, numbers: tuple[str, ...]) -> None:
    (lesson,) = lessons(f"1. {text}")
    assert lesson.actions == numbers


def test_what_went_well_is_no_lesson() -> None:
    assert (
        parse(f"{TITLE}## Lessons learned\n\n### What went well\n\n- the pager\n\n### What went wrong\n\n- the pool\n")
        .lessons[0]
        .text
        == "the pool"
    )


def test_a_ticket_may_say_that_it_is_done() -> None:
    found = actions(
        "| Action | Owner | Bug |\n|-|-|-|\n| Alert at 75% now | ben | [#2](u) **DONE** |\n| Load it | ada | [#3](u) |"
    )
    assert [one.state for one in found] == [State.DONE, State.OPEN]


@pytest.mark.parametrize(
    "text",
    [
        "The old export job has been switched off on all hosts.",
        "We have removed the write permission of the import user.",
        "We've also raised the limit of the queue.",
        "Replaced the certificate of the gateway",
        "Wrote a page on how to fail over",
        "It would help to see the queue's age. (added a graph of it to the board)",
        "Have two people approve a deletion (merged on Monday)",
    ],
)
def test_what_is_told_as_done_is_done(text: str) -> None:
    (action,) = actions(f"- {text}")
    assert action.state is State.DONE


@pytest.mark.parametrize(
    "text",
    [
        "Alert when a job has been stopped for an hour",
        "We need a second approval for deletions",
        "Add the check that we removed in May",
        "We have decided to raise the limit of the queue",
        "We have raised the limit and will remove it in May",
        "The board that has been planned since May shows the queue's age",
        "Embed the graph in the board",
        "Speed the import up (filed as issue 12)",
        "Automated tests for the import",
    ],
)
def test_what_only_mentions_the_past_is_open(text: str) -> None:
    (action,) = actions(f"- {text}")
    assert action.state is State.OPEN


def test_a_remark_behind_what_is_listed_below_an_action_is_of_that_alone() -> None:
    (action,) = actions(
        "- Rewrite the import\n    - Switch the old one off (done on Monday)\n    - Switch the new one on"
    )
    assert action.state is State.OPEN


def test_lines_that_say_that_they_are_actions_are_actions_in_any_section() -> None:
    found = actions(
        "The list was out of date.\n\nAction point: ask every project for a second address.\n\n- This has been "
        "done.\n\nAction item: send a test mail each month.\n\nIt is read by all.",
        heading="## What we told others",
    )
    assert [(one.text.split("\n")[0], one.state) for one in found] == [
        ("ask every project for a second address.", State.DONE),
        ("send a test mail each month.", State.OPEN),
    ]


def test_in_a_table_without_heads_a_cell_is_what_it_looks_like() -> None:
    rows = "| | | | |\n|-|-|-|-|\n| Alert at 75% of the pool | Ines Okafor | 1 April 2026 | high, lesson 1 |"
    (action,) = actions(rows)
    assert (action.text, action.owner, action.due, action.priority, action.lessons) == (
        "Alert at 75% of the pool", "Ines Okafor", DUE, "high", ("1",)
    )  # fmt: skip


@pytest.mark.parametrize("text", [
    "### 1. Alert at 75%\n\nInes Okafor · Done on 2026-03-26 in [change 977](https://git.example/977)",
    "1. Alert at 75% of the pool (@ines), done",
])  # fmt: skip
def test_what_is_said_to_be_done_behind_a_mark_is_done(text: str) -> None:
    assert [action.state for action in actions(text)] == [State.DONE]


def test_who_it_is_may_stand_in_a_sentence_of_its_own() -> None:
    assert [action.owner for action in actions("1. Count the orders again. Who: Zoë Łukasik")] == ["Zoë Łukasik"]


def test_a_priority_may_be_a_sentence_of_its_own() -> None:
    assert [action.priority for action in actions("1. Alert at 75% of the pool. High. For lesson 1.")] == ["High"]


def test_a_list_of_days_is_no_deadline() -> None:
    assert [action.due_text for action in actions("1. Size the nodes by what they did on (March 21, 28, and 30)")] == [
        ""
    ]


def test_a_column_of_teams_says_who_owns_an_action() -> None:
    table = "| Description | Owning Team | Issue |\n|---|---|---|\n| Alert on failed check-ins | red-panda | #942 |\n"
    (action,) = parse(f"# T\n\n## Action items\n\n{table}").actions
    assert action.owner == "red-panda"
