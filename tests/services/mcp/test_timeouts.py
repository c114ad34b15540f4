"""A database that hangs, or has no connection left, is an answer in time, in words that give nothing away."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from companion.services.database import Pool, connect, open_pool
from companion.services.mcp import tools
from companion.services.mcp.conversation import Answer, call, post, request
from tests.services.mcp.conftest import Office, answered, failed, structure

SECONDS = 0.4
STOPPED = f"this took longer than {SECONDS} s, and was stopped: try again later"
BUSY = "the database has no time for this now: try again later"
CALLS: dict[str, dict[str, str]] = {
    "search_documents": {"query": "days"},
    "hybrid_search": {"query": "days"},
    "get_document": {"id": str(UUID(int=7))},
    "list_documents": {},
    "fill_embeddings": {},
    "delete_document": {"title": "Draft"},
}


@dataclass(frozen=True)
class Narrow:
    """A server whose pool has one connection."""

    office: Office
    url: str
    pool: Pool

    def call(self, tool: str, **more: Any) -> Answer:
        return call(self.office.web(), self.url, tool, CALLS[tool], **more)

    @contextlib.contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Hold a table, as a migration does that waits for something else."""
        with connect(self.office.place.database.admin) as other, other.transaction():
            other.execute(f"lock table {table} in access exclusive mode".encode())
            yield


@pytest.fixture
def narrow(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Narrow]:
    monkeypatch.setattr(tools, "STATEMENT_SECONDS", SECONDS)
    with open_pool(office.place.database.app, size=1, timeout=SECONDS) as pool, office.place.serve(pool=pool) as url:
        yield Narrow(office, url, pool)


def tells_nothing(answer: Answer) -> bool:
    return not re.search(r"psycopg|Pool|lock|select |insert |documents |confirmations|127\.0\.0\.1|\d{4}", answer.words)


@pytest.mark.parametrize(
    ("tool", "table"),
    [*((tool, "documents") for tool in CALLS), ("get_document", "audit"), ("delete_document", "confirmations")],
)
def test_a_statement_that_waits_for_another_session_is_stopped(narrow: Narrow, tool: str, table: str) -> None:
    with narrow.locked(table):
        answer = narrow.call(tool)
    assert failed(answer) == STOPPED and tells_nothing(answer)
    later = narrow.call("list_documents")  # on the same connection
    assert structure(later) == {"documents": [], "after": None}


def test_an_answer_that_waits_is_not_used_up(narrow: Narrow) -> None:
    narrow.office.add(("Draft", "x"))
    asked = narrow.call("delete_document").result
    with narrow.locked("documents"):
        assert failed(narrow.call("delete_document", **answered(asked))) == STOPPED
    assert narrow.office.titles() == ["Draft"]
    assert narrow.call("delete_document", **answered(asked)).words == "'Draft' was deleted"


def test_what_was_to_be_read_is_in_the_audit_though_it_never_came(narrow: Narrow) -> None:
    (number,) = narrow.office.add(("Draft", "x"))
    with narrow.locked("documents"):
        call(narrow.office.web(), narrow.url, "get_document", {"id": str(number)})
    assert narrow.office.audit() == [("read", f"document {number}", "ada")]


@pytest.mark.parametrize("tool", CALLS)
def test_a_pool_without_a_connection_left_is_an_answer_in_time(narrow: Narrow, tool: str) -> None:
    with narrow.pool.connection():
        answer = narrow.call(tool)
    assert failed(answer) == BUSY and tells_nothing(answer)
    assert not narrow.call("list_documents").result["isError"]


def test_a_resource_and_a_prompt_are_answered_likewise(narrow: Narrow) -> None:
    asked = [
        request("resources/read", uri=f"document://{UUID(int=7)}"),
        request("prompts/get", name="answer_from_documents", arguments={"question": "days"}),
    ]
    with narrow.pool.connection():
        busy = [post(narrow.office.web(), narrow.url, one).error for one in asked]
    with narrow.locked("documents"):
        stopped = [post(narrow.office.web(), narrow.url, one).error for one in asked]
    assert [error and error["message"] for error in busy + stopped] == [BUSY, BUSY, STOPPED, STOPPED]


def test_of_a_crowd_at_a_database_that_hangs_everybody_is_answered(narrow: Narrow) -> None:
    began = time.monotonic()
    with narrow.locked("documents"), ThreadPoolExecutor(20) as crowd:
        told = [failed(answer) for answer in crowd.map(narrow.call, ["search_documents"] * 20)]
    assert set(told) == {STOPPED, BUSY}
    assert time.monotonic() - began < 60  # not one after the other for ever
    assert not narrow.call("search_documents").result["isError"]


def test_a_connection_that_is_cut_in_the_middle_is_masked_and_replaced(narrow: Narrow) -> None:
    cut = "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and usename = %s"
    tools.STATEMENT_SECONDS = 60.0  # which the fixture sets back
    over = threading.Event()

    def cutting() -> None:
        with connect(narrow.office.place.database.admin) as admin:
            while not over.is_set() and not admin.execute(cut, ["companion_app"]).fetchall():
                time.sleep(0.01)

    killer = threading.Thread(target=cutting)
    with narrow.locked("documents"):
        killer.start()
        try:
            answer = narrow.call("search_documents")
        finally:
            over.set()
            killer.join()
    assert failed(answer) == BUSY and tells_nothing(answer)
    assert not narrow.call("search_documents").result["isError"]


def test_the_bound_goes_back_with_the_connection(narrow: Narrow) -> None:
    assert not narrow.call("list_documents").result["isError"]
    with narrow.pool.connection() as connection:
        assert connection.execute("show statement_timeout").fetchone() == ("0",)
