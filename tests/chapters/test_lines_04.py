"""Chapter 4: what stands on the page as code is what the package does, or gives what it gives."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.leases import booking
from companion.calls.coordination.leases.lookup import Lookup
from companion.calls.coordination.linda import designs
from companion.calls.coordination.linda.space import Space
from companion.calls.coordination.mpi import algorithms, theory
from companion.calls.coordination.mpi.run import PROGRAMS
from tests.chapters.test_lines_01 import functions

PAGE = Path(__file__).parents[2] / "chapters" / "04-coordination.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text("utf-8"))["cells"]}


@pytest.mark.parametrize("name", ["linear", "binomial"])
def test_each_algorithm_on_the_page_is_the_packages_without_its_types(name: str) -> None:
    package = functions(inspect.getsource(getattr(algorithms, name)))
    assert functions(CELLS["mpi-algorithms"])[name] == package[name]


def test_the_page_cuts_an_array_as_the_package_does() -> None:
    page = defined("mpi-shares")["remainder_shares"]
    for ranks in (1, 3, 32, 300, 1001):
        assert page(1000, ranks) == theory.remainder_shares(1000, ranks)


@pytest.mark.parametrize(("cell", "program"), [("mpi-head", "article_sum"), ("mpi-shares-told", "scattered_sum")])
def test_the_lines_of_an_mpi_program_on_the_page_are_those_that_run(cell: str, program: str) -> None:
    shown = CELLS[cell].split("```")[1].removeprefix("python\n")
    runs = {ast.unparse(one) for one in ast.parse((PROGRAMS / f"{program}.py").read_text("utf-8")).body}
    lines = [ast.unparse(one) for one in ast.parse(shown).body]
    assert len(lines) > 3
    assert set(lines) <= runs


def defined(cell: str, **given: Any) -> dict[str, Any]:
    """Run the definitions of a cell, and nothing else of it."""
    tree = ast.parse(CELLS[cell])
    kinds = (ast.FunctionDef, ast.ClassDef, ast.Assign)
    tree.body = [one for one in tree.body if isinstance(one, kinds)]
    exec(compile(tree, cell, "exec"), given)
    return given


def test_the_space_on_the_page_finds_what_the_packages_finds() -> None:
    page, space = defined("linda-idea"), Space(HandClock())
    for fields in (("task", 1), ("sum", 1, 5), ("task", 2), ("task", "2")):
        page["out"](*fields)
        space.out(fields)
    for template in (("task", 2), ("task", str), ("sum", None), ("sum", None, int), (None, None), ("task", 1)):
        held = space.take(template)
        assert page["take"](*template) == (held and held.fields)


def test_the_worker_on_the_page_counts_a_late_result_like_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    design, worker = "out, then done", defined("linda-out-done")["out_then_done"]
    steps = {design: designs.DESIGNS[design], "page": worker}
    monkeypatch.setattr(designs, "DESIGNS", steps)
    for point in ("holding", "between"):
        for fate in designs.FATES:
            sums = [designs.play(name, [(designs.steps_to(name, point) or 0, fate)]) for name in steps]
            assert sums[0] == sums[1]


def test_the_step_on_the_page_is_refused_when_the_packages_is() -> None:
    for moment in (9.0, 10.0, 11.0):
        clock = HandClock()
        space, page = Space(clock), defined("linda-step")["Loans"](space=[], held={1: ("task 0", 10.0)})
        space.out(("task 0",))
        held = space.take(("task 0",), lease=10.0)
        assert held is not None and held.lease == 1
        clock.pass_(moment)
        answers = [space.done(1, [("sum 0",)]) for _ in range(2)]
        assert [page.done(1, ["sum 0"], now=moment) for _ in range(2)] == answers
        assert len(page.space) == space.count(("sum 0",))


def test_the_lookup_service_on_the_page_lists_as_long_as_the_packages() -> None:
    page, clock = defined("lease-idea"), HandClock()
    page["listed"].clear()  # of what the cell registers itself
    lookup = Lookup(clock)
    attributes = {"type": "BookingService", "name": "flights"}
    number = page["register"](attributes, ("here", 4711), 30, 0)
    lease = lookup.register(attributes, ("here", 4711), 30)
    for now, renews in ((29, True), (58, False), (59, True), (60, False)):
        clock.pass_(now - clock.now)
        found = [entry.address for entry in lookup.find({"type": "BookingService"})]
        assert page["find"]({"type": "BookingService"}, now) == found
        assert page["find"]({"type": "Hotel"}, now) == []
        if renews:
            assert page["renew"](number, 30, now) == lookup.renew(lease.number, 30)


def test_the_client_on_the_page_sells_twice_in_as_many_orders_as_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(booking.DESIGNS, "page", defined("lease-naive")["no_check"])
    assert booking.schedules("page") == booking.schedules("no check")


def test_the_store_on_the_page_refuses_what_the_packages_refuses() -> None:
    page, airline = defined("lease-fence")["Store"](), booking.Airline(HandClock())
    for who, token in (("Bob", 2), ("Ada", 1), ("Bob", 2), ("Eve", 3), ("Bob", 2)):
        assert page.book(who, token) == airline.book(who, token)
    assert page.bookings == airline.bookings


def test_the_designs_that_the_page_names_are_there() -> None:
    named = textwrap.dedent(CELLS["lease-run"] + CELLS["lease-fence-run"])
    assert set(booking.DESIGNS) - {"unique seat"} <= {one for one in booking.DESIGNS if f'"{one}"' in named}
