"""The numbers of the prose: found in digits and words, and told apart by what holds them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.book.check.prose import claim_links, numbers_in, plain, sentences, value_of


def markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": text}


def code(text: str) -> dict[str, Any]:
    return {"cell_type": "code", "source": text}


def judged(*cells: dict[str, Any]) -> list[tuple[str, str]]:
    return [(number.text, number.kind) for number in numbers_in(cells)]


@pytest.mark.parametrize(
    "text",
    ["37 requests a second", "37/s", "12 %", "12 per cent", "3.5 ms", "20s", "four gigabytes", "a tenth of a second",
     "three times", "twice", "1,200 bytes", "half a minute", "two hundred milliseconds", "Sixty-four bits", "8×"],
)  # fmt: skip
def test_a_number_with_a_unit_that_nothing_holds_is_named(text: str) -> None:
    (found,) = numbers_in([markdown(f"It took {text}, they say.")])
    assert (found.kind, found.cell) == ("bare", 1)
    assert found.text.rstrip() in text


@pytest.mark.parametrize(
    "text",
    ["In the 1990s nobody asked.", "Five clients had three methods.", "It is `70 requests a second` in code.",
     "$70 \\times 4$ s is arithmetic.", "```\n70 s\n```", "    70 s of indented code", "HTTP/1.1 has no such message.",
     "See [the page](https://a.example/70s)."],
)  # fmt: skip
def test_what_is_no_number_of_the_prose_is_left_alone(text: str) -> None:
    assert judged(markdown(text)) == []


def test_a_claim_holds_its_own_number_and_no_other() -> None:
    text = "It serves [97 times a second](#claim-wasted), and 280 times a second it is asked."
    assert judged(markdown(text)) == [("97 times a second", "claim"), ("280 times a second", "bare")]


def test_a_citation_holds_the_numbers_of_its_sentence_only() -> None:
    text = "Amazon lost 7 hours {cite:p}`amazon2020`. We lost 9 hours."
    assert judged(markdown(text)) == [("7 hours", "citation"), ("9 hours", "bare")]


def test_a_link_to_a_source_on_the_web_is_a_citation() -> None:
    assert judged(markdown("It took [7 hours](https://status.example/1).")) == [("7 hours", "citation")]


def test_a_literal_holds_a_number_of_its_own_section_only() -> None:
    cells = [markdown("## One\n\nCallers wait 1.5 s."), code("env.timeout(1.5)"), markdown("## Two\n\nAgain 1.5 s.")]
    assert judged(*cells) == [("1.5 s", "setting"), ("1.5 s", "bare")]


def test_a_setting_says_where_it_is_set() -> None:
    (found,) = numbers_in([markdown("Callers wait 1.5 s."), code("x = 1\nwork(timeout=1.5)")])
    assert found.evidence == "cell 2: work(timeout=1.5)"


def test_what_a_claim_says_is_no_setting() -> None:
    cells = [markdown("It serves 70 requests a second."), code('claim("goodput", 70, run.goodput_per_s)')]
    assert judged(*cells) == [("70 requests a second", "bare")]


def test_a_simulators_parameter_counts_everywhere_but_only_for_what_it_measures() -> None:
    imports = code("from companion.simulators.metastable import simulate")
    text = "## Far away\n\nThe load is 70 requests a second. It lasts 70 s. A spike takes ten seconds."
    found = numbers_in([imports, markdown(text)])
    assert [(number.text, number.kind) for number in found] == [
        ("70 requests a second", "setting"), ("70 s", "bare"), ("ten seconds", "setting")]  # fmt: skip
    assert found[0].evidence == "parameter load"


def test_a_share_is_a_hundredth_of_its_per_cents() -> None:
    cells = [markdown("A budget of 20 % and a charge of 30 %."), code("budget(ratio=0.2)")]
    assert judged(*cells) == [("20 %", "setting"), ("30 %", "bare")]


def test_the_time_budget_is_the_authors_setting() -> None:
    assert [kind for _, kind in judged(markdown("**Time:** run 60 s, read 40 minutes."))] == ["setting"] * 2


def test_sentences_keep_what_belongs_together() -> None:
    text = "One (e.g. this). *And what then?* Two {cite:p}`key`!\n\n- an item\n- another, of 3.5 s"
    assert sentences(text) == ["One (e.g. this).", "*And what then?*", "Two {cite:p}`key`!", "- an item",
                               "- another, of 3.5 s"]  # fmt: skip


def test_a_sentence_reads_without_its_marks() -> None:
    text = "## So [97 times](#claim-a) *a second* {cite:p}`key`, as `x` says {term}`goodput`"
    assert plain(text) == "So 97 times a second, as x says goodput"


@given(st.integers(0, 10**9))
def test_a_number_with_separators_has_its_value(number: int) -> None:
    assert value_of(f"{number:,}") == number


@pytest.mark.parametrize(
    ("words", "value"),
    [("forty", 40), ("sixty-four", 64), ("a hundred", 100), ("two hundred", 200), ("three quarters", 0.75),
     ("half", 0.5), ("a tenth", 0.1), ("10 million", 1e7), ("−3", -3), ("banana", None)],
)  # fmt: skip
def test_a_number_in_words_has_its_value(words: str, value: float | None) -> None:
    assert value_of(words) == (value if value is None else pytest.approx(value))


@given(st.text(alphabet="0123456789 s%a/.,-`[]()#{}*\nxte", max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    assert isinstance(numbers_in([markdown(text), code(text)]), list)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("It is [4 m](#claim-tide), not [5](#claim-ebb).", [("4 m", "tide"), ("5", "ebb")]),
        ("```\n[4 m](#claim-tide)\n```\n[5](#claim-ebb)", [("5", "ebb")]),
        ("````md\n```python\n1\n```\n[4 m](#claim-tide)\n````\n[5](#claim-ebb)", [("5", "ebb")]),
        ("```{note}\n[4 m](#claim-tide)\n```", [("4 m", "tide")]),
        (":::{note}\n[4 m](#claim-tide)\n:::", [("4 m", "tide")]),
        ("- a list\n\n    [4 m](#claim-tide)", [("4 m", "tide")]),
        ("[4 m](chapters/18.ipynb)", []),
    ],
)
def test_links_to_claims_are_those_of_the_text_and_not_of_an_example(text: str, links: list[tuple[str, str]]) -> None:
    assert claim_links(text) == links


def test_links_to_claims_are_found_between_directives_and_in_them_and_not_in_code() -> None:
    directive, code = "```{figure} a\n[in](#claim-in)\n```\n", "```python\n[no](#claim-no)\n```\n"
    text = f"{directive}\n[one](#claim-one)\n\n{code}\n[two](#claim-two)\n\n```{{empty}}\n```\n[three](#claim-three)\n"
    assert claim_links(text) == [("in", "in"), ("one", "one"), ("two", "two"), ("three", "three")]
