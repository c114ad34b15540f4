"""The panel of every other chapter: each preset, run in the page, finds what CPython finds for the same seed."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from companion.panel.offer import offered
from tests.browser.test_panel import PATIENCE, ready, run_and_wait

CHAPTERS = {"consistency": "chapters/19-consistency.html", "crdts": "chapters/20-crdts.html"}


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_preset_gives_the_finding_of_cpython(readers: dict[tuple[str, str], Any], name: str) -> None:
    offer = offered(f"companion.simulators.{name}")
    page = readers["desk", "light"].open(CHAPTERS[name])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(f"#panel-{name}").get_by_role("button").first.click()
    ready(page)
    for preset in offer.simulator.PRESETS:
        page.locator(f"#panel-{name}-preset").select_option(preset)
        run_and_wait(page)
        finding = offer.page.chart(offer.simulator.simulate(preset, seed=11)).title
        expect(page.locator(f"#panel-{name} [role=status]")).to_contain_text(finding, timeout=PATIENCE)
    own = page.url.split("/chapters/")[0]
    assert [url for url in asked if not url.startswith((own, "data:", "blob:"))] == []
