"""A server with a control room, in a process of its own, and a database whose rows the tests can hold up."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from companion.services.database import Database, add_tenant, as_tenant, connect, prepare, running
from companion.services.documents import add_documents
from companion.services.samples import add_samples
from tests.browser.conftest import Reader

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
"""What a tenant may call itself, or a document."""
PATIENCE = 30_000
"""Milliseconds for what a server and a database do, on a machine that may be busy with other things."""

expect.set_options(timeout=PATIENCE)


@dataclass
class House:
    """The server and its database.

    Attributes
    ----------
    database : Database
        With the two tenants of the samples, and a hostile one.
    keys : Path
        Of the issuer.
    url : str
        The server's; "" until it has been started.
    """

    database: Database
    keys: Path
    url: str = ""
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the server, on the port that it has had before, if any."""
        port = self.url.rpartition(":")[2] or "0"
        words = ["--port", port, "--database", self.database.admin, "--lease", "1", "--control-room"]
        environment = os.environ | {"COMPANION_ISSUER_DIRECTORY": str(self.keys)}
        command = [sys.executable, "-m", "companion", "serve", "a2a", *words]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        assert line.startswith("ready http://127.0.0.1:"), line + self.process.stderr.read()
        self.url = line.split()[1].removesuffix("/rpc")

    def kill(self) -> None:
        """End the server without a word."""
        assert self.process is not None
        self.process.kill()
        self.process.communicate()

    @contextlib.contextmanager
    def held_up(self) -> Iterator[None]:
        """Let no task get at the documents meanwhile: it has begun, and does not get on."""
        with connect(self.database.admin) as connection, connection.transaction():
            connection.execute("lock table documents in access exclusive mode")
            yield


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running() as server:
        database = Database(server.address, prepare(server.address))
        add_samples(database)
        with connect(database.admin) as connection:
            hostile = add_tenant(connection, HOSTILE)
        with connect(database.app) as connection, as_tenant(connection, hostile):
            add_documents(connection, [(HOSTILE, f"A page that is kept for long. {HOSTILE}")])
        house = House(database, tmp_path_factory.mktemp("keys") / "issuer")
        house.start()
        try:
            yield house
        finally:
            house.kill()


class Visitor(Reader):
    """Somebody in the control room.

    Chromium reports a stream as aborted although a reader has read it to its end (by `text()` it does not), so of
    what fails at /rpc the page itself must tell, and does. And it gives up fetching the icon when a page is left.
    """

    def _complain(self, text: str) -> None:
        if text not in {f"failed: {self.address}{name}" for name in ("rpc", "control-room/icon.svg")}:
            super()._complain(text)

    def enter(self) -> None:
        """Open the page anew, as somebody who has not been here."""
        self.complaints.clear()
        self.page.goto(f"{self.address}control-room#sign-in", wait_until="networkidle")
        self.page.evaluate("sessionStorage.clear()")
        self.page.reload(wait_until="networkidle")
        expect(self.page.get_by_label("Tenant", exact=True).first.locator("option")).to_have_count(3)

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def pane(self, number: int = 0) -> Locator:
        """Give your pane (0) or the other tenant's (1) on the tab that is open."""
        return self.page.locator("[role=tabpanel]:not([hidden]) .pane").nth(number)

    def said(self, number: int = 0) -> Locator:
        return self.pane(number).get_by_role("status").first

    def sign_in(self, tenant: str = "Ada & Partners", number: int = 0, seconds: int = 300) -> None:
        self.tab("Sign in")
        pane = self.pane(number)
        pane.get_by_label("Tenant", exact=True).select_option(label=tenant)
        pane.get_by_label("Seconds").fill(str(seconds))
        pane.get_by_role("button", name="Sign in").click()
        expect(self.said(number)).to_contain_text(re.compile(rf"Signed in as .*{re.escape(tenant)}"))

    def open_both(self) -> None:
        """Sign in as Ada, and beside her as Bob."""
        self.page.get_by_role("switch").check()
        self.sign_in()
        self.sign_in("Bob's Bakery Group", 1)

    def call(self, tool: str, **arguments: str) -> None:
        self.tab("Tools")
        self.page.get_by_label("Tool", exact=True).select_option(label=tool)
        for name, value in arguments.items():
            self.page.get_by_label(name, exact=True).fill(value)
        self.page.get_by_role("button", name="Call", exact=True).click()

    def start(self, message: str = "For how long are files kept?") -> None:
        self.tab("Tasks")
        self.page.get_by_label("Message").fill(message)
        self.page.get_by_role("button", name="Start a task").click()

    def events(self, number: int = 0) -> Locator:
        return self.pane(number).get_by_role("log").get_by_role("listitem")

    def numbers(self, number: int = 0) -> list[int]:
        return [int(text.split(",")[0].split()[1]) for text in self.events(number).all_inner_texts()]


@pytest.fixture(scope="module")
def visitor(browser: Browser, house: House) -> Visitor:
    return Visitor(browser, f"{house.url}/")


@pytest.fixture
def ada(visitor: Visitor) -> Any:
    """Give Ada, signed in, at a desk."""
    visitor.sit("desk", "light")
    visitor.enter()
    visitor.sign_in()
    return visitor
