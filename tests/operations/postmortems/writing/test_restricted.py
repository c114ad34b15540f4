"""What of a restricted post mortem may be shared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.document import PostmortemError
from companion.operations.postmortems.writing.restricted import share
from tests.operations.postmortems.draws import tried

TEXT = """\
---
title: Two customers saw another's documents
---

# Two customers saw another's documents

<!-- a prompt that nobody removed -->

## Summary

They saw titles. <!-- restricted -->They were Acme and Globex.<!-- /restricted --> It lasted 91 minutes.

## How it was used (restricted)

The function was marked wrongly.

### Evidence

Line 12 of the log.

## Lessons

1. What depends on a setting is not immutable.

<!-- restricted -->
2. The login of the pool is shared.
<!-- /restricted -->

3. Compare reader and owner.
"""


def test_marked_sections_and_passages_leave_and_the_rest_stays() -> None:
    found = share(TEXT)
    assert (found.sections, found.passages, found.comments, found.secrets) == (1, 2, 1, ())
    assert "They saw titles. It lasted 91 minutes." in " ".join(found.text.split())
    for gone in ("Acme", "marked wrongly", "Evidence", "Line 12", "pool", "restricted", "prompt"):
        assert gone not in found.text
    assert found.text.startswith("---\ntitle:") and "3. Compare reader and owner." in found.text
    assert "\n\n\n" not in found.text


def test_a_section_ends_at_the_next_heading_of_its_level_or_a_higher_one() -> None:
    text = (
        "# T\n\n## A\n\n### B (restricted)\n\nx\n\n#### C\n\ny\n\n### D\n\nz\n\nE (Restricted)\n---\n\nw\n\n## F\n\nv\n"
    )
    assert [word for word in "xyzwv" if word in share(text).text.split()] == ["z", "v"]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("# T\n\n<!-- restricted -->\nx\n", 3, "never closed"),
        ("# T\n\nx <!-- /restricted -->\n", 3, "closes nothing"),
        ("# T\n\n<!-- restricted -->\na\n<!-- restricted -->\nb\n<!-- /restricted -->\n<!-- /restricted -->\n", 5,
         "restricted since line 3 already"),
        ("# T\n\n<!-- restricted: for legal -->\nx\n<!-- /restricted -->\n", 5, "closes nothing"),
        ("# T\n\n<!-- restrict -->\nx\n", 3, "unclear"),
        ("# T\n\n<!-- restricted\nx\n", 3, "unclear"),
        ("# T\n\n<!-- end restricted -->\nx\n", 3, "unclear"),
        ("# T\n\n```\n<!-- restricted -->\n```\n", 4, "block of code"),
        ("# T\n\n**Details (restricted):**\n\nx\n", 3, "unclear"),
        ("# T\n\n- Details (restricted)\n", 3, "unclear"),
        ("# T\n\n## Details (restricted) {#details}\n\nx\n", 3, "unclear"),
        ("# T\n\n> ## Details [restricted] of it\n", 3, "unclear"),
        ("# T\n\n<!-- note\n\n<!-- restricted -->\nx\n<!-- /restricted -->\n", 3, "a comment that is not closed"),
    ],
)  # fmt: skip
def test_what_is_unclear_is_refused_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(PostmortemError, match=rf"\Ax\.md:{line}: .*{why}"):
        share(text, "x.md")


def test_if_nothing_is_left_that_is_said() -> None:
    with pytest.raises(PostmortemError, match="nothing is left to share"):
        share("# T (restricted)\n\nx\n", "x.md")


def test_a_comment_in_code_is_no_comment_and_hides_no_mark() -> None:
    text = "# T\n\n```\n<!-- shown\n```\n\n<!-- restricted -->secret one<!-- /restricted -->\n\n```\n<!-- shown\n```\n"
    found = share(text)
    assert "secret" not in found.text and found.text.count("<!-- shown") == 2


def test_the_word_in_a_sentence_marks_nothing() -> None:
    assert "Access is restricted (restricted to staff) here." in share(
        "# T\n\nAccess is restricted (restricted to staff) here.\n"
    ).text  # fmt: skip


def test_secrets_in_the_rest_are_pointed_out_with_the_line_of_the_whole_and_not_cut() -> None:
    text = TEXT.replace("3. Compare", "3. Ask ana@shop.example to compare").replace("Line 12", "bob@shop.example")
    found = share(text)
    assert [(one.kind, one.line) for one in found.secrets] == [("e-mail address", 29)]
    assert "ana@shop.example" in found.text and "shop" not in found.secrets[0].hint
    assert share(text, allowed=["ana@shop.example"]).secrets == ()


def test_a_note_that_only_a_restricted_passage_refers_to_is_pointed_out() -> None:
    text = "# T\n\nOpen.[^2]\n\n<!-- restricted -->Hidden.[^1]<!-- /restricted -->\n\n[^1]: Who it was.\n[^2]: Fine.\n"
    assert [(one.kind, one.line) for one in share(text).secrets] == [("note to a restricted passage", 7)]


def test_lines_may_end_as_they_do_on_windows() -> None:
    assert share(TEXT.replace("\n", "\r\n")).text == share(TEXT).text


def test_what_follows_a_passage_on_its_line_is_looked_at_too() -> None:
    hidden = "# T\n\n<!-- restricted -->\nHIDDEN (restricted)\n<!-- /restricted -->"
    with pytest.raises(PostmortemError, match=r":5: unclear what is restricted"):
        share(f"{hidden}## A (restricted)\n\nHIDDEN\n")
    assert share(f"{hidden}\n\nopen\n").text == "# T\n\nopen\n"


pieces = st.lists(
    st.sampled_from(["open words\n\n", "<!-- restricted -->", "<!-- /restricted -->", "HIDDEN", "## A (restricted)\n\n",
                     "## B\n\n", "```\n", "<!-- x -->", "<!--", "\n\n"]),
    max_size=14,
)  # fmt: skip


@tried(60)
@given(pieces)
def test_nothing_between_marks_is_ever_shared(parts: list[str]) -> None:
    text = "# T\n\n" + "".join(parts)
    try:
        shared = share(text).text
    except PostmortemError:
        return
    hidden = 0
    inside = False
    for part in parts:
        inside = part == "<!-- restricted -->" or (inside and part != "<!-- /restricted -->")
        hidden += inside and part == "HIDDEN"
    assert shared.count("HIDDEN") <= parts.count("HIDDEN") - hidden
    assert "restricted" not in shared.lower()
