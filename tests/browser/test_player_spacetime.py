"""The recorded runs of chapter 19 and the history that the reader builds: what moves, and who can make it move."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import WAYS
from tests.browser.panels import PATIENCE

CHAPTER = "chapters/19-consistency.html"
RUNS = ["a majority", "cut: one", "cut: one, gossip", "cut: a majority", "cut: all"]


def film(page: Page) -> Locator:
    return page.locator("#player-spacetime")


def builder(page: Page) -> Locator:
    return page.locator("#player-build")


def box(part: Locator) -> dict[str, float]:
    found: dict[str, float] = part.evaluate("part => part.getBoundingClientRect().toJSON()")
    return found


def seek(page: Page, player: str, moment: float) -> None:
    page.evaluate("([id, moment]) => document.getElementById(id).player.seek(moment)", [player, moment])


@pytest.fixture
def still(desk: Any) -> Page:
    """Open the chapter as somebody does who wants stillness."""
    page: Page = desk.open(CHAPTER)
    expect(film(page).get_by_role("button", name="Next step")).to_be_enabled()
    return page


def test_messages_move_within_a_second_of_the_film_being_in_sight_and_no_python_is_loaded(desk: Any) -> None:
    asked: list[str] = []
    page = desk.page
    page.emulate_media(reduced_motion="no-preference")
    with desk.listening("request", lambda sent: asked.append(sent.url)):
        page = desk.open(CHAPTER, "networkidle")
        film(page).scroll_into_view_if_needed()
        began = time.monotonic()
        page.wait_for_function("document.querySelector('#player-spacetime').player.time > 12")
        took = time.monotonic() - began
    heads = (
        "[...document.querySelectorAll('#player-spacetime g:has(> .st-read, > .st-write)')]"
        ".filter(head => head.style.display !== 'none').map(head => head.getAttribute('transform')).join()"
    )
    there = page.wait_for_function(heads).json_value()  # at a given moment nobody may be on the way
    page.wait_for_function(f"there => (now => now && now !== there)({heads})", arg=there)
    page.emulate_media(reduced_motion="reduce")
    assert took < 20  # on any machine; how soon it is on an idle one is measured elsewhere
    assert not [url for url in asked if "/vendor/pyodide/" in url or "/vendor/python/" in url]
    assert desk.complaints == []


@pytest.mark.parametrize("name", RUNS)
def test_each_button_shows_its_own_run(still: Page, name: str) -> None:
    button = film(still).get_by_role("button", name=name, exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    still.wait_for_function("name => document.querySelector('#player-spacetime').player.trace.name === name", arg=name)
    seek(still, "player-spacetime", 345)
    lost = film(still).locator(".st-line ~ .st-lost").evaluate_all(
        "crosses => crosses.filter(cross => cross.style.display !== 'none').length")  # fmt: skip
    assert (lost > 0) == name.startswith("cut")
    verdicts = {kind: film(still).locator(f".st-operation.{kind}").count() for kind in ("st-stale", "st-given-up")}
    seek(still, "player-spacetime", 300)
    assert (verdicts["st-stale"] > 0) == (name in ("cut: one", "cut: one, gossip"))
    assert (verdicts["st-given-up"] > 0) == (name in ("cut: a majority", "cut: all"))


def test_nodes_on_the_far_side_of_a_cut_keep_the_old_value(still: Page) -> None:
    film(still).get_by_role("button", name="cut: one", exact=True).click()
    still.wait_for_function("document.querySelector('#player-spacetime').player.trace.name === 'cut: one'")
    seek(still, "player-spacetime", 340)
    values = film(still).locator(".st-value").all_text_contents()
    assert len(set(values[:3])) == len(set(values[3:])) == 1
    assert int(values[0]) > int(values[3])


def test_whoever_wants_stillness_walks_from_step_to_step_by_the_keyboard_alone(still: Page) -> None:
    film(still).get_by_role("button", name="cut: one", exact=True).focus()
    still.keyboard.press("Enter")
    still.wait_for_function("document.querySelector('#player-spacetime').player.trace.name === 'cut: one'")
    steps = still.evaluate("document.querySelector('#player-spacetime').player.trace.steps")
    film(still).get_by_role("button", name="Step on").focus()
    while film(still).locator(".player-said").inner_text() != steps[-1][1]:
        before = film(still).locator(".player-time").input_value()
        still.keyboard.press("Enter")
        assert film(still).locator(".player-time").input_value() != before
    film(still).locator(".player-time").focus()
    still.keyboard.press("Home")
    expect(film(still).locator(".player-said")).to_have_text(steps[0][1])


def test_the_words_tell_every_run(still: Page) -> None:
    told = film(still).locator(".player-words")
    for name in RUNS:
        expect(told.get_by_text(name, exact=True)).to_have_count(1)
    assert told.locator("li").count() > 20


@pytest.mark.parametrize(("width", "theme"), WAYS)
def test_film_and_builder_are_in_order_and_nothing_shifts(reader: Any, width: str, theme: Any) -> None:
    reader.sit(width, theme)
    page = reader.open(CHAPTER)
    expect(builder(page).locator(".build-table")).to_be_visible()
    height = box(film(page))["height"]
    for name in RUNS:
        film(page).get_by_role("button", name=name, exact=True).click()
        seek(page, "player-spacetime", 300)
        assert box(film(page))["height"] == pytest.approx(height, abs=30)  # the sentence may take a line more
    assert reader.violations(["#player-spacetime", "#player-build"]) == []
    assert reader.page_width() <= reader.width
    assert reader.complaints == []


# The history that the reader builds


def slider(page: Page, whose: str, node: str) -> Locator:
    return builder(page).get_by_role("slider", name=f"The {whose}'s request reaches node {node}, in ms")


def verdict(page: Page, words: str) -> None:
    expect(builder(page).locator(".build-verdict")).to_contain_text(re.compile(words), timeout=PATIENCE)


def test_the_checker_answers_what_was_built_by_the_keyboard_without_a_second_click(desk: Any) -> None:
    page = desk.open(CHAPTER)
    builder(page).scroll_into_view_if_needed()
    verdict(page, "Linearizable: one copy")
    for whose, node, key in [("writer", "B", "End"), ("writer", "C", "End"), ("second reader", "A", "End")]:
        slider(page, whose, node).focus()
        page.keyboard.press(key)
    verdict(page, "14 MB|is asked")
    verdict(page, "the second nothing yet. Not linearizable; no read is stale")
    builder(page).get_by_role("checkbox").check()
    verdict(page, "the second 1. Linearizable")
    builder(page).get_by_role("button", name="Begin again").click()
    expect(builder(page).get_by_role("checkbox")).not_to_be_checked()
    verdict(page, "The first reader reads 1, the second 1. Linearizable")
    assert desk.complaints == []


def test_the_end_of_a_message_can_be_dragged_in_the_picture(desk: Any) -> None:
    page = desk.open(CHAPTER)
    builder(page).scroll_into_view_if_needed()
    before = float(slider(page, "writer", "C").input_value())
    end = box(builder(page).locator(".build-handle").nth(2))
    x, y = end["x"] + end["width"] / 2, end["y"] + end["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 150, y, steps=4)
    page.mouse.up()
    assert float(slider(page, "writer", "C").input_value()) > before + 20
    verdict(page, "inearizable")


def test_an_address_of_the_first_edition_still_leads_there_and_says_the_new_names(desk: Any) -> None:
    page = desk.open(f"{CHAPTER}?preset=partition_weak&consistency_level=eventual&seed=7#panel-consistency")
    expect(page.locator("#panel-consistency-preset")).to_have_value("partition_one")
    expect(page.locator("#panel-consistency-consistency_level")).to_have_value("one+gossip")
    told = page.locator("#panel-consistency-preset-help")
    expect(told).to_contain_text("partition_weak is called partition_one now. eventual is called one+gossip now.")
    assert desk.complaints == []
