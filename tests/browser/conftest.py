"""What every test of the built pages needs: the pages served, a browser, and readers who note every complaint."""

from __future__ import annotations

import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from companion.book.publish.serve import PageHandler

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}
DESK_BY_DAY = ("desk", "light")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the built pages over loopback."""
    if not (HTML / "index.html").is_file():
        pytest.fail("the pages are not built: run `make book`", pytrace=False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(PageHandler, directory=str(HTML))) as server:
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
        self.page.goto("about:blank")  # what the page before was still loading is aborted now, and not its fault
        self.complaints.clear()
        self.page.goto(self.address + name, wait_until=until)
        self.page.evaluate("document.fonts.ready.then(() => true)")
        return self.page

    def violations(self, within: list[str] | None = None) -> list[str]:
        """Ask axe-core what is wrong with the page as it stands, or with the parts that the selectors find."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate(
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
def readers(browser: Browser, address: str) -> dict[tuple[str, str], Reader]:
    """Make one reader for each way, shared by all tests."""
    return {(width, theme): Reader(browser, address, (width, theme)) for width in WIDTHS for theme in ("light", "dark")}


@pytest.fixture
def desk(readers: dict[tuple[str, str], Reader]) -> Reader:
    """Give the reader at a desk, by day."""
    return readers[DESK_BY_DAY]
