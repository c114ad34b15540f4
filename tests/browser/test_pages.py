"""The built pages in a real browser: on a phone and a desk, by day and by night, without asking another host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("*.ipynb"))
PAGES = sorted(path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html") if "_static" not in path.parts)

PHONE_BY_NIGHT, DESK_BY_DAY = ("phone", "dark"), ("desk", "light")
# Every page in two ways that share nothing; the landing page and a chapter in all four.
VISITS = [(page, way) for page in PAGES or ["index.html"] for way in (PHONE_BY_NIGHT, DESK_BY_DAY)]
VISITS += [(page, way) for page in ("index.html", f"chapters/{CHAPTERS[-1]}.html")
           for way in (("phone", "light"), ("desk", "dark"))]  # fmt: skip


@pytest.mark.parametrize(("name", "way"), VISITS, ids=lambda part: part if isinstance(part, str) else "-".join(part))
def test_a_page_is_in_order(readers: dict[tuple[str, str], Any], name: str, way: tuple[str, str]) -> None:
    reader = readers[way]
    page = reader.open(name)
    assert page.evaluate("document.documentElement.dataset.theme") == way[1]
    assert reader.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= reader.width
    assert reader.complaints == []


def test_the_check_of_the_page_would_find_something(desk: Any) -> None:
    # A page with one fault of each kind: were the listeners or axe deaf, all the tests above would pass.
    page = desk.open("index.html")
    page.evaluate(
        """() => { console.error("a fault"); document.body.insertAdjacentHTML("beforeend",
               '<img src="http://127.0.0.1:9/x.png"><div style="width: 9000px">wide</div>'); }"""
    )
    page.wait_for_timeout(200)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document).then(result => result.violations.map(rule => rule.id))")
    assert "image-alt" in found
    assert page.evaluate("document.documentElement.scrollWidth") > desk.width
    assert {"a fault", "asked another host: http://127.0.0.1:9/x.png"} <= set(desk.complaints)


def test_every_number_leads_to_a_cell_that_can_be_seen(desk: Any) -> None:
    addresses: set[str] = set()
    for name in PAGES:
        addresses |= set(
            desk.open(name, "load").eval_on_selector_all("a.claim-link", "links => links.map(link => link.href)")
        )
    assert len(addresses) > 20
    for page_address in sorted({address.partition("#")[0] for address in addresses}):
        page = desk.open(page_address.removeprefix(desk.address), "load")
        for target in sorted(a.partition("#")[2] for a in addresses if a.startswith(f"{page_address}#")):
            box = page.locator(f"#{target}").bounding_box()
            assert box and box["width"] > 0 and box["height"] > 0, target


def test_a_click_on_a_number_brings_its_cell_into_view(desk: Any) -> None:
    page = desk.open("index.html")
    link = page.locator("a.claim-link").first
    target = str(link.get_attribute("href")).partition("#")[2]
    link.click()
    page.wait_for_url(f"**#{target}")
    top = page.evaluate(f"document.getElementById({target!r}).getBoundingClientRect().top")
    assert 0 <= top < 900


def test_search_finds_a_word_without_another_host(desk: Any) -> None:
    page = desk.open("search.html?q=goodput")
    page.wait_for_selector("#search-results .search li p.context")
    titles = page.eval_on_selector_all("#search-results .search li > a", "links => links.map(link => link.href)")
    assert any("18-metastable" in title for title in titles)
    assert desk.complaints == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_code_can_be_copied(readers: dict[tuple[str, str], Any], name: str) -> None:
    reader = readers[("desk", "dark")]
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=reader.address)
    page = reader.open(f"chapters/{name}.html")
    block = page.locator(".cell_input div.highlight").first
    block.hover()
    block.locator("button.copybtn").click()
    code = str(block.locator("pre").inner_text()).strip()
    assert code
    assert page.evaluate("navigator.clipboard.readText()").strip() == code


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_can_be_downloaded_as_a_notebook(desk: Any, name: str) -> None:
    page = desk.open(f"chapters/{name}.html")
    (link,) = page.eval_on_selector_all("a[href$='.ipynb']", "links => [...new Set(links.map(link => link.href))]")
    answer = page.request.get(link)
    assert answer.ok
    executed = (ROOT / "book" / "chapters" / f"{name}.ipynb").read_text("utf-8")
    texts = [["".join(cell["source"]) for cell in json.loads(whole)["cells"]] for whole in (answer.text(), executed)]
    assert texts[0] == texts[1]
