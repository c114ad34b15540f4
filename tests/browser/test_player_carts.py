"""The cart in two copies that opens chapter 20: it moves at once, and a reader goes on by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from companion.simulators.crdts.carts import DEEDS, KINDS, film
from tests.browser.conftest import WAYS
from tests.browser.panels import PATIENCE

CHAPTER = "chapters/20-crdts.html"
PLAYER = "#player-carts"


def opened(reader: Any, *, motion: str = "reduce") -> Page:
    """Open the chapter, with the player in sight and its first run loaded."""
    reader.page.emulate_media(reduced_motion=motion)
    page: Page = reader.open(CHAPTER, "networkidle")
    page.locator(f"{PLAYER} .player-stage").scroll_into_view_if_needed()
    expect(page.locator(f"{PLAYER} .cart-item").first).to_be_visible()
    return page


def seek(page: Page, time: float) -> None:
    page.evaluate(f"{{ const {{player}} = document.querySelector('{PLAYER}'); player.pause(); player.seek({time}); }}")


def choose(page: Page, kind: str) -> None:
    """Press a type's button, and wait for the first step of its run."""
    name = KINDS[kind][0]
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_function(
        f"name => {{ const {{trace, time}} = document.querySelector('{PLAYER}').player;"
        " return trace.name === name && time > 0; }",
        arg=name,
    )


def carts(page: Page) -> list[list[str]]:
    """Read what the two copies show."""
    return [page.locator(f"{PLAYER} .cart-{copy} .cart-item").all_inner_texts() for copy in "ab"]


def drawn(frame: dict[str, Any], copy: str) -> list[str]:
    return [f"{item}: {mark}" if mark else item for cart in frame[copy]["carts"] for item, mark in cart]


def said(page: Page) -> str:
    return page.locator(f"{PLAYER} .player-said").inner_text()


# At once, and without Python


def test_it_moves_unasked_and_loads_no_python(desk: Any) -> None:
    asked: list[str] = []
    with desk.listening("request", lambda sent: asked.append(sent.url)):
        page = opened(desk, motion="no-preference")
        page.wait_for_function(f"document.querySelector('{PLAYER}').player.time > 0")
        page.wait_for_function(f"document.querySelector('{PLAYER} .player-said').textContent.includes('cut')")
    assert not [url for url in asked if any(f"/vendor/{heavy}/" in url for heavy in ("python", "pyodide", "plot"))]
    assert desk.complaints == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_button_shows_what_its_type_does(desk: Any, kind: str) -> None:
    made = film(kind)
    page = opened(desk)
    choose(page, kind)
    for frame in made.data["frames"]:
        seek(page, frame["at"])
        assert carts(page) == [drawn(frame, "A"), drawn(frame, "B")]
        assert said(page) == frame["say"]


def test_the_packet_travels_and_a_cut_stops_it_halfway(desk: Any) -> None:
    page = opened(desk)
    flight = next(frame["at"] for frame in film("naive").data["frames"] if frame.get("sends"))
    places = []
    for time in (flight, flight + 0.8, flight + 1.5):
        seek(page, time)
        places.append(page.locator(f"{PLAYER} .cart-packet").bounding_box()["x"])  # type: ignore[index]
    assert places == sorted(places, reverse=True) and places[0] > places[-1] + 40  # from B to A
    seek(page, flight + 2)
    expect(page.locator(f"{PLAYER} .cart-packet")).to_be_hidden()


def test_nothing_of_the_page_moves_while_it_plays(reader: Any) -> None:
    for width in ("phone", "desk"):
        reader.sit(width, "light")
        page = opened(reader)
        heights = set()
        for frame in film("naive").data["frames"]:
            seek(page, frame["at"])
            heights.add(page.evaluate("document.documentElement.scrollHeight"))
            assert page.evaluate(f"(stage => stage.scrollHeight <= stage.clientHeight)"
                                 f"(document.querySelector('{PLAYER} .player-stage'))")  # fmt: skip
        assert len(heights) == 1
        assert reader.page_width() <= reader.width


# Keyboard, stillness, readers who do not see it


def test_whoever_wants_stillness_is_shown_steps(desk: Any) -> None:
    page = opened(desk)
    go = page.locator(f"{PLAYER} .player-go")
    expect(go).to_have_text("Next step")
    for _, words in film("naive").steps[1:4]:
        go.click()
        assert said(page) == words
    page.wait_for_timeout(300)
    assert said(page) == film("naive").steps[3][1]  # and it stays there


