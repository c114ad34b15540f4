"""Chapter 5: what stands on the page as code gives what the package gives."""

from __future__ import annotations

import ast
import inspect
import json
import sqlite3
from itertools import permutations, product
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from companion.calls.messaging.acknowledged import durability
from companion.calls.messaging.acknowledged.ledger import Ledger
from companion.calls.messaging.feeds import deaf
from companion.calls.messaging.feeds.event_source import EventParser
from companion.calls.messaging.log import orders
from companion.calls.messaging.quotes import article, board
from companion.calls.messaging.quotes.quote import Quote

PAGE = Path(__file__).parents[2] / "chapters" / "05-messaging.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text("utf-8"))["cells"]}


def defined(cell: str, **given: Any) -> dict[str, Any]:
    """Run the imports and definitions of a cell, and nothing else of it."""
    tree = ast.parse(CELLS[cell])
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree.body = [one for one in tree.body if isinstance(one, kinds)]
    exec(compile(tree, cell, "exec"), given)
    return given


def test_the_power_cut_on_the_page_leaves_what_the_packages_leaves(tmp_path: Path) -> None:
    page = defined("ack-publish")["cut_power"]
    for number, kept in enumerate((0, 0.5, 1)):
        found = []
        for name, cut in (("page", page), ("package", durability.cut_power)):
            store, did = tmp_path / f"{name} {number}", list[str]()
            store.mkdir()
            (store / "1.blk").write_bytes(bytes(range(101)))
            (store / "meta.inf").write_bytes(b"all")
            broker = SimpleNamespace(store=store, kill=lambda did=did: did.append("kill"),
                                     restart=lambda did=did: did.append("restart"))  # fmt: skip
            cut(cast("Any", broker), kept)
            found.append((did, {file.name: file.read_bytes() for file in store.iterdir()}))
        assert found[0] == found[1]
        assert found[0][0] == ["kill", "restart"]


def test_the_ledger_on_the_page_takes_what_the_packages_takes() -> None:
    handle, package, page = defined("ack-ledger")["handle"], Ledger(), sqlite3.connect(":memory:")
    page.execute("create table taken (key primary key, amount)")
    for key, amount in (("1", 10), ("2", 5), ("1", 10), ("3", 0), ("2", 7)):
        assert handle(page, key, amount) == package.handle(key, amount)
    assert dict(page.execute("select key, amount from taken")) == package.taken
    page.close()
    package.close()


def test_the_page_adds_an_event_as_the_package_does() -> None:
    page = defined("log-fold")["add"]
    accounts: orders.Accounts = {}
    for who, cents in (("ada", 1999), ("bob", 5), ("ada", 435)):
        event = {"v": 2, "customer_id": who, "cents": cents}
        assert page(accounts, event) == orders.add(accounts, event)
        accounts = orders.add(accounts, event)


def test_the_page_translates_the_old_events_of_many_histories_as_the_package_does() -> None:
    page = defined("log-versions")["upcast"]
    for seed in range(20):
        for _, data in orders.history(seed, old=12, new=24).events:
            read = orders.upcast(orders.parse(data))
            told = page(orders.parse(data))
            assert read is not None
            assert {name: told[name] for name in ("v", "customer_id", "cents")} == {
                name: read[name] for name in ("v", "customer_id", "cents")
            }
            assert page(json.loads(data))["cents"] == read["cents"]


def test_the_lines_that_hang_up_on_the_page_are_those_that_run() -> None:
    shown = CELLS["feed-deaf-told"].split("```")[1].removeprefix("python\n")
    runs = ast.unparse(ast.parse(inspect.getsource(deaf.broadcast_bounded)))
    lines = [line.strip() for line in ast.unparse(ast.parse(shown)).splitlines()]
    assert len(lines) == 4
    assert lines == [line.strip() for line in runs.splitlines() if line.strip() in lines]


def test_the_parser_on_the_page_is_fed_pieces_that_hold_two_events() -> None:
    pieces = [ast.literal_eval(one.iter) for one in ast.parse(CELLS["feed-parser"]).body if isinstance(one, ast.For)]
    whole = [event.data for event in EventParser().feed(b"".join(*pieces))]
    assert whole == ["up", "down"]


def test_the_service_on_the_page_answers_whom_the_packages_answers() -> None:
    page = defined("quote-article")["MarketDataServer"]
    for order in permutations(["socket", "poll", "quote", "other"]):
        heard = []
        for server in (page(), article.MarketDataServer()):
            socket, poll = list[object](), list[object]()
            server.broadcast_to_subscribers("ACME", 1)
            for step in order:
                if step == "socket":
                    server.handle_web_socket(socket.append, "ACME")
                elif step == "poll":
                    server.handle_long_polling(poll.append, "ACME", "0")
                else:
                    server.broadcast_to_subscribers("ACME" if step == "quote" else "EMCA", 2)
            heard.append((socket, poll, server.cache))
        assert heard[0] == heard[1]
        assert heard[0][1] == []


def test_the_follower_on_the_page_is_told_what_the_packages_is_told() -> None:
    page = defined("quote-newer")["Follower"]
    for seqs, last in product(permutations((2, 3, 3, 5)), (0, 2, 4)):
        told = []
        for follower_of in (page, board.Follower):
            heard: list[Quote] = []
            follower = follower_of(heard.append, last)
            for seq in seqs:
                follower.offer(Quote(seq=seq, symbol="ACME", number=seq, price=100.0))
            told.append(([quote.seq for quote in heard], follower.last))
        assert told[0] == told[1]
