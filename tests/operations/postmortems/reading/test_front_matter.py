"""What stands above a document is data of strangers: it is read without trust, and never stops the reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.reading.front_matter import LARGEST, as_text, split
from companion.operations.postmortems.reading.read import parse


def test_yaml_gives_values_and_lines() -> None:
    values, lines, rest = split("---\nTitle: Down\ndate: 2026-03-14\n---\n# A\n")
    assert (values["title"], as_text(values["date"])) == ("Down", "2026-03-14")
    assert lines == {"title": 2, "date": 3}
    assert rest.split("\n")[4] == "# A"  # where it stood


def test_toml_gives_values_and_lines() -> None:
    values, lines, _ = split('+++\ntitle = "Down"\ntags = ["incident", "db"]\n+++\n')
    assert (values["title"], as_text(values["tags"])) == ("Down", "incident, db")
    assert lines["tags"] == 3


def test_dots_may_close_yaml() -> None:
    assert split("---\na: 1\n...\ntext")[0] == {"a": 1}


@pytest.mark.parametrize(
    "text", ["---\n---\n# A\n", "+++\n+++\n# A\n", "---\n\n---\n# A\n", "---\n# only a remark\n---\n# A\n"]
)
def test_empty_front_matter_is_no_heading(text: str) -> None:
    document = parse(text)
    assert (document.title, dict(document.meta)) == ("A", {})


@pytest.mark.parametrize("text", ["---\nJust a sentence between rules.\n---\n", "---\nnever closed: 1\n",
    "----\na: 1\n----\n",
                                  "--- \n", "---", "text\n---\na: 1\n---\n"])  # fmt: skip
def test_what_is_no_front_matter_stays_in_the_document(text: str) -> None:
    assert split(text) == ({}, {}, text)


@pytest.mark.parametrize("body", [
    "a: !!python/object/apply:os.system ['true']", "a: !!python/object:x.Y {}", "a: [1, 2", "a: 'open", "\ta: 1",
    "a: 1\n b: 2\n  - c",
    "a: !!timestamp soon", "a: !!int ''", "a: !!bool maybe", "a: !!float ''", "a: 2026-99-99", "? [a, b]\n: c",
    "a: &x 1\nb: *x",
    "a: " + "9" * 5_000, "a: " + "[" * 9_000, "a: " + "{a: " * 3_000, "- a\n- b", "a: !!binary '*'", "<<: 3", "a: \x01",
])  # fmt: skip
def test_yaml_that_cannot_be_read_counts_as_nothing(body: str) -> None:
    values, _, rest = split(f"---\n{body}\n---\n# A\n")
    assert values == {} or all(isinstance(as_text(value), str) for value in values.values())
    assert rest.endswith("# A\n")


def test_anchors_that_multiply_are_not_followed() -> None:
    body = "\n".join(
        [
            "a0: &a0 [x, x, x, x, x, x, x, x, x]",
            *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)),
        ]
    )
    assert split(f"---\n{body}\n---\n")[0] == {}


@pytest.mark.parametrize("body", ["a =", "= 1", "a = 1\na = 2", "[x", 'a = "\\q"', "a = 99-99-99", "\x00",
    "a" + ".a" * 5_000 + " = 1",
                                  "a = " + "[" * 5_000])  # fmt: skip
def test_toml_that_cannot_be_read_counts_as_nothing(body: str) -> None:
    values, _, rest = split(f"+++\n{body}\n+++\n# A\n")
    assert all(len(as_text(value)) < 100 for value in values.values())
    assert rest.endswith("# A\n")


def test_front_matter_without_end_is_not_read() -> None:
    text = "---\n" + "a: 1\n" * LARGEST + "---\n"
    assert split(text) == ({}, {}, text)


def test_a_value_within_values_is_written_to_a_depth() -> None:
    assert as_text({"a": [1, None, {"b": [[2]]}]}) == "a: 1, , b: ..."


@given(st.text(max_size=200), st.sampled_from(["---", "+++"]))
def test_whatever_stands_there_the_lines_stay_what_they_are(body: str, fence: str) -> None:
    text = f"{fence}\n{body}\n{fence}\nend"
    _, _, rest = split(text)
    assert rest.count("\n") == text.count("\n")
    assert rest.endswith("end")
