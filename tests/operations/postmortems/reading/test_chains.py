"""Chains of whys in the shapes that people give them."""

from __future__ import annotations

import pytest

from tests.operations.postmortems.reading.samples import whys

PAIRS = [
    ("Why did it fail?", "The pool was empty."),
    ("Why was it empty?", "It was small."),
    ("Why was it small?", "Nobody had counted."),
]
SHAPES = {
    "numbers and arrows": "\n".join(f"{n}. {q}\n   -> {a}" for n, (q, a) in enumerate(PAIRS, 1)),
    "numbers and arrows in a line": "\n".join(f"{n}. {q} → {a}" for n, (q, a) in enumerate(PAIRS, 1)),
    "typed numbers": "\n\n".join(f"Why #{n}: {q}\n=> {a}" for n, (q, a) in enumerate(PAIRS, 1)),
    "bullets below bullets": "\n".join(f"- {q}\n  - {a}" for q, a in PAIRS),
    "question and answer": "\n".join(f"- Q: {q}\n  - A: {a}" for q, a in PAIRS),
    "paragraphs": "\n\n".join(f"**{q}**\n\n{a}" for q, a in PAIRS),
    "a table": "| Why | Because |\n|---|---|\n" + "\n".join(f"| {q} | {a} |" for q, a in PAIRS),
    "headings": "\n\n".join(f"### {q}\n\n{a}" for q, a in PAIRS),
}


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "headings"])
def test_every_shape_gives_the_same_chain(shape: str) -> None:
    found = whys(SHAPES[shape])
    assert [(why.question, why.answer) for why in found] == PAIRS
    assert [(why.branch, why.depth) for why in found] == [("1", 1), ("1", 2), ("1", 3)]


def test_a_heading_may_be_the_question() -> None:
    assert [(why.question, why.answer) for why in whys(SHAPES["headings"])] == PAIRS


def test_numbers_are_kept_as_written() -> None:
    assert [why.number for why in whys(SHAPES["numbers and arrows"])] == ["1", "2", "3"]
    assert [why.number for why in whys("1.1 Why a?\n-> b\n\n1.2 Why c?\n-> d")] == ["1.1", "1.2"]


def test_bullets_may_be_eight_deep() -> None:
    body = "\n".join(f"{'  ' * depth}- Why {depth}? Because of {depth + 1}." for depth in range(8))
    found = whys(body)
    assert [why.depth for why in found] == list(range(1, 9))
    assert found[7].answer == "Because of 8."


def test_answers_alone_are_a_chain_below_a_heading_that_says_so() -> None:
    found = whys("1. The pool was empty.\n2. It was small.\n3. Nobody had counted.")
    assert [(why.question, why.answer, why.depth) for why in found] == [("", a, n) for n, (_, a) in enumerate(PAIRS, 1)]


def test_a_list_of_factors_is_no_chain() -> None:
    assert whys("1. The pool was small.\n2. Alerts watch errors alone.", "## Contributing factors") == ()


@pytest.mark.parametrize("form", ["### Branch A (1.x)\n\n{0}\n\n### Branch B (2.x)\n\n{1}",
    "**Branch A (1.x):**\n\n{0}\n\n**Branch B (2.x):**\n\n{1}",
                                  "### Primary chain\n\n{0}\n\n### Detection\n\n{1}",
                                  "{0}\n\nBut:\n\n{1}"])  # fmt: skip
def test_branches_are_told_apart(form: str) -> None:
    first, second = "1. Why a?\n   -> b\n2. Why c?\n   -> d", "1. Why e?\n   -> f\n2. Why g?\n   -> h"
    if "But" in form:
        first, second = (
            part.replace("1. ", f"{n}.1 ").replace("2. ", f"{n}.2 ") for n, part in ((1, first), (2, second))
        )
    found = whys(form.format(first, second), "## Root cause analysis")
    if "Detection" in form:  # the heading is a role of its own
        found = found[:2]
        assert [(why.branch, why.depth) for why in found] == [("1", 1), ("1", 2)]
    else:
        assert [(why.branch, why.depth) for why in found] == [("1", 1), ("1", 2), ("2", 1), ("2", 2)]


def test_numbers_with_dots_name_their_branch() -> None:
    found = whys("- 1. Why a? b\n  - 1.1 Why c? d\n- 2. Why e? f\n  - 2.1 Why g? h\n  - 2.2 Why i? j")
    assert [(why.number, why.branch, why.depth) for why in found] == [
        ("1", "1", 1), ("1.1", "1", 2), ("2", "2", 1), ("2.1", "2", 2), ("2.2", "2", 3),
    ]  # fmt: skip


def test_more_words_below_belong_to_the_answer() -> None:
    (why,) = whys("- Why a?\n  - b\n  - and c")
    assert why.answer == "b and c"


def test_questions_in_quotations_are_other_peoples() -> None:
    assert whys("> Why me?\n\nThe pool.", "## Root cause") == ()


def test_each_question_knows_its_line() -> None:
    assert [why.line for why in whys(SHAPES["numbers and arrows"])] == [5, 7, 9]


def test_other_languages_ask_too() -> None:
    found = whys("1. Pourquoi la panne ?\n   → Le pool.\n2. Pourquoi le pool ?\n   → Trop petit.", "## Causes racines")
    assert [why.answer for why in found] == ["Le pool.", "Trop petit."]


def test_a_question_without_an_answer_has_none() -> None:
    assert [(why.question, why.answer) for why in whys("1. Why a?\n2. Why b?")] == [("Why a?", ""), ("Why b?", "")]


def test_a_bullet_at_the_left_edge_after_nested_ones_begins_another_branch() -> None:
    nested = "- Why did it fail?\n  - The pool was empty.\n    - Why was it empty?\n      - It was small.\n"
    found = whys(f"{nested}- Why did it take an hour?\n  - No alert looks at the pool.")
    assert [(why.branch, why.depth) for why in found] == [("1", 1), ("1", 2), ("2", 1)]
