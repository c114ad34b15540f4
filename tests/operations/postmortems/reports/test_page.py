"""The page of the rules, and the one that the book has of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from companion.operations.postmortems.reports.page import FAMILIES, as_page
from companion.operations.postmortems.rules import catalogue
from companion.operations.postmortems.rules.outcome import Rule

PAGE = Path(__file__).parents[4] / "book" / "postmortem-rules.md"


def test_a_rule_stands_under_its_family_with_reason_and_examples(rule: Callable[..., Rule]) -> None:
    page = as_page(
        [rule("lessons-missing", family="learning"), rule(words=False), rule("review", family="process", final=True)]
    )
    assert [line for line in page.splitlines() if line.startswith("#")] == [
        "# What a post mortem is held against", "## When it happened", "### timeline-gap", "## What follows from it",
        "### lessons-missing", "## Who took part, and who was told", "### review",
    ]  # fmt: skip
    assert "Bad:\n\n````markdown\n```sh\nbad\n```\n````\n\nGood:\n\n```markdown\ngood\n```" in page
    assert "final versions only" in page and "in any language" in page


def test_every_family_has_a_heading() -> None:
    assert FAMILIES.keys() == catalogue.FAMILIES.keys()


def test_the_books_page_is_the_catalogues() -> None:
    assert PAGE.read_text("utf-8") == as_page(catalogue.rules()), (
        "run `companion postmortem rules --markdown book/postmortem-rules.md`"
    )
