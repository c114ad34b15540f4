"""The panels of the simulators after the first, which has `test_panel`: in a page each is what it is elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from companion.book.project import find_project
from companion.panel.offer import Offer, offered
from companion.panel.page import run
from companion.simulators.commands import simulators
from tests.browser.conftest import ROOT
from tests.browser.panels import (
    begin_and_cancel,
    beside,
    expect_back,
    field,
    open_panel,
    parted,
    request,
    run_and_wait,
    shown,
)

SEED = "11"
NAMES = {chapter.name.partition("-")[2]: chapter.name for chapter in find_project(ROOT).chapters()}
CHAPTERS = {name: f"chapters/{NAMES[name]}.html" for name in simulators() if name in NAMES and name != "metastable"}
ONE_OF_THEM = pytest.mark.parametrize(
    "panel",
    [pytest.param(name, marks=[] if name == "crdts" else pytest.mark.soak) for name in CHAPTERS],
    indirect=True,
    scope="module",
)
"""For what is the same code in all panels; `make soak` tries each."""


@dataclass(frozen=True)
class Opened:
    """A chapter with its panel open and Python ready, and every address that was asked for since."""

    name: str
    reader: Any
    page: Page
    offer: Offer
    asked: list[str]

    @property
    def strangers(self) -> list[str]:
        """What was asked of another host than the book's; only blobs of its own, and data, are of none."""
        assert self.asked
        return [url for url in self.asked if not url.startswith((self.reader.address, "data:", "blob:"))]


@pytest.fixture(scope="module", params=CHAPTERS)
def panel(request: pytest.FixtureRequest, reader: Any, first_visit: object) -> Iterator[Opened]:
    """Open each chapter once, for all tests."""
    reader.sit("desk", "light")
    asked: list[str] = []

    def note(sent: Any) -> None:
        asked.append(sent.url)

    reader.context.on("request", note)
    page = reader.open(CHAPTERS[request.param])
    open_panel(page)
    yield Opened(request.param, reader, page, offered(f"companion.simulators.{request.param}"), asked)
    reader.context.remove_listener("request", note)


def test_every_preset_is_drawn_and_is_what_it_is_under_cpython(panel: Opened) -> None:
    field(panel.page, panel.name, "seed").fill(SEED)
    with beside({one: request(panel.name, one, seed=SEED) for one in panel.offer.simulator.PRESETS}) as expected:
        for preset, told in expected.items():
            field(panel.page, panel.name, "preset").select_option(preset)
            said = run_and_wait(panel.page)
            ours = json.loads(told.result())
            assert parted(ours, shown(panel.page, panel.name), preset) == []
            assert said == ours["said"]
            expect(panel.page.locator(".panel-figure figcaption")).to_have_text(ours["chart"]["title"])
    assert panel.strangers == []


@ONE_OF_THEM
def test_a_run_can_be_cancelled_and_python_is_there_again(panel: Opened) -> None:
    presets = panel.offer.simulator.PRESETS
    (longest,) = [one.maximum for one in panel.offer.parameters if one.name == "duration"]
    field(panel.page, panel.name, "preset").select_option(next(iter(presets)))
    begin_and_cancel(panel.page, panel.name, f"{longest:g}")
    field(panel.page, panel.name, "preset").select_option(list(presets)[-1])
    assert run_and_wait(panel.page)
    assert panel.strangers == []


@ONE_OF_THEM
def test_settings_live_in_the_address_and_come_back_from_it(panel: Opened) -> None:
    preset, changed = list(panel.offer.simulator.PRESETS)[-1], {"duration": "9", "seed": "7"}
    field(panel.page, panel.name, "preset").select_option(preset)
    for name, value in changed.items():
        field(panel.page, panel.name, name).fill(value)
    said = run_and_wait(panel.page)
    assert said == json.loads(run(request(panel.name, preset, **changed)))["said"]
    asked = f"{CHAPTERS[panel.name]}?preset={preset}&duration=9&seed=7#panel-{panel.name}"
    assert panel.page.url == panel.reader.address + asked
    expect_back(panel.reader, panel.page.url, panel.name, {"preset": preset, **changed}, said)
    assert panel.strangers == []
