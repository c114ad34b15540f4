"""The built pages in a real browser: on a phone and a desk, by day and by night, without asking another host."""

from __future__ import annotations

import gzip
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import AXE, PAGES, ROOT

CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("*.ipynb"))
LANDING, CHAPTER = "index.html", "chapters/18-metastable.html"
NARROW = 320
"""Pixels: a desk's page enlarged four times."""

OF_EACH_KIND = {LANDING, CHAPTER, "numbers.html", "api.html", "references.html", "search.html", "404.html"}
"""Pages that together have all that is shown otherwise by night or on a phone; axe judges the others once."""

MORE_OF_THE_SAME = "tbody tr:nth-child(n + 9)"
"""Rows of long tables, each made by one loop: axe would look at two thousand of them."""

PLAIN_CODE = "code => code.forEach(block => { block.textContent = block.textContent; })"
"""Takes the colours off code: there are thousands of coloured words, and the pages of each kind have them all."""

MAY_WEIGH = {LANDING: 260_000, CHAPTER: 420_000}
"""Compressed bytes of a page with all that it loads; what a phone gets in two or three seconds."""


def test_these_are_all_pages(built: Path) -> None:
    found = (path.relative_to(built) for path in built.rglob("*.html"))
    assert sorted(path.as_posix() for path in found if "_static" not in path.parts) == PAGES


@pytest.fixture(scope="module")
def linked_claims(built: Path) -> dict[str, set[str]]:
    """Find where the numbers of all pages lead to: the ids in each page."""
    wanted: dict[str, set[str]] = {}
    for name in PAGES:
        links = re.findall(r'<a\b(?=[^>]*claim-link)[^>]*href="([^"]+)"', (built / name).read_text("utf-8"))
        for link in links:
            path, _, target = link.partition("#")
            page = (built / name).parent.joinpath(path).resolve().relative_to(built).as_posix() if path else name
            wanted.setdefault(page, set()).add(target)
    return wanted


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_in_order(reader: Any, linked_claims: dict[str, set[str]], name: str) -> None:
    # One visit: at a desk by day, on a phone by night, as narrow as can be; then axe, by day and by night.
    reader.sit("desk", "light")
    page = reader.open(name)
    assert reader.page_width() <= reader.width
    unseen = page.evaluate(
        """targets => targets.filter(target => {
               const box = document.getElementById(target)?.getBoundingClientRect();
               return !(box && box.width > 0 && box.height > 0); })""",
        sorted(linked_claims.get(name, ())),
    )
    assert unseen == []
    reader.sit("phone", "dark")
    assert reader.page_width() <= reader.width
    page.set_viewport_size({"width": NARROW, "height": 700})
    assert reader.page_width() <= NARROW
    page.locator(MORE_OF_THE_SAME).evaluate_all("rows => rows.forEach(row => row.remove())")
    if name in OF_EACH_KIND:
        reader.sit("phone", "dark")
        assert reader.violations() == []
    else:
        page.locator(".highlight pre").evaluate_all(PLAIN_CODE)
    reader.sit("desk", "light")
    assert reader.violations() == []
    assert reader.complaints == []


@pytest.mark.parametrize("way", [("phone", "light"), ("desk", "dark")])
@pytest.mark.parametrize("name", [LANDING, f"chapters/{CHAPTERS[-1]}.html"])
def test_a_page_is_in_order_the_other_way_round(reader: Any, name: str, way: tuple[str, str]) -> None:
    reader.sit(*way)
    page = reader.open(name)
    assert page.evaluate("document.documentElement.dataset.theme") == way[1]
    assert reader.violations() == []
    assert reader.page_width() <= reader.width
    assert reader.complaints == []


def test_the_check_of_the_page_would_find_something(desk: Any) -> None:
    # A page with one fault of each kind: were the listeners or axe deaf, all the tests above would pass.
    page = desk.open(LANDING)
    page.evaluate(
        """() => { console.error("a fault"); document.body.insertAdjacentHTML("beforeend",
               '<img src="http://127.0.0.1:9/x.png"><div style="width: 9000px">wide</div>'); }"""
    )
    page.wait_for_timeout(200)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document).then(result => result.violations.map(rule => rule.id))")
    assert "image-alt" in found
    assert desk.page_width() > desk.width
    assert {"a fault", "asked another host: http://127.0.0.1:9/x.png"} <= set(desk.complaints)


# What a page loads


@pytest.mark.parametrize("name", MAY_WEIGH)
def test_a_page_is_light_stays_where_it_is_and_waits_for_no_script(reader: Any, name: str) -> None:
    reader.sit("phone", "light")
    loaded: dict[str, bytes] = {}
    with reader.listening("response", lambda answer: loaded.update({answer.url.partition("?")[0]: answer.body()})):
        page = reader.open(name)
    weights = {url: len(body) if url.endswith("woff2") else len(gzip.compress(body)) for url, body in loaded.items()}
    assert sum(weights.values()) < MAY_WEIGH[name], weights
    assert not [url for url in loaded if re.search("mathjax|searchindex|fontawesome.js|/pyodide/|/plot/", url)]
    shift = page.evaluate(
        """new Promise(done => new PerformanceObserver(list => done(list.getEntries().reduce((sum, shift) =>
               sum + (shift.hadRecentInput ? 0 : shift.value), 0))).observe({type: "layout-shift", buffered: true})
           || setTimeout(() => done(0), 300))"""
    )
    assert shift < 0.02
    assert (
        page.evaluate("document.head.querySelectorAll('script[src]:not([defer], [async], [type=module])').length") == 0
    )


