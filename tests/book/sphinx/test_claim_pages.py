"""A number in the text leads to the thin line of its claim, behind which the code is folded; the two must agree."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.book.sphinx.render import RenderError, render

INDEX = "# A small book\n\nIt is [vulnerable](#claim-verdict).\n\n```{numbers}\n```\n"


def recorded(book: Any, chapter: str, **values: list[float | str]) -> None:
    """Write what other seeds gave for a chapter's claims."""
    file = book.root / "data" / "spread" / f"{chapter}.json"
    file.parent.mkdir(parents=True)
    seeds = list(range(max(map(len, values.values()))))
    record = {"source": "", "seeds": seeds, "claims": values, "failed": {}, "confirmed_by": []}
    file.write_text(json.dumps(record), "utf-8")


@pytest.fixture(scope="module")
def rendered(new_book: Callable[[Path], Any], tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Render a book whose first chapter claims three numbers: two in a folded cell, one among code to read."""
    book = new_book(tmp_path_factory.mktemp("claims") / "small")
    made = [tools.claim("attempts", "280", 280.123), tools.claim("wasted", "97", 97)]
    book.chapter(
        "01-first",
        "run = simulate()",
        tools.code("claim('attempts', 280, run.attempts)\nclaim('wasted', 97, run.wasted)", outputs=made),
        tools.prose("Here they make [280 attempts](#claim-attempts), [97](#claim-wasted) of them in vain."),
        "verdict = judge(run)\nclaim('verdict', 'vulnerable', verdict)",
    )
    recorded(book, "01-first", attempts=[276.4, 280.1, 288.2], wasted=[97, 97.2, 97.4])
    book.pretend_executed(
        "01-first",
        [],
        made,
        [tools.claim("verdict", "vulnerable", "vulnerable")],
    )
    book.chapter("02-second", tools.prose("There they made [280 attempts a second](#claim-attempts)."))
    book.pretend_executed("02-second")
    book.page("index", INDEX)
    assert render(book.project)
    return book


@pytest.mark.parametrize(
    ("page", "text", "address"),
    [
        ("chapters/01-first", "280 attempts", "#claim-attempts"),
        ("chapters/02-second", "280 attempts a second", "01-first.html#claim-attempts"),
        ("index", "vulnerable", "chapters/01-first.html#claim-verdict"),
    ],
)
def test_a_number_leads_to_its_claim_from_any_page(rendered: Any, page: str, text: str, address: str) -> None:
    links = re.findall(r"<a [^>]*claim-link[^>]*>.*?</a>", rendered.html(page), re.S)
    (link,) = [link for link in links if re.sub("<[^>]*>", "", link) == text]
    assert f'href="{address}"' in link
    assert f'id="{address.rpartition("#")[2]}"' in rendered.html("chapters/01-first")


def test_a_number_carries_what_was_computed_and_its_luck_as_its_title(rendered: Any) -> None:
    assert 'title="computed: 280.123; over 3 seeds 276 to 288"' in rendered.html("chapters/02-second")
    assert 'title="computed: 97; the same under 3 seeds"' in rendered.html("chapters/01-first")
    assert 'title="computed: vulnerable"' in rendered.html("index")  # of which nothing is recorded


def test_the_list_has_what_other_seeds_gave(rendered: Any) -> None:
    table = re.sub(r"\s*<[^>]*>\s*", "|", rendered.html("index").partition("<table")[2].partition("</table")[0])
    assert [cell for cell in table.split("|") if cell.strip(" >")][1:] == [
        *("Number", "The text says", "Computed", "Under 3 other seeds"),
        *("attempts", "280 attempts", "280.123", "276 to 288"),
        *("wasted", "97", "97", "the same"),
        *("verdict", "vulnerable", "vulnerable"),
    ]


def test_the_code_of_claims_is_folded_behind_what_they_say(rendered: Any) -> None:
    (fold,) = re.findall(r"<details.*?</details>", rendered.html("chapters/01-first"), re.S)
    summary, code = fold.split("</summary>")
    assert summary.startswith('<details class="claims"><summary>')  # and is closed
    lines = re.findall(r'<span class="claim" id="claim-([a-z]+)">(.*?)</span>', summary)
    assert lines == [
        ("attempts", "attempts: <strong>280</strong> (280.12)"),
        ("wasted", "wasted: <strong>97</strong>"),
    ]
    assert "claim" in code and "attempts" in code


def test_a_claim_among_code_to_read_stands_under_its_cell(rendered: Any) -> None:
    line = re.search(r'<p class="claim" id="claim-verdict">(.*?)</p>', rendered.html("chapters/01-first"))
    assert line and line[1] == "verdict: <strong>vulnerable</strong>"


def test_a_claims_sentence_can_be_found_first_of_all_in_its_own_chapter(rendered: Any) -> None:
    place = re.search(r'<span class="said" id="said-attempts"><a [^>]*>(.*?)</a>', rendered.html("chapters/01-first"))
    assert place and "280 attempts" in place[1]
    assert 'href="chapters/01-first.html#said-attempts"' in rendered.html("index")


def test_a_claim_that_only_another_page_uses_has_its_sentence_there(rendered: Any) -> None:
    page = rendered.html("index")
    assert 'href="#said-verdict"' in page
    assert 'id="said-verdict"' in page


def test_a_number_that_is_not_its_claims_fails_the_build_by_page_cell_and_line(book: Any, tools: Any) -> None:
    wrong = tools.prose("Fine.\n\n[290](#claim-attempts) of them.")
    book.chapter("01-first", "claim('attempts', 280, 280.123)", wrong)
    book.pretend_executed("01-first", [tools.claim("attempts", "280", 280.123)])
    book.page("index", "# A small book\n\n[300 attempts](#claim-attempts)\n")
    with pytest.raises(RenderError) as refused:
        render(book.project)
    assert sorted(str(refused.value).splitlines()) == [
        "book/chapters/01-first.ipynb cell 4 line 3: WARNING: the text says '290', but claim 'attempts' says 280",
        "book/index.md:3: WARNING: the text says '300 attempts', but claim 'attempts' says 280",
    ]
    assert not book.project.html.exists()


def test_two_claims_of_one_name_fail_the_build(book: Any, tools: Any) -> None:
    for name in ("01-first", "02-second"):
        book.chapter(name, "claim('attempts', 3, 3)")
        book.pretend_executed(name, [tools.claim("attempts", "3", 3)])
    with pytest.raises(RenderError, match="claim 'attempts' is made twice: in 01-first and 02-second"):
        render(book.project)
