"""The built pages in a real browser: on a phone and a desk, by day and by night, without asking another host."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("*.ipynb"))
PAGES = sorted(path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html") if "_static" not in path.parts)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip

WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}
PHONE_BY_NIGHT, DESK_BY_DAY = ("phone", "dark"), ("desk", "light")
# Every page in two ways that share nothing; the landing page and a chapter in all four.
VISITS = [(page, way) for page in PAGES or ["index.html"] for way in (PHONE_BY_NIGHT, DESK_BY_DAY)]
VISITS += [(page, way) for page in ("index.html", f"chapters/{CHAPTERS[-1]}.html")
           for way in (("phone", "light"), ("desk", "dark"))]  # fmt: skip


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the built pages over loopback."""
    if not (HTML / "index.html").is_file():
        pytest.fail("the pages are not built: run `make book`", pytrace=False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(HTML))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium, with a profile that is thrown away."""
    names = ("chromium", "chromium-browser", "google-chrome")
    binary = os.environ.get("COMPANION_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if binary is None:
        pytest.fail("no Chromium: install your system's chromium package, or set COMPANION_CHROMIUM", pytrace=False)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield started
        started.close()


class Reader:
    """A reader with one kind of screen: opens pages, and notes every complaint and every request."""

    def __init__(self, browser: Browser, address: str, way: tuple[str, str]) -> None:
        self.address = address
        self.width, height = WIDTHS[way[0]]
        self.context: BrowserContext = browser.new_context(
            viewport={"width": self.width, "height": height}, color_scheme=way[1], reduced_motion="reduce",
        )  # type: ignore[arg-type]  # fmt: skip
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self._complain(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("requestfailed", lambda request: self._complain(f"failed: {request.url}"))
        self.page.on("request", self._watch)

    def open(self, name: str, until: Literal["load", "networkidle"] = "networkidle") -> Page:
        """Open a page and wait until it is there, or until it is at rest."""
        self.complaints.clear()
        self.page.goto(self.address + name, wait_until=until)
        self.page.evaluate("document.fonts.ready.then(() => true)")
        return self.page

    def _complain(self, text: str) -> None:
        self.complaints.append(text)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self._complain(f"asked another host: {request.url}")


@pytest.fixture(scope="module")
def readers(browser: Browser, address: str) -> dict[tuple[str, str], Reader]:
    """Make one reader for each way, shared by all tests."""
    return {(width, theme): Reader(browser, address, (width, theme)) for width in WIDTHS for theme in ("light", "dark")}


@pytest.fixture
def desk(readers: dict[tuple[str, str], Reader]) -> Reader:
    """Give the reader at a desk, by day."""
    return readers[DESK_BY_DAY]


@pytest.mark.parametrize(("name", "way"), VISITS, ids=lambda part: part if isinstance(part, str) else "-".join(part))
def test_a_page_is_in_order(readers: dict[tuple[str, str], Reader], name: str, way: tuple[str, str]) -> None:
    reader = readers[way]
    page = reader.open(name)
    assert page.evaluate("document.documentElement.dataset.theme") == way[1]
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)")
    violations = [f"{rule['id']}: {rule['help']}: {node['target']} {node['html'][:120]}" for rule in found
                  for node in rule["nodes"]]  # fmt: skip
    assert violations == []
    assert page.evaluate("document.documentElement.scrollWidth") <= reader.width
    assert reader.complaints == []


def test_the_check_of_the_page_would_find_something(desk: Reader) -> None:
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


def test_every_number_leads_to_a_cell_that_can_be_seen(desk: Reader) -> None:
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


def test_a_click_on_a_number_brings_its_cell_into_view(desk: Reader) -> None:
    page = desk.open("index.html")
    link = page.locator("a.claim-link").first
    target = str(link.get_attribute("href")).partition("#")[2]
    link.click()
    page.wait_for_url(f"**#{target}")
    top = page.evaluate(f"document.getElementById({target!r}).getBoundingClientRect().top")
    assert 0 <= top < 900


def test_search_finds_a_word_without_another_host(desk: Reader) -> None:
    page = desk.open("search.html?q=goodput")
    page.wait_for_selector("#search-results .search li p.context")
    titles = page.eval_on_selector_all("#search-results .search li > a", "links => links.map(link => link.href)")
    assert any("18-metastable" in title for title in titles)
    assert desk.complaints == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_code_can_be_copied(readers: dict[tuple[str, str], Reader], name: str) -> None:
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
def test_a_chapter_can_be_downloaded_as_a_notebook(desk: Reader, name: str) -> None:
    page = desk.open(f"chapters/{name}.html")
    (link,) = page.eval_on_selector_all("a[href$='.ipynb']", "links => [...new Set(links.map(link => link.href))]")
    answer = page.request.get(link)
    assert answer.ok
    executed = (ROOT / "book" / "chapters" / f"{name}.ipynb").read_text("utf-8")
    texts = [["".join(cell["source"]) for cell in json.loads(whole)["cells"]] for whole in (answer.text(), executed)]
    assert texts[0] == texts[1]
