"""What every test of the built pages needs: the pages served, a browser, and readers who note every complaint."""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from companion.book.publish.serve import PageHandler
from tests.browser.panels import start_python

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
TOC = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text("utf-8"))
ENTRIES = [TOC["root"], *(entry["file"] for part in TOC["parts"] for entry in part["chapters"])]
PAGES = sorted(f"{name}.html" for name in [*ENTRIES, "404", "genindex", "search"])
"""All pages; which can be said before they are built."""
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--process-per-site"]  # fmt: skip
"""The last one has all tabs of a reader in one process, which compiles Python once as long as one of them holds it."""
WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}
WITH_PANEL = "chapters/18-metastable.html"
WAYS = [("phone", "dark"), ("desk", "light")]
"""Each width and each theme once: a theme sets colours and moves nothing, a width moves things and colours none."""


@pytest.fixture(scope="session")
def address(built: Path) -> Iterator[str]:
    """Serve the built pages over loopback."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(PageHandler, directory=str(built))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Find Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    binary = os.environ.get("COMPANION_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if binary is None:
        pytest.fail("no Chromium: install your system's chromium package, or set COMPANION_CHROMIUM", pytrace=False)
    return str(binary)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Start Chromium, with a profile that is thrown away.

    For one file: Playwright's event loop goes on running between tests, and no other test could have one of its own.
    """
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


class Reader:
    """Someone who opens pages in one tab, at a desk or on a phone, and notes every complaint and every request."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.context: BrowserContext = browser.new_context(reduced_motion="reduce")
        self.complaints: list[str] = []
        self.page: Page = self.new_tab()
        self.sit("desk", "light")

    def new_tab(self) -> Page:
        """Open another tab, and listen to what is complained of in it."""
        page = self.context.new_page()
        page.on("console", lambda said: self._complain(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("requestfailed", lambda request: self._complain(f"failed: {request.url}"))
        page.on("request", self._watch)
        return page

    def sit(self, width: str, theme: str) -> None:
        """Take another screen, by day or by night; a page that is open follows."""
        self.width, height = WIDTHS[width]
        self.page.set_viewport_size({"width": self.width, "height": height})
        self.page.emulate_media(color_scheme=theme, media="screen")  # type: ignore[arg-type]
        self.page.wait_for_function("theme => (document.documentElement.dataset.theme ?? theme) === theme", arg=theme)

    def open(self, name: str, until: Literal["load", "networkidle"] = "load") -> Page:
        """Open a page and wait until it is there, with its fonts."""
        self.page.goto("about:blank")  # what the page before was still loading is aborted now, and not its fault
        self.complaints.clear()
        self.page.goto(self.address + name, wait_until=until)
        self.page.evaluate("document.fonts.ready.then(() => true)")
        return self.page

    @contextmanager
    def listening(self, event: Any, note: Callable[[Any], Any]) -> Iterator[None]:
        """Tell someone of each request or answer, for a while."""
        self.page.on(event, note)
        yield
        self.page.remove_listener(event, note)

    def page_width(self) -> int:
        """Measure how wide the page is, with what one would have to scroll to."""
        return int(self.page.evaluate("document.documentElement.scrollWidth"))

    def violations(self, within: list[str] | None = None, page: Page | None = None) -> list[str]:
        """Ask axe-core what is wrong with the page (or another tab's) as it stands, or with parts of it."""
        page = page or self.page
        page.evaluate(AXE.read_text("utf-8") if not page.evaluate("typeof axe === 'object'") else "0")
        found = page.evaluate(
            """within => axe.run(within ? {include: within.map(part => [part])} : document,
                                      {resultTypes: ["violations"]}).then(result => result.violations)""",
            within,
        )
        return [f"{rule['id']}: {rule['help']}: {node['target']} {node['html'][:120]}" for rule in found
                for node in rule["nodes"]]  # fmt: skip

    def _complain(self, text: str) -> None:
        self.complaints.append(text)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self._complain(f"asked another host: {request.url}")


@pytest.fixture(scope="module")
def reader(browser: Browser, address: str) -> Reader:
    """Give the one reader whom all tests of a file share; whoever needs a certain screen says so."""
    return Reader(browser, address)


@dataclass(frozen=True)
class Visit:
    """What happened while a page was opened and its Python started."""

    page: Page
    asked: list[str]
    complaints: list[str]


@pytest.fixture(scope="module")
def first_visit(reader: Reader) -> Iterator[Visit]:
    """Start Python in a tab that stays open while the tests use others, and tell what was asked for.

    A page that starts Python after this one need not compile it: that takes three quarters of a start.
    """
    reader.complaints.clear()
    page, asked = reader.new_tab(), list[str]()
    page.goto(f"{reader.address}{WITH_PANEL}", wait_until="networkidle")
    page.on("request", lambda sent: asked.append(sent.url))
    start_python(page)
    yield Visit(page, asked, [*reader.complaints])
    page.close()


@pytest.fixture
def desk(reader: Reader) -> Reader:
    """Give the reader at a desk, by day."""
    reader.sit("desk", "light")
    return reader