def test_the_keyboard_alone_plays_steps_and_shops(desk: Any) -> None:
    page = opened(desk)
    page.locator(f"{PLAYER} .player-run").first.focus()
    stops = []
    for _ in range(25):
        if not page.evaluate(f"document.activeElement.closest('{PLAYER}') !== null"):
            break
        stops.append(page.evaluate("document.activeElement.textContent || document.activeElement.ariaLabel"))
        page.keyboard.press("Tab")
    reached = " ".join(stops)
    for words in (
        "Union of tags",
        "Rivals kept",
        "Next step",
        "Put in at A",
        "Take out at B",
        "Cut the link",
        "A tells B",
    ):
        assert words in reached
    page.locator(f"{PLAYER} .player-on").focus()
    page.keyboard.press("Enter")
    assert said(page) == film("naive").steps[1][1]


def test_it_is_told_in_words_run_by_run(desk: Any) -> None:
    page = opened(desk)
    words = page.locator(f"{PLAYER} .player-words")
    told = words.evaluate("one => one.textContent")
    assert all(sentence in told for kind in KINDS for _, sentence in film(kind).steps)


@pytest.mark.parametrize(("width", "theme"), WAYS)
def test_axe_finds_nothing(reader: Any, width: str, theme: str) -> None:
    reader.sit(width, theme)
    page = opened(reader)
    for kind in ("naive", "lww"):
        choose(page, kind)
        seek(page, film(kind).end)
        assert reader.violations([PLAYER]) == []


# By hand


def done_by_hand(page: Page, presses: list[str], item: str = "milk") -> list[list[str]]:
    """Press buttons, wait for the answer, and give the deeds of the run that is shown."""
    page.locator(f"{PLAYER} .player-hand select").select_option(item)
    for name in presses:
        page.get_by_role("button", name=name, exact=True).click()
    wanted = len(presses)
    page.wait_for_function(
        f"wanted => {{ const {{player}} = document.querySelector('{PLAYER}'); const hand = player.scene.hand;"
        " return hand.wanted === null && hand.mine?.length >= wanted; }",
        arg=wanted,
        timeout=PATIENCE,
    )
    deeds: list[list[str]] = page.evaluate(f"document.querySelector('{PLAYER}').player.trace.data.deeds")
    return deeds


def test_deeds_by_hand_go_on_from_the_step_that_is_shown_and_give_what_the_package_gives(desk: Any) -> None:
    page = opened(desk)
    seek(page, 3.0)  # the link has just been cut
    deeds = done_by_hand(page, ["Put in at B", "Heal the link", "B tells A"], "tea")
    assert deeds == [["cut"], ["add", "B", "tea"], ["heal"], ["tell", "B"]]
    made = film("naive", deeds)
    shown = page.evaluate(f"document.querySelector('{PLAYER}').player.trace.data")
    assert shown == json.loads(json.dumps(made.data))
    seek(page, made.end)
    assert carts(page) == [drawn(made.data["frames"][-1], copy) for copy in "AB"]

    # A step back, and what is done there takes the place of what came after.
    seek(page, made.data["frames"][1]["at"])
    deeds = done_by_hand(page, ["Take out at A"], "milk")
    assert deeds == [["cut"], ["remove", "A", "milk"]]

    # The same deeds with another type.
    choose(page, "orswot")
    page.get_by_role("button", name="My deeds, with this type").click()
    page.wait_for_function(f"document.querySelector('{PLAYER}').player.trace.data.deeds.length === 2", timeout=PATIENCE)
    shown = page.evaluate(f"document.querySelector('{PLAYER}').player.trace.data")
    assert shown == json.loads(json.dumps(film("orswot", deeds).data))
    expect(page.locator(f"{PLAYER} .player-run[aria-pressed=true]")).to_have_text(KINDS["orswot"][0])
    assert desk.complaints == []


def test_a_reader_can_do_by_hand_what_the_film_does(desk: Any) -> None:
    page = opened(desk)
    done_by_hand(page, ["Cut the link", "Take out at A"], "milk")
    done_by_hand(page, ["Put in at A"], "bread")
    done_by_hand(page, ["Put in at B"], "eggs")
    seek(page, 99)
    deeds = done_by_hand(page, ["Heal the link", "B tells A", "A tells B"])
    assert deeds == [list(deed) for deed in DEEDS]
