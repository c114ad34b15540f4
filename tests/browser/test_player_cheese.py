"""The slices of chapter 28: problems stop where the recording says, and the slider moves holes and verdicts."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from companion.operations.postmortems.cheese_film import END, LAYERS, RUNS
from tests.browser.conftest import WAYS

CHAPTER = "chapters/28-postmortems.html"
PLAYER = "#player-cheese"


def opened(reader: Any, *, motion: str = "reduce") -> Page:
    """Open the chapter, with the player in sight and its first run loaded."""
    reader.page.emulate_media(reduced_motion=motion)
    page: Page = reader.open(CHAPTER, "networkidle")
    page.wait_for_function(f"document.querySelector('{PLAYER}').player?.trace !== undefined")
    page.locator(f"{PLAYER} .player-stage").scroll_into_view_if_needed()
    return page


def choose(page: Page, name: str) -> None:
    """Press a run's button, and wait for the first step of its run."""
    page.locator(PLAYER).get_by_role("button", name=name, exact=True).click()
    page.wait_for_function(
        f"name => {{ const {{trace, time}} = document.querySelector('{PLAYER}').player;"
        " return trace.name === name && time > 0; }",
        arg=name,
    )


def seek(page: Page, time: float) -> None:
    page.evaluate(f"{{ const {{player}} = document.querySelector('{PLAYER}'); player.pause(); player.seek({time}); }}")


def slide(page: Page, shared: int) -> None:
    page.locator(f"{PLAYER} .cheese-control input").fill(str(shared))


def level(page: Page, shared: int) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(f"document.querySelector('{PLAYER}').player.trace.data.levels[{shared}]")
    return found


def counts(page: Page) -> list[int]:
    return [int(text) for text in page.locator(f"{PLAYER} .cheese-count").all_text_contents()]


def recorded(stopped: str) -> list[int]:
    return [stopped.count(str(place)) for place in range(len(LAYERS) + 1)]


def holes(page: Page) -> list[list[float]]:
    """Give where the holes of each slice are drawn (px from the slice's top)."""
    found: list[list[float]] = page.evaluate(
        f"""[...document.querySelectorAll('{PLAYER} svg svg:has(.cheese-slice)')].map(slice =>
          [...slice.querySelectorAll('.cheese-hole')].map(one => new DOMMatrix(getComputedStyle(one).transform).m42))"""
    )
    return found


@pytest.mark.parametrize(("name", "shared"), RUNS.items())
def test_each_run_counts_what_was_recorded_with_its_holes_in_line(desk: Any, name: str, shared: int) -> None:
    page = opened(desk)
    choose(page, name)
    seek(page, END)
    stopped = level(page, shared)["stopped"]
    assert counts(page) == recorded(stopped)
    expect(page.locator(f"{PLAYER} .cheese-mark.stopped")).to_have_count(len(stopped) - recorded(stopped)[-1])
    expect(page.locator(f"{PLAYER} .cheese-mark.out")).to_have_count(recorded(stopped)[-1])
    expected = f"{100 * level(page, shared)['expected']:.1f} %"
    expect(page.locator(f"{PLAYER} .cheese-share")).to_contain_text(f"expected: {expected}")
    drawn = holes(page)
    assert len(drawn) == len(LAYERS)
    assert all(one[:shared] == drawn[0][:shared] for one in drawn)
    assert all(one != drawn[0] for one in drawn[1:]) == (shared < 10)
    assert desk.complaints == []


def test_the_slider_moves_the_holes_and_judges_the_same_problems_again(desk: Any) -> None:
    page = opened(desk)
    seek(page, END)
    seen = set()
    for shared in range(11):
        slide(page, shared)
        assert counts(page) == recorded(level(page, shared)["stopped"])
        assert all(one[:shared] == holes(page)[0][:shared] for one in holes(page))
        said = page.locator(f"{PLAYER} .player-said").inner_text()
        assert said == level(page, shared)["steps"][-1][1]
        seen.add(said)
        pressed = page.locator(f"{PLAYER} .player-run[aria-pressed=true]").all_inner_texts()
        assert pressed == [name for name, at in RUNS.items() if at == shared]
    assert len(seen) == 11
    assert page.evaluate(f"document.querySelector('{PLAYER}').player.time") == END


