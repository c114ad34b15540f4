"""Chapter 6: what stands on the page as code is what the package does, or gives what it gives."""

from __future__ import annotations

import inspect
import itertools
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from companion.calls.contracts.concerns import aspects, costs, filters, orders
from companion.calls.contracts.concerns.injection import Container, Unbuildable
from companion.calls.contracts.idl import table
from companion.calls.contracts.idl.contracts import LANGUAGES
from companion.calls.contracts.idl.parsers import Parsed
from tests.chapters.test_lines_01 import functions

PAGE = Path(__file__).parents[2] / "chapters" / "06-contracts.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text("utf-8"))["cells"]}


@pytest.mark.parametrize(
    ("cell", "module", "names"),
    [
        ("idl-verdict", table, ["verdict"]),
        ("asp-decorators", costs, ["with_auth", "with_timing"]),
        ("asp-chain", filters, ["chain"]),
        ("asp-two", filters, ["auth", "cache"]),
        ("asp-pointcut", aspects, ["woven"]),
    ],
)
def test_each_function_on_the_page_is_the_packages_without_its_types(
    cell: str, module: ModuleType, names: list[str]
) -> None:
    page = functions(CELLS[cell])
    for name in names:
        assert page[name] == functions(inspect.getsource(getattr(module, name)))[name]


def test_the_two_filters_on_the_page_leak_as_the_packages_do(monkeypatch: pytest.MonkeyPatch) -> None:
    page: dict[str, Any] = {}
    exec(CELLS["asp-chain"] + "\n" + CELLS["asp-two"], page)
    before = orders.all_orders(("auth", "cache", "log"))
    monkeypatch.setattr(orders, "chain", page["chain"])
    monkeypatch.setattr(orders, "FILTERS", {**filters.FILTERS, "auth": page["auth"], "cache": page["cache"]})
    assert orders.all_orders(("auth", "cache", "log")) == before


class Store: ...


class Memory(Store): ...


class Service:
    def __init__(self, store: Store) -> None:
        self.store = store


class First:
    def __init__(self, second: Second) -> None: ...


class Second:
    def __init__(self, first: First) -> None: ...


def test_the_container_on_the_page_builds_and_refuses_what_the_packages_does() -> None:
    page: dict[str, Any] = {}
    exec(CELLS["asp-inject"], page)
    bound: dict[type, type] = {Service: Service, Store: Memory, First: First, Second: Second}
    container, made = Container({wanted: (make, "once") for wanted, make in bound.items()}), dict[type, Any]()
    for built in (page["get"](Service, bound, made), container.get(Service)):
        assert type(built.store) is Memory
    assert made[Service] is page["get"](Service, bound, made)
    with pytest.raises(RuntimeError) as on_the_page:
        page["get"](First, bound, {})
    with pytest.raises(Unbuildable) as in_the_package:
        container.get(First)
    assert str(on_the_page.value) == str(in_the_package.value) == "a cycle: First -> Second -> First"


def test_the_probes_that_the_page_names_are_there() -> None:
    assert set(itertools.product(["limits", table.CASE], LANGUAGES)) <= {
        (thing, language) for thing, edits in table.probes().items() for language in edits
    }


def test_a_refusal_is_told_before_a_difference() -> None:
    page: dict[str, Any] = {}
    exec(CELLS["idl-verdict"].partition("for language")[0], page)
    for edit in (Parsed(1), Parsed(2), Parsed(error="no")):
        assert page["verdict"](Parsed(1), edit) == table.verdict(Parsed(1), edit)
