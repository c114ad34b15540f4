"""The second in two cities that opens chapter 22: every scheme plays, and its waits are drawn to scale."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from companion.simulators.hybrid.trace import SCHEMES
from tests.browser.conftest import WAYS

CHAPTER = "chapters/22-hybrid.html"
PLAYER = "#player-bookings"


def opened(reader: Any) -> Page:
    """Open the chapter for a reader who wants stillness, with the first run loaded."""
    reader.page.emulate_media(reduced_motion="reduce")
    page: Page = reader.open(CHAPTER, "networkidle")
    page.wait_for_function(f"document.querySelector('{PLAYER}').player?.trace !== undefined")
    return page


def choose(page: Page, name: str) -> dict[str, Any]:
    """Press a scheme's button, go to the end of its run, and give its trace."""
    page.locator(PLAYER).get_by_role("button", name=name, exact=True).click()
    page.wait_for_function(
        f"name => {{ const {{trace, time}} = document.querySelector('{PLAYER}').player;"
        " return trace.name === name && time > 0; }",
        arg=name,
    )
    seek(page, "player.trace.end")
    trace: dict[str, Any] = page.evaluate(f"document.querySelector('{PLAYER}').player.trace")
    return trace


def seek(page: Page, time: str) -> None:
    page.evaluate(f"{{ const {{player}} = document.querySelector('{PLAYER}'); player.pause(); player.seek({time}); }}")


@pytest.mark.parametrize("name", [scheme[0] for scheme in SCHEMES])
def test_each_bar_is_as_long_as_its_user_waited(desk: Any, name: str) -> None:
    page = opened(desk)
    trace = choose(page, name)
    rows, bars = trace["data"]["rows"], page.locator(f"{PLAYER} .bookings-wait")
    expect(bars).to_have_count(len(rows))
    widths = [float(bars.nth(place).get_attribute("width") or 0) for place in range(len(rows))]
    waits = [row["told"][0][0] - row["begun"] for row in rows]
    (longest,) = {widths[waits.index(max(waits))] / max(waits)}
    assert widths == pytest.approx([max(2.0, wait * longest) for wait in waits], abs=0.1)
    told = page.locator(f"{PLAYER} .bookings-row text:last-of-type").all_text_contents()
    assert told == [row["told"][-1][1] for row in rows]
    assert ("taken back" in told) == (name == "all blue")


def test_messages_are_seen_while_they_travel_and_not_afterwards(desk: Any) -> None:
    page = opened(desk)
    trace = choose(page, "rooms red")
    expect(page.locator(f"{PLAYER} .bookings-message")).to_have_count(0)
    _, words, _, _, sent, arrived = trace["data"]["messages"][0]
    seek(page, str((sent + arrived) / 2))
    expect(page.locator(f"{PLAYER} .bookings-message").first).to_have_text(words)


@pytest.mark.parametrize(("width", "theme"), WAYS)
def test_the_picture_is_in_order_and_keeps_its_height(reader: Any, width: str, theme: str) -> None:
    reader.sit(width, theme)
    page = opened(reader)
    player = page.locator(PLAYER)
    heights = set()
    for scheme in SCHEMES:
        choose(page, scheme[0])
        heights.add(player.locator(".player-stage").bounding_box()["height"])  # type: ignore[index]
        stage, last = (
            player.locator(part).bounding_box()
            for part in (".player-stage", ".bookings-row:last-of-type text >> nth=-1")
        )
        assert stage and last
        assert last["x"] + last["width"] <= stage["x"] + stage["width"] + 1
        assert last["y"] + last["height"] <= stage["y"] + stage["height"]
    assert len(heights) == 1
    assert reader.violations([PLAYER]) == []
    assert reader.page_width() <= reader.width
