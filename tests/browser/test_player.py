"""Recorded runs move at once, without Python, for everyone: by button, by keyboard, step by step, and in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from companion.simulators.metastable.trace import RUNS
from tests.browser.conftest import WAYS

CHAPTER = "chapters/18-metastable.html"
PLAYER = "#player-queue-2"
PLAYED = f"document.querySelector('{PLAYER}').player"
TIME = f"{PLAYED}?.time ?? null"


@pytest.fixture(scope="module")
def mover(reader: Any) -> Any:
    """Give a reader who has not asked for stillness."""
    reader.context.close()
    reader.context = reader.context.browser.new_context(reduced_motion="no-preference")
    reader.page = reader.context.new_page()
    reader.page.on("pageerror", lambda error: reader.complaints.append(str(error)))
    reader.page.on("request", reader._watch)
    reader.sit("desk", "light")
    return reader


def time_of(page: Page) -> float:
    return float(page.evaluate(TIME))


def runs(page: Page) -> list[str]:
    return page.locator(f"{PLAYER} .player-run").all_inner_texts()


def opened(mover: Any) -> Page:
    """Open the chapter at its second player, the one with a button for each run."""
    page: Page = mover.open(CHAPTER)
    page.wait_for_function(f"{TIME} !== null")
    page.locator(f"{PLAYER} .player-stage").scroll_into_view_if_needed()
    return page


@pytest.mark.parametrize(("place", "players"), [(CHAPTER, 2), ("index.html", 1)])
def test_the_picture_moves_at_once_and_loads_no_runtime(mover: Any, place: str, players: int) -> None:
    asked: list[str] = []
    with mover.listening("request", lambda sent: asked.append(sent.url)):
        page = mover.open(place, "networkidle")
        first = page.locator(".player").first
        first.locator(".player-stage").scroll_into_view_if_needed()
        played = "document.querySelector('.player').player"
        page.wait_for_function(f"{played}?.time > {played}?.trace?.start + 0.3")
    assert page.locator(".player").count() == players
    assert len([url for url in asked if "/traces/" in url]) == players  # the first run of each
    assert not [url for url in asked if "/vendor/pyodide/" in url or "/vendor/plot/" in url]
    assert mover.complaints == []


def test_the_chapter_opens_with_a_run_that_ends_before_its_question(mover: Any) -> None:
    page = mover.open(CHAPTER, "networkidle")
    first = page.locator("#player-queue")
    expect(first.locator(".player-run")).to_have_count(0)
    expect(first.locator(".player-own")).to_be_hidden()
    assert page.evaluate("document.querySelector('#player-queue').player.trace.end") == 70
    assert len(runs(page)) > 5
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(part => part.id)")
    assert len(ids) == len(set(ids))


def test_the_landing_page_has_every_run(mover: Any) -> None:
    page = mover.open("index.html", "networkidle")
    expect(page.locator("#player-queue .player-run")).to_have_count(len(RUNS))


def test_every_button_plays_its_own_run(mover: Any) -> None:
    page = opened(mover)
    told = set()
    for place, name in enumerate(runs(page)):
        button = page.locator(f"{PLAYER} .player-run").nth(place)
        button.click()
        page.wait_for_function(f"{PLAYED}.trace.name === {json.dumps(name)}")
        expect(button).to_have_attribute("aria-pressed", "true")
        begun = time_of(page)
        page.wait_for_function(f"{TIME} > {begun + 0.1}")
        told.add(str(page.evaluate(f"JSON.stringify({PLAYED}.trace.steps)")))
    assert len(told) == len(runs(page)) >= 5
    assert mover.complaints == []


def test_the_run_that_was_asked_for_last_is_shown_whichever_loads_first(mover: Any) -> None:
    page = opened(mover)
    page.evaluate(
        """name => {
      const { player } = document.querySelector(name);
      const real = window.fetch;
      window.fetch = (file) => new Promise((done) =>  // the first one takes longer
        setTimeout(() => done(real(file)), file.includes(player.about.traces[1].file) ? 400 : 0));
      player.runs[1].click();
      player.runs[2].click();
    }""",
        PLAYER,
    )
    page.wait_for_timeout(900)
    shown = page.evaluate(f"{PLAYED}.trace.name")
    assert shown == page.locator(f"{PLAYER} .player-run[aria-pressed=true]").inner_text() == runs(page)[2]


def test_a_run_that_does_not_load_is_said_and_the_one_before_stays(mover: Any) -> None:
    page = opened(mover)
    player = page.locator(PLAYER)
    page.route("**/traces/*", lambda route: route.abort())
    player.locator(".player-run").nth(3).click()
    expect(player.locator(".player-said")).to_have_text("This run could not be loaded; its words are below.")
    expect(player.locator(".player-run").first).to_have_attribute("aria-pressed", "true")
    page.unroute("**/traces/*")
    mover.complaints.clear()  # the browser says so, too


def test_the_keyboard_alone_plays_pauses_steps_and_moves_through_time(mover: Any) -> None:
    page = opened(mover)
    player = page.locator(PLAYER)
    player.locator(".player-go").focus()
    expect(player.locator(".player-go")).to_have_text("Pause")  # it moves by itself once it is seen
    page.keyboard.press("Enter")
    expect(player.locator(".player-go")).to_have_text("Play")
    still = time_of(page)
    page.wait_for_timeout(200)
    assert time_of(page) == still  # whoever has paused is left in peace
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    steps = page.evaluate(f"{PLAYED}.trace.steps")
    assert [time_of(page), player.locator(".player-said").inner_text()] in steps
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    assert time_of(page) == page.evaluate(f"{PLAYED}.trace.end")
    assert player.locator(".player-time").get_attribute("aria-valuetext") == player.locator(".player-now").inner_text()


def test_whoever_wants_stillness_is_shown_steps(browser: Any, address: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(address + CHAPTER)
    page.wait_for_function(f"{TIME} !== null")
    start = time_of(page)
    page.wait_for_timeout(500)
    assert time_of(page) == start
    player = page.locator(PLAYER)
    for time, words in page.evaluate(f"{PLAYED}.trace.steps")[1:4]:
        player.get_by_role("button", name="Next step").click()
        assert time_of(page) == time
        expect(player.locator(".player-said")).to_have_text(words)
    context.close()


def test_without_scripts_the_run_is_told_in_words(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + CHAPTER)
    for player in page.locator(".player").all():
        expect(player.locator(".player-bar")).to_be_hidden()
        player.locator(".player-words summary").click()
        assert "The spike is over." in player.locator(".player-words").inner_text()
    context.close()


def test_a_run_leads_to_the_panel_with_its_scenario(mover: Any) -> None:
    page = opened(mover)
    player = page.locator(PLAYER)
    player.get_by_role("button", name="one retry").click()
    player.get_by_role("button", name="Change its settings").click()
    expect(page.locator("#panel-metastable-preset")).to_have_value("one_retry")
    expect(page.locator(".panel-figure svg").first).to_be_visible(timeout=60_000)


@pytest.mark.parametrize(("width", "theme"), WAYS)
def test_the_player_is_in_order(mover: Any, width: str, theme: str) -> None:
    mover.sit(width, theme)
    page = opened(mover)
    page.evaluate("document.querySelectorAll('.player details').forEach(words => words.open = true)")
    assert mover.violations([".player"]) == []
    assert mover.page_width() <= mover.width
