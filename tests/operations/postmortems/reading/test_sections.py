"""Which part of a document is what: in five languages, at any level, by a label, or by what it holds."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.document import Document, Role
from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.reading.sections import plain, role_of
from tests.operations.postmortems.reading.samples import HEADINGS, TITLE, section


def roles(text: str) -> list[tuple[str, Role]]:
    return [(one.heading, one.role) for one in parse(text).sections if one.heading]


def read(body: str) -> Document:
    return parse(f"{TITLE}{body}\n")


@pytest.mark.parametrize(
    ("heading", "role"), [(heading, Role(part)) for part, known in HEADINGS.items() for heading in known]
)
def test_a_part_has_many_names(heading: str, role: Role) -> None:
    assert read(f"## {heading}\n\nwords").sections[-1].role is role


@pytest.mark.parametrize(("heading", "role"), [
    ("What went well", Role.WELL), ("What went wrong", Role.LESSONS), ("Where we got lucky", Role.LESSONS),
    ("Appendinx", Role.OTHER),
    ("Learned", Role.LESSONS), ("Key takeaways", Role.LESSONS), ("Blast radius", Role.BLAST_RADIUS),
    ("Post-incident analysis", Role.POST_INCIDENT),
    ("Incident response analysis", Role.RESPONSE), ("Resolution & recovery", Role.MITIGATION),
    ("Trigger", Role.CAUSES), ("📈 Graphs", Role.METRICS),
    ("2.1 Root cause", Role.CAUSES), ("III. Impact", Role.IMPACT), ("What we’re doing to fix this", Role.ACTIONS),
    ("Prochaines étapes", Role.ACTIONS),
    ("Zeitlicher Ablauf", Role.TIMELINE), ("Cronología", Role.TIMELINE), ("Causa raiz", Role.CAUSES),
    ("Reviewers", Role.REVIEW),
    ("How the cache works", Role.OTHER), ("Conclusion", Role.LESSONS), ("What went well / what didn't", Role.WELL),
])  # fmt: skip
def test_a_heading_is_taken_for_what_it_says(heading: str, role: Role) -> None:
    assert read(f"## {heading}\n\nwords").sections[-1].role is role


@pytest.mark.parametrize(
    "heading", ["Impactful", "The causeway", "Timelines of others are wrong", "Repair", "Actionable?"]
)
def test_a_word_within_a_word_names_nothing(heading: str) -> None:
    found = role_of(heading)
    assert found is None or found[1] in plain(heading).split()


def test_the_words_that_decided_are_told() -> None:
    assert section(read("## Customer impact in Europe\n\nx"), "Customer impact in Europe").matched == "customer impact"


def test_a_heading_that_is_not_known_is_what_its_parent_is() -> None:
    document = read("## Impact\n\na\n\n### Shops in the north\n\nb\n\n## Shops in the south\n\nc")
    assert (section(document, "Shops in the north").role, section(document, "Shops in the south").role) == (
        Role.IMPACT,
        Role.OTHER,
    )
    assert section(document, "Shops in the north").matched == ""


def test_a_branch_that_is_named_after_detection_stays_a_cause() -> None:
    document = read("## Root cause\n\n### Branch B: detection\n\na\n\n### Detection\n\nb")
    assert (section(document, "Branch B: detection").role, section(document, "Detection").role) == (
        Role.CAUSES,
        Role.DETECTION,
    )


def test_a_bold_label_stands_for_a_heading() -> None:
    document = read(
        "**Summary**\n\nWe were down.\n\n**Impact:** 2,300 checkouts\n\n- **Root cause:** the pool\n- **Resolution:** "
        "a rollback\n- other"
    )
    assert document.text(Role.IMPACT) == "2,300 checkouts"
    assert document.text(Role.CAUSES) == "the pool"
    assert document.text(Role.MITIGATION) == "a rollback"


@pytest.mark.parametrize("text", ["The impact was small.", "**The impact of it all** was small.", "impact: small",
    "> **Impact:** they said",
                                  "We have **no timeline** yet"])  # fmt: skip
def test_a_word_in_prose_is_no_heading(text: str) -> None:
    assert [one.role for one in read(text).sections] == [Role.SUMMARY]


def test_headings_at_the_first_level_may_be_sections() -> None:
    text = "---\ntitle: Users were out\n---\n\n# Summary\n\na\n\n# Timeline\n\n- 14:32 b\n\n# Root cause\n\nc\n"
    assert parse(text).title == "Users were out"
    assert roles(text) == [("Summary", Role.SUMMARY), ("Timeline", Role.TIMELINE), ("Root cause", Role.CAUSES)]


def test_what_stands_before_the_first_heading_is_the_summary_of_a_titled_document() -> None:
    assert read("We were down.").text(Role.SUMMARY) == "We were down."
    assert parse("We were down.\n\n## Impact\n\nall\n").sections[0].role is Role.OTHER


def test_comments_are_not_said_and_a_section_may_be_empty() -> None:
    document = read("## Detection\n\n<!-- How did we get alerted? -->\n\n## Impact\n\nx <!-- how many? -->")
    assert section(document, "Detection").blocks == ()
    assert document.text(Role.IMPACT) == "x"


def test_quotations_and_code_are_kept_and_not_said() -> None:
    document = read("## Root cause\n\nThe pool.\n\n> it was ben\n\n```\n# root\n```")
    assert len(section(document, "Root cause").blocks) == 3
    assert document.text(Role.CAUSES) == "The pool."


def test_a_heading_in_a_quotation_begins_nothing() -> None:
    assert roles(f"{TITLE}## Impact\n\n> ## Root cause\n> ben\n") == [("Impact", Role.IMPACT)]


def test_whys_without_a_heading_are_causes() -> None:
    document = read("## What happened, in questions\n\n- Why did it fail?\n  - The pool.\n- Why the pool?\n  - Small.")
    assert [why.answer for why in document.whys] == ["The pool.", "Small."]


def test_boxes_without_a_heading_are_actions() -> None:
    assert [one.text for one in read("## Our list\n\n- [ ] a\n- [x] b").actions] == ["a", "b"]


def test_content_decides_nothing_where_a_heading_has() -> None:
    document = read("## Action items\n\n- c\n\n## Our list\n\n- [ ] a\n- [x] b")
    assert [one.text for one in document.actions] == ["c"]


def test_a_numbered_action_whose_heading_is_too_high_stays_an_action() -> None:
    document = read(
        "## Actions\n\n### 1. Alert at 75%\n\nInes Okafor\n\n## 2. Load staging\n\nTomasz Wierzba\n\n## "
        "Communication\n\nx"
    )
    assert [(one.number, one.owner) for one in document.actions] == [("1", "Ines Okafor"), ("2", "Tomasz Wierzba")]


def test_a_heading_without_end_is_looked_at_for_a_while() -> None:
    assert len(plain("impact " * 100_000)) <= 200


def test_what_actions_are_for_is_no_section_of_its_own() -> None:
    document = read("## Action items\n\n### Mitigate\n\n- a\n\n### Detection\n\n- b\n\n## Detection\n\nc")
    assert [one.text for one in document.actions] == ["a", "b"]
    assert document.text(Role.DETECTION) == "c"


def test_a_document_of_labels_alone_has_sections() -> None:
    document = read(
        "**Impact:** all\n\n**Lessons learned**\n\n*What went well*\n\n- a\n\n*What went wrong*\n\n- b\n\n"
        "**Timeline**\n\n2026-03-14 (*all times UTC*)\n\n- 14:32 c\n- 14:41 d\n\n**Supporting information:**\n\n- e"
    )
    assert document.text(Role.WELL) == "a"
    assert [one.text for one in document.lessons] == ["b"]
    assert [(one.text, one.zone) for one in document.timeline] == [("c", "UTC"), ("d", "UTC")]
    assert document.sections[-1].role is Role.OTHER


@pytest.mark.parametrize("mark", ["*", "**"])
def test_a_heading_may_stand_in_the_line_of_its_paragraph(mark: str) -> None:
    other = f"{mark}The pool was full.{mark} We made it larger."  # words in bold, and no part's name
    text = f"## Response\n\n{mark}How we noticed.{mark} A shop called.\n\n{other}"
    found = read(text).of(Role.DETECTION)
    assert [one.text for one in found] == ["A shop called.\nThe pool was full. We made it larger."]


def test_a_word_and_a_colon_part_an_account_of_the_response_and_nothing_else() -> None:
    text = "Detection: by a shop.\n\nDiagnosis: by asking."
    assert roles(f"{TITLE}## Detection and response\n\n{text}\n")[1:] == [("Diagnosis", Role.DIAGNOSIS)]
    assert roles(f"{TITLE}## Impact\n\n{text}\n") == [("Impact", Role.IMPACT)]


@pytest.mark.parametrize("line", [
    "*Draft of 3 March, final on 9 March 2026.*", "**First version 2026-03-03, reviewed by Ana Lima of Search.**"
])  # fmt: skip
def test_a_last_line_in_italics_tells_of_drafts_and_reviews(line: str) -> None:
    document = read(f"## Lessons learned\n\n1. Limits need alerts.\n\n{line}")
    assert [one.text for one in document.of(Role.REVIEW)] == [line.strip("*")]
    assert [lesson.text for lesson in document.lessons] == ["Limits need alerts."]


def test_a_last_line_in_italics_without_a_day_stays_where_it_is() -> None:
    assert not read("## Lessons learned\n\n1. Limits need alerts.\n\n*A draft is never final.*").of(Role.REVIEW)


def test_a_status_among_the_lines_at_the_top_says_something_of_the_document_and_begins_no_section() -> None:
    document = read("- **Status:** draft\n- **Authors:** Ana Lima\n\n## Summary\n\nWords.")
    assert [(one.heading, one.role) for one in document.sections] == [("", Role.SUMMARY), ("Summary", Role.SUMMARY)]
    assert document.meta["status"] == ("draft", 3)
