"""Markdown becomes blocks, each with its line and what a judge needs of its marks."""

from __future__ import annotations

import pytest

from companion.operations.postmortems.document import Block
from companion.operations.postmortems.reading.blocks import blocks_of


def kinds(text: str) -> list[tuple[str, int, str]]:
    return [(block.kind, block.line, block.text) for block in blocks_of(text)]


def only(text: str) -> Block:
    (block,) = blocks_of(text)
    return block


def test_every_kind_of_block_says_its_line() -> None:
    text = "# A\n\nOne\ntwo\n\n- item\n\n| h |\n|---|\n| cell |\n\n```sh\ncode\n```\n\n<!-- hidden -->\n"
    assert kinds(text) == [
        ("heading", 1, "A"), ("paragraph", 3, "One\ntwo"), ("item", 6, "item"), ("row", 10, "cell"),
        ("code", 12, "code"), ("comment", 16, "hidden"),
    ]  # fmt: skip


def test_a_script_in_a_fence_is_no_heading() -> None:
    assert kinds("```bash\n#!/bin/bash\n# what we ran\nls\n```\n") == [("code", 1, "#!/bin/bash\n# what we ran\nls")]


def test_a_fence_that_nobody_closed_ends_with_the_file() -> None:
    assert [block.kind for block in blocks_of("# A\n\n```\n# no heading\n\n## nor this")] == ["heading", "code"]


def test_a_heading_keeps_its_words_and_loses_its_marks() -> None:
    block = only("## **Timeline** of `db-1`")
    assert (block.kind, block.level, block.text, block.strong) == ("heading", 2, "Timeline of db-1", True)


def test_a_heading_underlined_by_dashes_is_one() -> None:
    assert (only("Impact\n------").kind, only("Impact\n------").level) == ("heading", 2)


@pytest.mark.parametrize("mark", ["<br>", "<br/>", "<BR />", "  \n", "\\\n"])
def test_a_paragraph_that_is_broken_by_hand_is_one_block_for_each_line(mark: str) -> None:
    assert [block.text for block in blocks_of(f"14:02 first{mark}14:05 second{mark}14:09 third")] == [
        "14:02 first", "14:05 second", "14:09 third",
    ]  # fmt: skip


def test_lines_after_a_break_have_their_own_number() -> None:
    assert [block.line for block in blocks_of("\n\na  \nb\nc  \nd")] == [3, 4, 6]


def test_an_item_knows_its_depth_and_what_stands_before_it() -> None:
    found = [
        (block.level, block.marker, block.text) for block in blocks_of("- a\n  - b\n    1. c\n- d\n\n3. e\n4. f\n")
    ]
    assert found == [(1, "-", "a"), (2, "-", "b"), (3, "1", "c"), (1, "-", "d"), (1, "3", "e"), (1, "4", "f")]


def test_a_paragraph_within_an_item_shares_its_depth() -> None:
    assert [(b.kind, b.level) for b in blocks_of("- a\n\n  more\n")] == [("item", 1), ("paragraph", 1)]


def test_a_box_is_read_and_taken_off() -> None:
    assert [(b.checked, b.text) for b in blocks_of("- [x] done\n- [ ] open\n- [X] too\n- [link](u) none\n")] == [
        (True, "done"), (False, "open"), (True, "too"), (None, "link none"),
    ]  # fmt: skip


def test_a_row_has_its_cells_and_its_head() -> None:
    block = only("| Time | Event |\n|------|-------|\n| 14:02 | **Alert** fires |\n")
    assert (block.cells, block.head, block.strong) == (("14:02", "Alert fires"), ("Time", "Event"), True)
    assert block.line == 3


def test_a_table_without_rows_is_nothing() -> None:
    assert blocks_of("| a | b |\n|---|---|\n") == []


def test_a_bold_start_is_a_label_when_a_colon_or_nothing_follows() -> None:
    labels = [
        only(text).label
        for text in ("**Owner:** tests", "**Owner**: tests", "**Timeline**", "**Bold** words", "a **b:** c")
    ]
    assert labels == ["Owner", "Owner", "Timeline", "", ""]


def test_what_is_struck_out_as_a_whole_is_known() -> None:
    assert only("- ~~raise the limit~~").struck
    assert not only("- ~~raise~~ lower the limit").struck


def test_links_and_images_keep_words_and_target() -> None:
    block = only("See [the *change*](https://x/1) and ![rate](img/a.png).")
    assert block.links == (("the change", "https://x/1"),)
    assert block.images == (("rate", "img/a.png"),)


def test_an_image_in_html_is_an_image() -> None:
    assert only('<img src="img/a.png" alt="Error rate">').images == (("Error rate", "img/a.png"),)


def test_prompts_in_comments_are_comments_wherever_they_stand() -> None:
    text = (
        "<!-- How did we\nget alerted? -->\n\nWe saw it. <!-- really? -->\n\n- item <!-- why -->\n\n"
        "| a |\n|---|\n| b <!-- c --> |\n"
    )
    comments = [(block.line, block.text) for block in blocks_of(text) if block.kind == "comment"]
    said = [block.text for block in blocks_of(text) if block.kind != "comment"]
    assert comments == [(1, "How did we\nget alerted?"), (4, "really?"), (6, "why"), (10, "c")]
    assert said == ["We saw it.", "item", "b"]


def test_a_comment_that_nobody_closed_hides_the_rest() -> None:
    assert [block.kind for block in blocks_of("a\n\n<!-- open\nb\n\nc")] == ["paragraph", "comment"]


def test_quotations_are_marked_as_such() -> None:
    blocks = blocks_of("> [14:02] <ben> it is down\n>\n> - # no heading of ours\n\nWe replied.")
    assert [block.quoted for block in blocks] == [True, True, False]


@pytest.mark.parametrize("text", ["> " * 10_000 + "deep", ">" * 10_000, "- " * 5_000 + "deep", "* 1. " * 2_000 + "deep",
                                  "[" * 5_000, "*" * 5_000, "`" * 5_001, "<div>" * 3_000, "![" * 3_000,
                                  "\n".join("  " * depth + "- x" for depth in range(600))])  # fmt: skip
def test_nesting_without_end_is_read_up_to_a_depth(text: str) -> None:
    assert all(block.level <= 40 for block in blocks_of(f"# Before\n\n{text}\n\n# After\n"))


def test_html_soup_keeps_its_words() -> None:
    assert [b.text for b in blocks_of("<div><p class='x'>Down</i> for <b>ten\nminutes</div>")] == [
        "Down for ten",
        "minutes",
    ]


@pytest.mark.parametrize("text", ["14:02[^1] alert", "14:02[^1] alert\n\n[^1]: about", "14:02[^a-b] alert[^2]"])
def test_a_footnotes_mark_is_not_said(text: str) -> None:
    block = blocks_of(text)[0]
    assert (block.text, block.links) == ("14:02 alert", ())


def test_a_line_in_italics_is_a_label() -> None:
    assert [only(text).label for text in ("*What went well*", "_What went well:_", "*so* it is", "it is *so*")] == [
        "What went well", "What went well", "", "",
    ]  # fmt: skip
