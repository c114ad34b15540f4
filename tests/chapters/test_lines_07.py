"""Chapter 7: what stands on the page as code is what the package does, or gives what it gives."""

from __future__ import annotations

import ast
import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, joinedload, selectinload, subqueryload
from strawberry.dataloader import DataLoader

from companion.calls.network_tax.budget.chain import shape, simulate
from companion.calls.network_tax.budget.hops import example, parse
from companion.calls.network_tax.gateway.losses import LOSSES, bench
from companion.calls.network_tax.gateway.naive import naive
from companion.calls.network_tax.queries import graph, people, permissions
from companion.calls.network_tax.queries.virtual import timed
from companion.calls.network_tax.retries.closed_forms import database_calls

PAGE = Path(__file__).parents[2] / "chapters" / "07-network_tax.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text("utf-8"))["cells"]}


def defined(cell: str, **given: Any) -> dict[str, Any]:
    """Run the imports and definitions of a cell, and nothing else of it."""
    tree = ast.parse(CELLS[cell])
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree.body = [one for one in tree.body if isinstance(one, kinds)]
    exec(compile(tree, cell, "exec"), given)
    return given


def test_the_page_loads_by_as_many_queries_as_the_package() -> None:
    engine, sent = create_engine("sqlite://"), Counter[str]()
    event.listen(engine, "before_cursor_execute", lambda *_: sent.update(["query"]))
    people.Base.metadata.create_all(engine)
    with Session(engine) as session:
        for n in range(1, 4):
            user = people.User(id=n, name=f"user {n}", profile=people.Profile(about="nobody"))
            user.posts = [people.Post(title="a title") for _ in range(people.POSTS)]
            user.comments = [people.Comment(words="some") for _ in range(people.COMMENTS)]
            session.add(user)
        session.commit()
    page = defined("nq-visit")["visit"]

    def queries(work: Any) -> int:
        sent.clear()
        with Session(engine) as session:
            work(session)
        return sent["query"]

    ways = {"lazy": None, "selectin": selectinload, "subquery": subqueryload, "joined": joinedload}
    for name, load in ways.items():
        ours = queries(lambda session, name=name: people.visit(session, name))
        assert queries(lambda session, load=load: page(session, load)) == ours
    assert list(ways) == list(people.LOADERS)
    engine.dispose()


@pytest.mark.parametrize("pool", [1, 3, 10])
def test_the_distant_database_on_the_page_answers_as_late_as_the_packages(pool: int) -> None:
    async def seven(database: Any) -> list[Any]:
        return await asyncio.gather(*(database.ask("select ?", n) for n in range(7)))

    rows = graph.tables(0)
    page, package = (timed(seven(kind(rows, pool))) for kind in (defined("nq-distant")["Distant"], graph.Distant))
    assert page == package
    rows.close()


def test_the_loader_on_the_page_batches_as_the_librarys_does() -> None:
    async def asked(kind: Any) -> tuple[list[list[int]], list[list[int]]]:
        batches: list[list[int]] = []

        async def batch(keys: list[int]) -> list[int]:
            batches.append(list(keys))
            await asyncio.sleep(1)
            return [10 * key for key in keys]

        loader = kind(batch)
        first = await asyncio.gather(*(loader.load(key) for key in (3, 1, 3, 2)))
        return [first, await asyncio.gather(*(loader.load(key) for key in (5, 4)))], batches

    page, library = (
        timed(asked(kind))
        for kind in (defined("nq-loader", asyncio=asyncio)["Loader"], lambda batch: DataLoader(batch))
    )
    assert page == library


def test_the_question_on_the_page_is_the_packages() -> None:
    (question,) = (
        one.value
        for one in ast.walk(ast.parse(CELLS["nq-exists"]))
        if isinstance(one, ast.Constant) and "exists" in str(one.value)
    )
    assert str(question).split() == permissions.EXISTS.split()


@pytest.mark.parametrize("attempts", [(3, 2, 2), (4, 3, 3), (1, 5, 2)])
def test_the_layers_on_the_page_call_as_often_as_the_product_says(attempts: tuple[int, ...]) -> None:
    calls = [0] * (len(attempts) + 1)
    assert not defined("hop-idea")["get"](0, attempts, calls)
    assert calls == [1, attempts[0], database_calls(attempts[:2]), database_calls(attempts)]


def test_the_nine_hops_on_the_page_are_those_of_the_package() -> None:
    page: dict[str, Any] = {"seed": 3}
    exec(compile(CELLS["hop-sum"], "hop-sum", "exec"), page)
    assert (page["mu"], page["sigma"]) == pytest.approx(shape(5, 50), rel=1e-3)
    package = simulate(parse(example()), seed=3)
    assert page["whole"].mean() == pytest.approx(package.exact_mean_ms, rel=0.01)
    assert sorted(page["whole"])[99_000] == pytest.approx(package.p99_ms, rel=0.05)


def test_dealing_out_calls_spreads_them_and_dealing_out_a_connection_does_not() -> None:
    deal = defined("gw-idea")["deal"]
    assert set(deal("abc", 300).values()) == {100}
    assert list(deal("abc", 300, connections=1).values()) == [300]
    assert sorted(deal("abc", 270, connections=9).values()) == [90, 90, 90]


def test_the_gateway_on_the_page_loses_what_the_packages_naive_one_loses() -> None:
    gets = [one for one in LOSSES if one.group in ("request headers", "deadline", "zeros in JSON")]
    assert len(gets) > 8
    for app in (defined("gw-naive")["obvious"], naive):
        with bench(app) as gateway:
            assert [one.name for one in gets if one.arrives(gateway)] == []
            assert gateway.get("/accounts/1").json()["balance"] == "100"
            assert gateway.get("/accounts/99").status_code == 500


@pytest.mark.parametrize(("leaves", "wanted"), [(0, "cancelled"), (2, "an answer")])
def test_a_call_on_the_page_is_cancelled_when_its_caller_leaves_and_only_then(leaves: int, wanted: str) -> None:
    async def call() -> str:
        slow, left = (asyncio.create_task(asyncio.sleep(wait, "an answer")) for wait in (1, leaves))
        told: str = await defined("gw-leave")["answer_or_leave"](slow, left)
        left.cancel()
        return told

    assert timed(call())[0] == wanted
