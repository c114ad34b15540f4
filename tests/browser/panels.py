"""What the tests of panels share: to open one, to run it, to run the same under CPython, and to compare the two."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from playwright.sync_api import Locator, Page, expect

from companion.panel.page import run

RUNTIME = "import(document.querySelector('script[src*=\"panel.mjs\"]').src.replace('panel.mjs', 'runtime.mjs'))"
TEXT = "JSON.stringify(result, (name, value) => Object.is(value, -0) ? '<-0>' : value)"
"""A result as one text, which crosses to the tests a hundred times as fast as its numbers one by one."""
OFTEN = 50
"""Milliseconds between two looks; to look at every frame would have the browser draw each."""
PATIENCE = 60_000
"""Milliseconds for what Python in a page does, on a machine that may be busy with other things."""


def request(name: str, preset: str, **values: str) -> str:
    """Write what a panel asks of Python."""
    return json.dumps({"module": f"companion.simulators.{name}", "preset": preset, "values": values})


@contextmanager
def beside(requests: Mapping[Any, str]) -> Iterator[dict[Any, Future[str]]]:
    """Run requests under CPython, beside the browser."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield {key: pool.submit(run, asked) for key, asked in requests.items()}


def ready(page: Page) -> None:
    """Wait until Python is there."""
    page.evaluate(f"{RUNTIME}.then(({{runtime}}) => runtime.started).then(() => true)")


def start_python(page: Page) -> None:
    """Ask for the panel as a reader does, and wait until Python is there and its memory kept for the next page."""
    page.get_by_role("button", name="Run this simulation here").click()
    expect(page.locator(".panel-scenario select")).to_be_focused()
    ready(page)
    page.wait_for_function("caches.keys().then(names => names.includes('companion-python'))", timeout=PATIENCE)


def open_panel(page: Page) -> None:
    """Ask for the panel as a reader does, and wait until its first run is drawn."""
    page.get_by_role("button", name="Run this simulation here").click()
    expect(page.locator(".panel-figure svg").first).to_be_visible(timeout=PATIENCE)


def field(page: Page, name: str, parameter: str) -> Locator:
    """Give the control of a parameter, or of the scenario (``preset``)."""
    return page.locator(f"#panel-{name}-{parameter}")


def start(page: Page) -> None:
    """Press the button."""
    page.get_by_role("button", name="Run", exact=True).click()


def settled(page: Page) -> None:
    """Wait until nothing runs any more, and the figure is of what is set."""
    idle = "panel => !panel.querySelector('.panel-stale') && panel.querySelector('progress').hidden"
    page.wait_for_function(f"() => ({idle})(document.querySelector('.sim-panel'))", timeout=PATIENCE, polling=OFTEN)


def run_and_wait(page: Page) -> str:
    """Run, wait until the result is drawn, and give what is said of it."""
    page.locator(".panel-drawing").evaluate("drawing => drawing.replaceChildren()")
    start(page)
    settled(page)
    expect(page.locator(".panel-figure svg").first).to_be_visible()
    return page.locator(".sim-panel [role=status]").inner_text()


def shown(page: Page, name: str) -> Any:
    """Give the result that a panel shows."""
    return read(
        page.evaluate(
            f"name => {{ const {{result}} = document.querySelector(`#panel-${{name}}`); return {TEXT}; }}", name
        )
    )


def asked(page: Page, request: str) -> Any:
    """Ask the page's Python, and give what it answers."""
    ask = f"{RUNTIME}.then(({{runtime}}) => runtime.ask({{kind: 'run', request}}))"
    return read(page.evaluate(f"request => {ask}.then(result => {TEXT})", request))


def read(text: str) -> Any:
    return json.loads(text.replace('"<-0>"', "-0.0"))


def begin_and_cancel(page: Page, name: str, duration: str) -> None:
    """Begin a long run, wait until some of it is done, and cancel it."""
    page.evaluate("document.querySelectorAll('.sim-panel details').forEach(group => group.open = true)")
    field(page, name, "duration").fill(duration)
    start(page)
    under_way = "document.querySelector('.sim-panel progress').value >= 1"
    page.wait_for_function(under_way, timeout=PATIENCE, polling=OFTEN)
    page.get_by_role("button", name="Cancel").first.click()
    expect(page.locator(".sim-panel [role=status]")).to_have_text("Cancelled.")


def expect_back(reader: Any, address: str, name: str, values: Mapping[str, str], said: str) -> None:
    """Open an address as somebody else would: it sets the values, runs, and finds the same."""
    other = reader.context.new_page()
    other.goto(address)
    assert {key: field(other, name, key).input_value() for key in values} == dict(values)
    expect(other.locator(".sim-panel [role=status]")).to_have_text(said, timeout=PATIENCE)
    other.close()


def parted(ours: Any, theirs: Any, where: str = "") -> list[str]:
    """List the places where two results differ: numbers to nine digits, all else exactly."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        return [place for key in ours for place in parted(ours[key], theirs[key], f"{where}.{key}")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [
            place for n, pair in enumerate(zip(ours, theirs, strict=True)) for place in parted(*pair, f"{where}.{n}")
        ]
    if isinstance(ours, float) and isinstance(theirs, int | float):
        return [] if f"{ours:.9g}" == f"{theirs:.9g}" else [f"{where}: {ours} and {theirs}"]
    return [] if ours == theirs and type(ours) is type(theirs) else [f"{where}: {ours!r} and {theirs!r}"]