def test_holes_slide_into_line_and_leap_for_whoever_wants_stillness(desk: Any) -> None:
    for motion, alike in (("no-preference", False), ("reduce", True)):
        page = opened(desk, motion=motion)
        seek(page, 5)
        slide(page, 10)
        drawn = holes(page)
        assert all(one == drawn[0] for one in drawn) == alike
    page = opened(desk, motion="no-preference")
    seek(page, 5)
    slide(page, 10)
    page.wait_for_timeout(700)
    assert all(one == holes(page)[0] for one in holes(page))


def test_it_moves_unasked_and_loads_no_python(desk: Any) -> None:
    asked: list[str] = []
    with desk.listening("request", lambda sent: asked.append(sent.url)):
        page = opened(desk, motion="no-preference")
        page.wait_for_function(f"document.querySelector('{PLAYER}').player.time > 0.5")
    assert not [url for url in asked if "/vendor/pyodide/" in url]
    expect(page.locator(f"{PLAYER} .cheese-mark.flies").first).to_be_visible()
    slide(page, 5)  # which does not stop it
    before = page.evaluate(f"document.querySelector('{PLAYER}').player.time")
    page.wait_for_function(f"document.querySelector('{PLAYER}').player.time > {before + 0.2}")
    assert desk.complaints == []


def test_the_keyboard_alone_moves_the_holes_and_steps(desk: Any) -> None:
    page = opened(desk)
    slider = page.get_by_label("Holes in the same place")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "10 %")
    page.locator(f"{PLAYER} .player-on").focus()
    page.keyboard.press("Enter")
    time, words = level(page, 1)["steps"][1]
    assert page.evaluate(f"document.querySelector('{PLAYER}').player.time") == time
    expect(page.locator(f"{PLAYER} .player-said")).to_have_text(words)


def test_nothing_of_the_page_moves_while_it_plays(reader: Any) -> None:
    for width in ("phone", "desk"):
        reader.sit(width, "light")
        page = opened(reader)
        heights = set()
        for shared in (0, 3, 10):
            slide(page, shared)
            for time, _ in level(page, shared)["steps"]:
                seek(page, time)
                heights.add(page.evaluate("document.documentElement.scrollHeight"))
        assert len(heights) == 1


@pytest.mark.parametrize(("width", "theme"), WAYS)
def test_the_picture_is_in_order(reader: Any, width: str, theme: str) -> None:
    reader.sit(width, theme)
    page = opened(reader)
    if width == "phone":
        page.set_viewport_size({"width": 360, "height": 780})
        reader.width = 360
    for name in RUNS:
        choose(page, name)
        seek(page, END)
        stage = page.locator(f"{PLAYER} .player-stage").bounding_box()
        assert stage
        boxes = page.evaluate(
            f"[...document.querySelectorAll('{PLAYER} .cheese text, {PLAYER} .cheese .cheese-mark')]"
            ".map(part => part.getBoundingClientRect()).map(({left, right, bottom}) => [left, right, bottom])"
        )
        assert all(left >= stage["x"] - 4 and right <= stage["x"] + stage["width"] + 1 for left, right, _ in boxes)
        assert all(bottom <= stage["y"] + stage["height"] for _, _, bottom in boxes)
        names = page.evaluate(
            f"[...document.querySelectorAll('{PLAYER} .cheese-name')].map(one => one.getBoundingClientRect())"
            ".map(({left, right}) => [left, right])"
        )
        assert all(right < left for (_, right), (left, _) in pairwise(names))
    assert reader.violations([PLAYER]) == []
    assert reader.page_width() <= reader.width
