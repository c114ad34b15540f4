"""Of a page there is what a reader sees: no scripts, words not run together, rows of a table on lines of their own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.rag.formats.headings import sections_of
from companion.reasoning.rag.formats.web import charset_of, web_page

PAGE = """<!doctype html><html><head><title>Rain &amp; snow</title><style>p {color: red}</style>
<script>if (a < b) { document.write("<p>no</p>") }</script></head>
<body><nav><ul><li>Home</li></ul></nav>
<h1>The <em>weather</em></h1><p>It r<b>ain</b>s,
  and it   pours.<p>Unclosed paragraph<br>next line
<h2>Table</h2><table><tr><th>year<th>rain</tr><tr><td>2024</td><td>10&nbsp;mm</td></tr></table>
<pre>  kept
    as is</pre><ul><li>one</li><li>two</li></ul></body></html>"""


def test_a_page_is_read_as_it_is_seen() -> None:
    assert web_page(PAGE).text == (
        "The weather\n\nIt rains, and it pours.\n\nUnclosed paragraph\nnext line\n\nTable\n\nyear | rain\n2024 | 10 mm"
        "\n\n  kept\n    as is\n\none\ntwo"
    )


def test_headings_are_sections_and_the_title_is_the_pages() -> None:
    content = web_page(PAGE)
    assert content.title == "Rain & snow"
    sections = sections_of(content)
    assert [section.name for section in sections] == ["The weather", "The weather, Table"]
    assert content.text[sections[1].start :].startswith("Table")


def test_without_a_title_the_first_heading_is_it() -> None:
    assert web_page("<h2>a</h2><h1>Rain</h1>").title == "Rain"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("", ""),
        ("plain words", "plain words"),
        ("<p>a</div></p></b>b", "a\n\nb"),
        ("<template><p>no</template>yes", "yes"),
        ("</script>yes", "yes"),
        ("<h1></h1>text", "text"),
        ("a<span> b </span>c", "a b c"),
        ("a &lt;b&gt; &#8364;", "a <b> €"),
        ("a < b <p", "a < b"),
        ("<!-- <p>no</p> -->yes<!-- no", "yes"),
    ],
)
def test_a_page_that_is_not_well_formed_is_read_all_the_same(page: str, text: str) -> None:
    assert web_page(page).text.strip() == text


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        (b'<meta charset="iso-8859-1">', "iso-8859-1"),
        (b"<META http-equiv=x content='text/html; charset=koi8-r'>", "koi8-r"),
        (b"<p>charset=x", ""),
    ],
)
def test_a_page_names_its_character_set(page: bytes, charset: str) -> None:
    assert charset_of(page) == charset


@pytest.mark.parametrize("part", ["<a ", '<a href="', "<!--", "<![CDATA[", "</", "<a b=c ", "<", "&"])
def test_a_page_made_to_cost_time_costs_none(part: str) -> None:
    web_page(part * 50_000)
    web_page(part * 50_000 + ">")


def test_a_heading_lies_where_its_words_do() -> None:
    content = web_page("<p>One</p><h2> Two <b>words</b></h2>three<h3>Four</h3>")
    assert [content.text[each.start : each.below] for each in content.headings] == ["Two words", "Four"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["<p>", "</p>", "<h1>", "</h2>", "<td>", "<pre>", "<nav>", "x", " ", "&amp;", "<"])))
def test_headings_lie_in_order_within_any_page(parts: list[str]) -> None:
    content = web_page("".join(parts))
    places = [place for heading in content.headings for place in (heading.start, heading.below)]
    assert places == sorted(places) and all(place <= len(content.text) for place in places)