def test_only_pages_with_formulas_load_the_font_for_them(reader: Any) -> None:
    for name in ("chapters/22-hybrid.html", "chapters/23-pii.html"):
        loaded: list[str] = []
        with reader.listening("request", lambda sent, loaded=loaded: loaded.append(sent.url)):
            formulas = reader.open(name).locator("math").count()
        assert any("stix-two-math" in url for url in loaded) is (formulas > 0), name


# What a page says of itself


@pytest.mark.parametrize("name", [name for name in PAGES if name != "404.html"])
def test_a_page_describes_itself(built: Path, name: str) -> None:
    head = (built / name).read_text("utf-8").partition("</head>")[0]
    described = re.findall(r'<meta (?=[^>]*name="description")[^>]*content="([^"]+)"', head)
    assert len(described) == 1 and len(html.unescape(described[0])) <= 200
    assert re.findall(r'property="og:(\w+)"', head)[:4] == ["title", "description", "type", "site_name"]
    assert 'name="twitter:card"' in head
    assert head.count("<title>") == 1


def test_the_page_for_what_is_not_there_leads_back_from_any_depth(desk: Any) -> None:
    page = desk.page
    assert page.goto(f"{desk.address}chapters/old/name.html").status == 404
    page.get_by_role("link", name="the first page").click()
    page.wait_for_url(desk.address + LANDING)


# On paper, and without scripts


def test_paper_is_white_and_shows_what_was_opened_and_no_empty_boxes(reader: Any) -> None:
    reader.sit("desk", "dark")
    page = reader.open(CHAPTER)
    page.locator("article details:not(.claims)").first.locator("summary").click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    for gone in (".sim-panel", ".exercise-answer", ".bd-sidebar-primary", "#pst-secondary-sidebar"):
        assert page.locator(f"{gone}:visible").count() == 0, gone
    assert page.locator("article details:not(.claims):visible").count() == 1
    assert page.get_by_role("heading", level=1).filter(visible=True).count() == 1
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize("width", ["phone", "desk"])
def test_without_scripts_nothing_is_dead_and_code_keeps_its_frame(browser: Any, address: str, width: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390 if width == "phone" else 1280,
                                                                       "height": 900})  # fmt: skip
    page = context.new_page()
    page.goto(address + CHAPTER, wait_until="load")
    assert page.locator("button:visible").count() == 0
    frame = page.locator(".cell_input").first
    assert frame.evaluate("frame => getComputedStyle(frame).borderLeftWidth") == "3px"
    assert frame.evaluate("frame => getComputedStyle(frame).backgroundColor") not in (
        "rgba(0, 0, 0, 0)",
        "rgb(255, 255, 255)",
    )
    header = page.locator(".bd-header-article")
    assert header.evaluate("header => getComputedStyle(header).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert page.locator("nav.bd-docs-nav a:visible").count() > 5
    said = page.locator(".companion-live:has(.exercise-answer)").first
    assert "JavaScript" in said.evaluate("place => getComputedStyle(place, '::before').content")
    assert page.locator("math").first.is_visible()
    context.close()


# Numbers, search, code


def test_every_number_leads_to_a_cell_of_some_page(linked_claims: dict[str, set[str]]) -> None:
    # That each cell can be seen is a part of the page's being in order.
    assert sum(map(len, linked_claims.values())) > 20
    assert linked_claims.keys() <= set(PAGES)


def test_a_click_on_a_number_brings_its_cell_into_view(desk: Any) -> None:
    page = desk.open(LANDING)
    link = page.locator("a.claim-link").first
    target = str(link.get_attribute("href")).partition("#")[2]
    link.click()
    page.wait_for_url(f"**#{target}")
    top = page.evaluate(f"document.getElementById({target!r}).getBoundingClientRect().top")
    assert 0 <= top < 900


def test_search_finds_a_word_without_another_host(desk: Any) -> None:
    page = desk.open(LANDING)
    page.get_by_role("button", name="Search").first.click()
    page.locator("#pst-search-dialog input").fill("goodput")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results .search li p.context")
    titles = page.eval_on_selector_all("#search-results .search li > a", "links => links.map(link => link.href)")
    assert any("18-metastable" in title for title in titles)
    assert desk.complaints == []


def test_code_can_be_copied(reader: Any) -> None:
    reader.sit("desk", "dark")
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=reader.address)
    page = reader.open(CHAPTER)
    block = page.locator(".cell_input div.highlight").first
    block.hover()
    block.locator("button.copybtn").click()
    code = str(block.locator("pre").inner_text()).strip()
    assert code
    assert page.evaluate("navigator.clipboard.readText()").strip() == code


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_can_be_downloaded_as_a_notebook(built: Path, name: str) -> None:
    page = built / "chapters" / f"{name}.html"
    (link,) = set(re.findall(r'href="([^"]+\.ipynb)"', page.read_text("utf-8")))
    executed = ROOT / "book" / "chapters" / f"{name}.ipynb"
    texts = [["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]
             for path in (page.parent / link, executed)]  # fmt: skip
    assert texts[0] == texts[1]
