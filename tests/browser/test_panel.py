"""The simulator in the page: it runs the package's own code, for everyone, and nothing of it loads unasked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from companion.panel.page import run
from companion.parameters import ParameterError
from companion.simulators.metastable import PRESETS
from tests.browser import panels
from tests.browser.conftest import Visit
from tests.browser.panels import (
    PATIENCE,
    begin_and_cancel,
    beside,
    parted,
    run_and_wait,
    settled,
)

CHAPTER = "chapters/18-metastable.html"
NAME = "metastable"
SEED = 11
SHORTER = {"duration": "130"}
SLOW = ("load_cut", "retries_off", "queue_dropped", "way_out", "hysteresis", "cache_flush", "cache_flush_late",
        "cache_flush_bounded", "cache_flush_single_flight")  # fmt: skip
"""Most of the time is theirs: their first minutes must do, until `make soak` sees the rest."""
EVERY_WAY = [(390, "dark"), (1280, "light")]

pytestmark = pytest.mark.usefixtures("first_visit")


def request(preset: str, **values: str) -> str:
    return panels.request(NAME, preset, **values)


def field(page: Page, name: str) -> Locator:
    return panels.field(page, NAME, name)


ASKED = {preset: request(preset, seed=str(SEED), **(SHORTER if preset in SLOW else {})) for preset in PRESETS}


@pytest.fixture(scope="module")
def expected() -> Iterator[dict[str, Future[str]]]:
    """Run every preset under CPython, beside the browser."""
    with beside(ASKED) as told:
        yield told


# Loading


def test_nothing_heavy_is_loaded_before_the_reader_asks(desk: Any) -> None:
    sizes: dict[str, int] = {}
    with desk.listening("response", lambda answer: sizes.update({answer.url.partition("?")[0]: len(answer.body())})):
        page = desk.open(CHAPTER, "networkidle")
    assert not [url for url in sizes if "/vendor/python/" in url or "/vendor/pyodide/" in url or "/vendor/plot/" in url]
    own = sum(size for url, size in sizes.items() if "/_static/panel/" in url)
    own += page.evaluate("document.querySelectorAll('.sim-panel, .exercise-answer').values()"
                         ".reduce((sum, part) => sum + part.outerHTML.length, 0)")  # fmt: skip
    assert 10_000 < own < 60_000


def test_a_second_page_goes_on_from_the_kept_memory_by_the_keyboard_alone(desk: Any, first_visit: Visit) -> None:
    asked: list[str] = []
    page = desk.open(CHAPTER, "networkidle")
    with desk.listening("request", lambda sent: asked.append(sent.url)):
        page.locator(".panel-open").focus()
        page.keyboard.press("Enter")
        expect(field(page, "preset")).to_be_focused()
        page.keyboard.type("recov")  # the list of scenarios has the focus
        assert field(page, "preset").input_value() == "recovers"
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent") == "Run":
                break
        page.keyboard.press("Enter")
        expect(page.locator(".sim-panel [role=status]")).to_contain_text("After the spike", timeout=PATIENCE)
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.closest('.sim-panel') !== null")
    for visit in (first_visit, Visit(page, asked, desk.complaints)):
        assert any("pyodide.asm.wasm" in url for url in visit.asked)
        assert visit.complaints == []  # which holds another host than the book's, too


@pytest.fixture(scope="module")
def alive(first_visit: Visit) -> Page:
    """Give the chapter in a tab of its own, with its panel open and its first run drawn: all that most tests need."""
    page = first_visit.page
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator(".panel-figure svg").first).to_be_visible(timeout=PATIENCE)
    return page


# What it computes


def expect_the_same(page: Page, requests: dict[str, str], expected: dict[str, Future[str]]) -> None:
    """Run requests in the page: each result is what CPython gives."""
    for name, asked in requests.items():
        assert parted(json.loads(expected[name].result()), panels.asked(page, asked), name) == []


def test_every_preset_gives_what_it_gives_under_cpython(alive: Page, expected: dict[str, Future[str]]) -> None:
    expect_the_same(alive, ASKED, expected)


@pytest.mark.soak
@pytest.mark.parametrize("seed", ["11", "7"])
def test_every_preset_gives_it_to_its_end(alive: Page, seed: str) -> None:
    requests = {preset: request(preset, seed=seed) for preset in PRESETS}
    with beside(requests) as expected:
        expect_the_same(alive, requests, expected)


def test_a_run_is_drawn_described_tabled_and_said(alive: Page, expected: dict[str, Future[str]]) -> None:
    field(alive, "seed").fill(str(SEED))
    field(alive, "preset").select_option("collapse")
    settled(alive)
    said = run_and_wait(alive)  # once more, so that the run before is the same, and leaves no ghost
    ours = json.loads(expected["collapse"].result())
    assert said == ours["said"]
    figure = alive.locator(".panel-figure")
    expect(figure.locator("figcaption")).to_have_text(ours["chart"]["title"])
    assert figure.get_by_role("img").get_attribute("aria-label") == ours["chart"]["alt"]
    drawn = figure.locator("svg path[stroke-dasharray], svg g[stroke-dasharray] path").count()
    assert drawn >= 2 and figure.locator(".panel-legend li").all_inner_texts() == [
        "goodput (requests)", "attempts", "answers too late"]  # fmt: skip
    cells = alive.locator(".panel-table tbody tr").all_inner_texts()
    assert [re.split(r"\t", row) for row in cells] == ours["rows"]
    with alive.expect_download() as download:
        alive.get_by_role("link", name="as CSV").click()
    assert download.value.suggested_filename == "metastable-collapse-11.csv"
    assert download.value.path().read_text("utf-8") == ours["csv"]


# What a reader sets


def test_another_scenario_sets_every_control_and_keeps_the_seed(alive: Page) -> None:
    field(alive, "seed").fill("7")
    field(alive, "preset").select_option("shedding_naive")
    assert (field(alive, "policy").input_value(), field(alive, "seed").input_value()) == ("shedding", "7")
    assert field(alive, "shed_margin").input_value() == "0"
    expect(alive.locator("#panel-metastable-preset-help")).to_have_text(PRESETS["shedding_naive"].help)
    field(alive, "preset").select_option("collapse")
    assert field(alive, "policy").input_value() == "immediate"
    settled(alive)


def test_a_settled_change_runs_by_itself_over_the_ghost_of_the_run_before(alive: Page) -> None:
    field(alive, "preset").select_option("collapse")
    settled(alive)
    field(alive, "max_retries").fill("1")
    expect(alive.locator(".panel-old")).to_be_visible()  # the figure is of other settings now, and says so
    field(alive, "max_retries").press("Tab")
    settled(alive)
    expect(alive.locator(".panel-old")).to_be_hidden()
    expect(alive.locator(".panel-figure")).to_contain_text("the run before")
    ours = json.loads(run(request("collapse", max_retries="1", seed=field(alive, "seed").input_value())))
    expect(alive.locator(".panel-figure figcaption")).to_have_text(ours["chart"]["title"])


def test_a_run_that_is_kept_is_compared_and_has_an_address(alive: Page, reader: Any) -> None:
    field(alive, "preset").select_option("collapse")
    settled(alive)
    alive.get_by_role("button", name="Keep to compare").click()
    field(alive, "max_retries").fill("0")
    field(alive, "max_retries").press("Tab")
    settled(alive)
    differs = "You keep a run of collapse: retries 3, here 0."
    expect(alive.locator(".panel-differs")).to_have_text(differs)
    heads = alive.locator(".panel-table thead th").all_inner_texts()
    assert heads == ["what", "here", "kept", "unit"]
    other = reader.context.new_page()
    other.goto(alive.url)
    expect(other.locator(".panel-differs")).to_have_text(differs, timeout=PATIENCE)
    for name in ("preset", "max_retries", "seed"):
        assert field(other, name).input_value() == field(alive, name).input_value()
    assert (
        other.locator(".sim-panel [role=status]").inner_text() == alive.locator(".sim-panel [role=status]").inner_text()
    )
    assert other.locator(".panel-table tbody").inner_text() == alive.locator(".panel-table tbody").inner_text()
    other.close()
    alive.get_by_role("button", name="Forget the kept run").click()
    assert "against" not in alive.url
    expect(alive.locator(".panel-differs")).to_have_count(0)


def test_an_alert_goes_when_the_field_is_mended(alive: Page) -> None:
    field(alive, "preset").select_option("collapse")
    field(alive, "load").fill("-5")
    alive.get_by_role("button", name="Run", exact=True).click()
    expect(alive.locator(".sim-panel [role=alert]")).to_contain_text("load = -5")
    field(alive, "load").fill("70")
    expect(alive.locator(".sim-panel [role=alert]")).to_have_text("")


@pytest.mark.parametrize(
    ("name", "text"),
    [("load", "-5"), ("load", "many"), ("max_retries", "2.5"), ("queue_bound", ""), ("timeout", "601")],
)
def test_a_wrong_value_is_refused_with_its_range(alive: Page, name: str, text: str) -> None:
    field(alive, "preset").select_option("collapse")
    field(alive, name).fill(text)
    at_once = alive.locator(f"#panel-metastable-{name}-wrong")
    shown = at_once.inner_text()
    alive.get_by_role("button", name="Run", exact=True).click()
    with pytest.raises(ParameterError) as refused:
        run(request("collapse", **{name: text}))
    expect(alive.locator(".sim-panel [role=alert]")).to_have_text(str(refused.value))
    takes = str(refused.value).partition("it takes ")[2]
    assert shown.endswith(f"it takes {takes}")
    expect(field(alive, name)).to_be_focused()
    expect(field(alive, name)).to_have_attribute("aria-invalid", "true")


def test_values_that_contradict_each_other_are_refused_in_the_words_of_the_model(alive: Page) -> None:
    field(alive, "preset").select_option("shedding")
    field(alive, "timeout").fill("0.05")
    alive.get_by_role("button", name="Run", exact=True).click()
    expect(alive.locator(".sim-panel [role=alert]")).to_contain_text("0 to less than the timeout, 0.05 s")
    expect(field(alive, "shed_margin")).to_be_focused()  # in a group that was closed


def test_a_run_can_be_cancelled_and_python_is_there_again(alive: Page) -> None:
    field(alive, "preset").select_option("collapse")
    begin_and_cancel(alive, NAME, "100000")
    field(alive, "preset").select_option("recovers")
    assert run_and_wait(alive).startswith("After the spike")


@pytest.mark.parametrize(("width", "theme"), EVERY_WAY)
def test_the_open_panel_with_a_result_is_in_order(alive: Page, reader: Any, width: int, theme: Any) -> None:
    # The pages as a whole are looked at in test_pages, with their panels closed.
    alive.set_viewport_size({"width": width, "height": 900})
    alive.emulate_media(color_scheme=theme)
    run_and_wait(alive)
    alive.evaluate("document.querySelectorAll('.sim-panel details').forEach(group => group.open = true)")
    assert alive.evaluate("document.documentElement.dataset.theme") == theme
    assert reader.violations([".sim-panel", ".exercise-answer"], alive) == []
    assert alive.evaluate("document.documentElement.scrollWidth") <= width
    assert reader.complaints == []


# Addresses


def test_settings_live_in_the_address(alive: Page) -> None:
    # That they come back from it is seen where a run is kept, and in test_panels.
    field(alive, "preset").select_option("collapse")
    field(alive, "load").fill("60")
    field(alive, "seed").fill("7")
    field(alive, "seed").press("Tab")  # the address follows when one leaves a field
    alive.wait_for_url(f"**/{CHAPTER}?preset=collapse&load=60&seed=7#panel-metastable")
    code, line = alive.locator(".panel-code code").all_text_contents()
    assert line == "companion simulate metastable --preset collapse -p load=60 --seed 7"
    scope: dict[str, Any] = {}
    exec(code, scope)
    ours = json.loads(run(request("collapse", load="60", seed="7")))
    assert scope["result"].summary == ours["summary"]
    assert run_and_wait(alive) == ours["said"]


def test_an_address_with_a_wrong_value_says_what_is_wrong(reader: Any) -> None:
    page = reader.context.new_page()
    page.goto(f"{reader.address}{CHAPTER}?preset=collapse&load=-1&seed=7#panel-metastable")
    expect(page.locator("#panel-metastable-load-wrong")).to_have_text(
        "load = -1 is not accepted: it takes 0 to 10000 requests/s"
    )
    page.close()


# For everyone


def test_without_scripts_a_sentence_stands_where_the_panel_would_be(reader: Any) -> None:
    context = reader.context.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(reader.address + CHAPTER)
    expect(page.locator(".sim-panel noscript p")).to_be_visible()
    assert "With JavaScript this simulation could be run" in str(page.locator(".sim-panel noscript p").text_content())
    expect(page.locator(".panel-open")).to_be_hidden()
    assert page.locator(".exercise-answer:visible").count() == 0
    assert page.locator(".book-figure svg").count() > 3
    context.close()


# Exercises


@pytest.fixture(scope="module")
def answering(reader: Any) -> Iterator[Page]:
    """Open the chapter where no panel is asked for: whoever answers there first starts Python by that."""
    page: Page = reader.new_tab()
    page.goto(reader.address + CHAPTER)
    yield page
    page.close()


def test_an_exercise_is_answered_in_the_page(answering: Page, reader: Any) -> None:
    place = answering.locator(".exercise-answer[data-name='18-border']")
    editor, said = place.get_by_label("Answer it here: Exercise 1"), place.get_by_role("status")
    check = place.get_by_role("button", name="Check")
    check.click()
    expect(said).to_contain_text("NotImplementedError", timeout=PATIENCE)
    editor.fill("safe_load = 2 * servers / mean_service")
    check.click()
    expect(said).to_contain_text("below your safe_load, it stays down", timeout=PATIENCE)
    editor.fill("safe_load = servers / mean_service / (retries + 1")
    check.click()
    expect(said).to_contain_text("SyntaxError: '(' was never closed (line 1 of your answer)", timeout=PATIENCE)
    editor.fill("safe_load = servers / mean_service / (retries + 1)")
    check.click()
    expect(said).to_have_text("That is right.", timeout=PATIENCE)
    again = reader.open(CHAPTER).locator(".exercise-answer[data-name='18-border']")
    expect(again.locator("textarea")).to_have_value("safe_load = servers / mean_service / (retries + 1)")
    again.get_by_role("button", name="Start over").click()
    assert "NotImplementedError" in again.locator("textarea").input_value()


def test_tab_indents_in_the_editor_and_escape_leaves_it(alive: Page, reader: Any) -> None:
    place = alive.locator(".exercise-answer").first
    editor = place.locator("textarea")
    expect(place.locator(".panel-note").first).to_contain_text("Tab indents, Escape leaves the editor")
    editor.fill("")
    for key in ("d", "e", "f", "Tab", "x", "Enter", "Tab", "y", "Enter", "z"):
        editor.press(key)
    assert editor.input_value() == "def x\n    y\nz"
    editor.press("Control+a")
    editor.press("Tab")
    assert editor.input_value() == "    def x\n        y\n    z"
    editor.press("Shift+Tab")
    editor.press("Control+End")
    editor.press("Shift+Tab")
    assert editor.input_value() == "def x\n    y\nz"
    editor.press("Escape")
    expect(place.get_by_role("button", name="Check")).to_be_focused()
    again = reader.open(CHAPTER).locator(".exercise-answer").first
    expect(again.locator("textarea")).to_have_value("def x\n    y\nz")  # what Tab wrote is kept as well
    for one in (again, place):
        one.get_by_role("button", name="Start over").click()


def test_what_an_answer_prints_is_shown_and_asking_is_refused_in_one_line(alive: Page) -> None:
    place = alive.locator(".exercise-answer").first
    editor, said = place.locator("textarea"), place.locator("[role=status]")
    assert "right" not in (said.text_content() or "")
    editor.fill("print('so far', servers)\nsafe_load = float(input())")
    place.get_by_role("button", name="Check").click()
    expect(said).to_have_text(
        "Not yet: RuntimeError: input() is not available here: use the given values (line 2 of your answer)",
        timeout=PATIENCE,
    )
    expect(place.locator(".exercise-printed")).to_have_text("so far 12")
    place.get_by_role("button", name="Start over").click()


def test_without_a_network_the_reader_is_told_that_nothing_was_checked(browser: Any, address: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address + CHAPTER, wait_until="networkidle")
    place = page.locator(".exercise-answer").first
    check = place.get_by_role("button", name="Check")
    check.wait_for()  # on a busy machine the network may rest before the last script has come
    context.set_offline(True)
    check.click()
    expect(place.get_by_role("status")).to_contain_text("Python could not be loaded, so nothing was checked")
    context.close()


def test_an_answer_that_never_ends_can_be_cancelled(answering: Page) -> None:
    place = answering.locator(".exercise-answer").first
    place.locator("textarea").fill("while True:\n    pass")
    place.get_by_role("button", name="Check").click()
    answering.wait_for_timeout(500)
    place.get_by_role("button", name="Cancel").click()
    expect(place.get_by_role("status")).to_have_text("Cancelled.")
    place.get_by_role("button", name="Start over").click()


def test_no_hidden_test_is_in_a_page(alive: Page) -> None:
    assert "HIDDEN TESTS" not in alive.content()
    assert alive.locator(".exercise-answer").count() >= 3
