"""Numbers in a real browser: claims open, tell their luck and are listed; by mouse, by keyboard and without scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import WAYS

CHAPTER = "chapters/18-metastable.html"
SPREAD = Path(__file__).parents[2] / "data" / "spread" / "18-metastable.json"
FOLD = "details.claims:has(#claim-attempts)"
LINK = 'a.claim-link[href="#claim-attempts"]'


@pytest.fixture(scope="module")
def without_scripts(browser: Browser, address: str) -> Iterator[Page]:
    """Give a page of a reader whose browser runs no scripts."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def is_open(page: Page) -> bool:
    return page.locator(FOLD).get_attribute("open") is not None


def test_a_number_opens_its_claim_and_so_does_its_address(desk: Any) -> None:
    page = desk.open(CHAPTER, "load")
    assert not is_open(page)
    assert not page.locator(f"{FOLD} pre").is_visible()
    page.locator(LINK).first.click()
    page.locator(f"{FOLD} pre").wait_for()
    page.locator(f"{FOLD} summary").click()
    assert not is_open(page)
    page.locator(LINK).first.click()  # the address does not change this time
    page.locator(f"{FOLD} pre").wait_for()
    page = desk.open(f"{CHAPTER}#claim-attempts", "load")
    page.locator(f"{FOLD} pre").wait_for()
    assert page.locator("details.claims[open]").count() == 1


def test_a_claim_opens_by_keyboard(desk: Any) -> None:
    page = desk.open(CHAPTER, "load")
    page.locator(f"{FOLD} summary").focus()
    page.keyboard.press("Enter")
    assert is_open(page)
    page.keyboard.press("Space")
    assert not is_open(page)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_number_tells_what_was_computed_and_moves_nothing(reader: Any, way: tuple[str, str]) -> None:
    reader.sit(*way)
    page = reader.open(CHAPTER, "networkidle")  # fonts and what scripts add are there
    link, tip = page.locator(LINK).first, page.locator("#claim-tip")
    link.scroll_into_view_if_needed()
    size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    before = link.bounding_box()
    link.hover()
    assert tip.is_visible()
    assert str(tip.text_content()).startswith("computed: 280.5")
    assert link.bounding_box() == before
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == size
    box = tip.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= reader.width
    tip.hover()  # one may move onto it, to read or to copy
    page.wait_for_timeout(400)
    assert tip.is_visible()
    page.keyboard.press("Escape")
    assert not tip.is_visible()


def test_a_number_tells_it_by_keyboard_as_its_description(desk: Any) -> None:
    page = desk.open(CHAPTER, "load")
    link, tip = page.locator(LINK).first, page.locator("#claim-tip")
    link.focus()
    assert tip.is_visible()
    assert link.get_attribute("aria-describedby") == tip.get_attribute("id")
    assert tip.get_attribute("role") == "tooltip"
    page.keyboard.press("Tab")
    assert link.get_attribute("aria-describedby") is None


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_an_open_claim_and_a_tip_are_accessible(reader: Any, way: tuple[str, str]) -> None:
    reader.sit(*way)
    page = reader.open(f"{CHAPTER}#claim-attempts", "load")
    page.locator(LINK).first.focus()
    assert page.locator("#claim-tip").is_visible()
    assert reader.violations(["details.claims[open]", "#claim-tip", f"p:has({LINK})"]) == []


def test_the_list_of_numbers_is_filtered_by_words(desk: Any) -> None:
    page = desk.open("numbers.html", "load")
    rows, said = page.locator("table.numbers tbody tr:visible"), page.locator(".numbers-filter output")
    total = rows.count()
    assert total > 300
    assert said.text_content() == f"{total} of {total} numbers"
    page.get_by_label("Show only").fill("metastable 281")
    other = json.loads(SPREAD.read_text("utf-8"))["claims"]["attempts"]  # what other seeds make of it
    (found,) = [" ".join(row.split()) for row in rows.all_inner_texts()]
    assert found == f"attempts 281 times a second 280.566667 {min(other):.0f} to {max(other):.0f}"
    assert page.locator("section:has(> div table.numbers):visible").count() == 1
    page.get_by_label("Show only").fill("no such number")
    assert rows.count() == 0
    assert said.text_content() == f"0 of {total} numbers"
    page.get_by_label("Show only").fill("")
    assert rows.count() == total


def test_the_list_leads_to_the_claim_and_to_its_sentence(desk: Any) -> None:
    for place, shown in (("#claim-attempts", FOLD), ("#said-attempts", ".said#said-attempts")):
        page = desk.open("numbers.html", "load")
        page.locator(f'table.numbers a[href$="{place}"]').click()
        page.wait_for_url(f"**{place}")
        box = page.locator(shown).first.bounding_box()
        assert box and 0 <= box["y"] < 900


def test_without_scripts_everything_is_there(without_scripts: Page, address: str) -> None:
    page = without_scripts
    page.goto(f"{address}{CHAPTER}#claim-attempts")
    assert page.locator("#claim-attempts").is_visible()
    assert str(page.locator(LINK).first.get_attribute("title")).startswith("computed: 280.5")
    assert not page.locator(f"{FOLD} pre").is_visible()
    page.locator(f"{FOLD} summary").click()
    assert page.locator(f"{FOLD} pre").is_visible()
    page.goto(f"{address}numbers.html")
    assert page.locator("table.numbers tbody tr:visible").count() > 300
    assert not page.locator(".numbers-filter").is_visible()


def test_print_shows_the_claims_and_not_their_code(desk: Any) -> None:
    page = desk.open(CHAPTER, "load")
    page.emulate_media(media="print")
    try:
        assert page.locator("#claim-attempts").is_visible()
        assert not page.locator(f"{FOLD} pre").is_visible()
    finally:
        page.emulate_media(media="screen")
