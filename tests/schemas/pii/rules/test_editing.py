"""Entries are added to a rules file as text: all that its author wrote stays as it was, line by line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from companion.schemas.pii.rules.editing import with_entries
from companion.schemas.pii.rules.file_format import RulesError

BADGE = ["id: badge", "names: [door badge]"]
CARD = ["id: card"]


def test_a_new_file_begins_with_its_version() -> None:
    assert with_entries("", {"rules": [BADGE, CARD], "public": [["why: w"]]}) == (
        'version: "1"\n'
        "rules:\n  - id: badge\n    names: [door badge]\n  - id: card\n"
        "public:\n  - why: w\n"
    )  # fmt: skip
    assert with_entries("version: 2\n", {}) == "version: 2\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v: 1\nrules:\n- id: a\n", "v: 1\nrules:\n- id: a\n- id: card\n"),
        ("v: 1\nrules:\n    - id: a\n\n# the end\n", "v: 1\nrules:\n    - id: a\n    - id: card\n\n# the end\n"),
        ("rules:\n  - id: a\n    b: 1\nv: 1\n", "rules:\n  - id: a\n    b: 1\n  - id: card\nv: 1\n"),
        ("rules:\n  - id: a\nv: 1", "rules:\n  - id: a\n  - id: card\nv: 1\n"),
        ("rules:\n  - id: a", "rules:\n  - id: a\n  - id: card\n"),
        ("v: 1 # one", "v: 1 # one\nrules:\n  - id: card\n"),
    ],
    ids=["flush", "indented", "not the last key", "last line is cut off", "the list itself is cut off", "no list yet"],
)
def test_an_entry_goes_below_the_last_of_its_list_and_as_deep(before: str, after: str) -> None:
    assert with_entries(before, {"rules": [CARD]}) == after
    if "\n" in before:
        assert with_entries(before.replace("\n", "\r\n"), {"rules": [CARD]}) == after.replace("\n", "\r\n")


@pytest.mark.parametrize(
    "last",
    [
        "  - id: a\n    names:\n      - b\n      - c\n",
        "  - id: a\n    names: [b,\n      c]\n",
        "  - id: a\n    names:\n      b: {c: 1,\n        d: 2}\n",
        "  - id: a\n    why: |\n      it opens\n      the doors\n",
        "  - id: a\n    why: it opens\n      the doors\n",
        "  - id: a\n    names: []\n",
        "  - id: a\n    names: {}\n",
        "  - id: a\n    why:\n",
        "  - a\n",
    ],
    ids=[
        "list",
        "flow list",
        "flow mapping",
        "block text",
        "folded text",
        "empty list",
        "empty mapping",
        "null",
        "word",
    ],
)
def test_the_last_entry_ends_where_all_that_it_holds_ends(last: str) -> None:
    below = "# below\nfacts: [x]\n"
    assert with_entries(f"rules:\n{last}{below}", {"rules": [CARD]}) == f"rules:\n{last}  - id: card\n{below}"


@pytest.mark.parametrize("value", ["[]", "[a]", "a", "{b: 1}", "", "null"])
def test_a_list_that_lines_cannot_be_added_to_is_refused_by_its_line(value: str) -> None:
    with pytest.raises(RulesError, match=r"^mine\.yaml:3: `rules` must be a list with one entry a line"):
        with_entries(f"version: 1\n\nrules: {value}\n", {"rules": [CARD]}, shown="mine.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [\n", r"^rules\.yaml: not YAML: [^\n]+$"),
        ("{version: 1}", r"^rules\.yaml: must be a mapping with one key a line"),
        ("- a\n", r"^rules\.yaml: must be a mapping with one key a line"),
        ("# nothing\n", r"^rules\.yaml: must be a mapping with one key a line"),
    ],
)
def test_what_is_no_rules_file_is_refused_in_a_line(text: str, said: str) -> None:
    with pytest.raises(RulesError, match=said):
        with_entries(text, {"rules": [CARD]})


WORDS = st.lists(st.sampled_from(["a", "b c", "d"]), min_size=1, max_size=3)


@given(WORDS, WORDS, WORDS, st.sampled_from(["", "  "]), st.sampled_from(["", "\n", "# a comment\n"]))
def test_read_again_a_list_is_what_it_was_and_what_was_added(
    rules: list[str], facts: list[str], added: list[str], indent: str, between: str
) -> None:
    text = "".join(f"{key}:\n" + "".join(f"{indent}- {word}\n" for word in words) + between
                   for key, words in (("rules", rules), ("facts", facts)))  # fmt: skip
    entries = [[word] for word in added]
    found = yaml.safe_load(with_entries(text, {"facts": entries, "rules": entries, "public": entries}))
    assert found == {"rules": rules + added, "facts": facts + added, "public": added}
