"""What is measured where many tenants share a table: recall and time of each way to search, at 50,000 rows.

Each function makes a database of its own, measures, and gives figures by name: milliseconds are medians, recall is the
mean share of the ten nearest rows that came. They take minutes, most of them for the index on vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any

from pgvector import Vector
from psycopg import Connection, sql

from companion.services.database import Database, Pool, as_tenant, connect, open_database, open_pool
from companion.services.hybrid_search.article_query import AS_PRINTED, BREADTH, RANKED_LATER, STORED_WORDS
from companion.services.hybrid_search.many_tenants import (
    COMMON,
    RARE,
    Answers,
    Crowd,
    ask,
    crowd,
    index_vectors,
    write,
)

SIZES = (100, 1_000, 5_000, 10_000, *(5_650,) * 6)
HUNDRED, THOUSAND, TENTH, FIFTH = range(4)
"""The tenants that are asked: of 100 rows, 1,000, a tenth of all and a fifth."""

SEED = 11

ASKED, TIMES = 100, 30
"""How many questions a way is asked, and how often a statement is timed."""

ARTICLE_SIZES = (20_000, 1_000)

SETTING = "nullif(current_setting('app.tenant', true), '')::uuid"
STRICT = {"hnsw.iterative_scan": "strict_order"}
RELAXED = {"hnsw.iterative_scan": "relaxed_order"}


@contextmanager
def _written(people: Crowd) -> Iterator[tuple[Database, Connection[Any], Pool]]:
    with open_database() as database, connect(database.admin) as admin:
        write(admin, people)
        with open_pool(database.app) as pool:
            yield database, admin, pool


def vector_search() -> Mapping[str, float]:
    """Measure what row-level security makes of HNSW, for a tenant with a tenth of the rows and one with 100."""
    people = crowd(SIZES, SEED, questions=ASKED)
    told: dict[str, Answers] = {}
    with _written(people) as (_, admin, pool):
        for name, tenant in (("100", HUNDRED), ("1000", THOUSAND), ("5000", TENTH), ("10000", FIFTH)):
            told[f"exact of {name}"] = ask(pool, people, tenant)
        admin.execute("drop index documents_vectors")  # which is in the way of what follows
        told["rows, 5000"] = ask(pool, people, TENTH)
        admin.execute("alter table documents reset (toast_tuple_target)")
        admin.execute("vacuum full documents")  # which writes every row anew: large values are moved out of it
        told["moved out, 5000"] = ask(pool, people, TENTH)
        admin.execute("alter table documents set (toast_tuple_target = 8160)")
        admin.execute("vacuum full documents")
        admin.execute("analyze documents")
        begun = perf_counter()
        index_vectors(admin)
        built = perf_counter() - begun

        # Our policy compares with the setting itself: the planner sees whose rows are asked for, and how many they are.
        told["seen, tenth"] = ask(pool, people, TENTH)
        told["seen, hundred"] = ask(pool, people, HUNDRED)
        for breadth in (40, 100, 200):
            told[f"ef {breadth}, tenth"] = ask(pool, people, TENTH, {"hnsw.ef_search": breadth})
        told["strict, tenth"] = ask(pool, people, TENTH, STRICT)
        told["relaxed, tenth"] = ask(pool, people, TENTH, RELAXED)
        one = sql.Literal(people.tenants[TENTH]).as_string(admin)
        admin.execute(
            f"create index one_tenant on documents using hnsw (embedding vector_cosine_ops) where tenant_id = {one}"
        )
        told["own index, tenth"] = ask(pool, people, TENTH, where=f"where tenant_id = {one}")
        told["own index unnamed, tenth"] = ask(pool, people, TENTH)
        admin.execute("drop index one_tenant")

        # A sub-select hides the tenant from the planner, which then takes the index for everybody.
        admin.execute(f"alter policy tenant on documents using (tenant_id = (select {SETTING}))")
        told["hidden, hundred"] = ask(pool, people, HUNDRED)
        told["ef 200, hundred"] = ask(pool, people, HUNDRED, {"hnsw.ef_search": 200})
        told["strict, hundred"] = ask(pool, people, HUNDRED, STRICT)
        told["strict and far, hundred"] = ask(pool, people, HUNDRED, STRICT | {"hnsw.max_scan_tuples": 200_000})
        told["relaxed, hundred"] = ask(pool, people, HUNDRED, RELAXED)
        all_rows = _exact_of_all(admin, people)

        _partition(admin, people)
        index_vectors(admin, "parts")
        for name, tenant in (("tenth", TENTH), ("hundred", HUNDRED)):
            told[f"partitions, {name}"] = ask(pool, people, tenant, table="parts")
    figures = {f"{name}, recall": answers.recall for name, answers in told.items()}
    figures |= {f"{name}, ms": answers.milliseconds for name, answers in told.items()}
    return figures | {"exact of all, ms": all_rows, "index, s": built}


def _exact_of_all(admin: Connection[Any], people: Crowd) -> float:
    nearest = "select id from documents order by embedding <=> %s::vector limit 10"
    with admin.transaction():
        admin.execute("set local enable_indexscan = off")
        return _median(
            lambda number: admin.execute(
                nearest, [Vector(people.questions[number % len(people.questions)]).to_text()]
            ).fetchall()
        )


def _partition(admin: Connection[Any], people: Crowd) -> None:
    """Copy the documents into a table with a partition for each tenant; an index on it is one for each partition."""
    admin.execute(
        "create table parts (like documents including defaults including generated) partition by list (tenant_id)"
    )
    for number, tenant in enumerate(people.tenants):
        value = sql.Literal(tenant).as_string(admin)
        admin.execute(f"create table parts_{number} partition of parts for values in ({value})")
    admin.execute(
        "insert into parts (tenant_id, id, title, body, embedding)"
        " select tenant_id, id, title, body, embedding from documents"
    )
    admin.execute("alter table parts enable row level security, force row level security")
    admin.execute(f"create policy tenant on parts using (tenant_id = {SETTING})")
    admin.execute("grant select on parts to companion_app")
    admin.execute("analyze parts")


COUNT = "select count(*) from {} where search @@ {}::tsquery"


def text_search() -> Mapping[str, float]:
    """Measure what row-level security makes of GIN, for a word in 2 % of the texts and one in 40 %."""
    people = crowd(SIZES, SEED)
    figures: dict[str, float] = {}
    with _written(people) as (database, admin, pool):
        admin.execute("create index documents_search on documents using gin (search)")
        admin.execute("analyze documents")
        _partition(admin, people)
        admin.execute("create index parts_search on parts using gin (search)")
        tenant = people.tenants[TENTH]
        literal = sql.SQL(" and tenant_id = {}").format(tenant)
        with pool.connection() as connection, connect(database.admin) as outside:
            for name, word in (("rare", RARE), ("common", COMMON)):
                whole = sql.SQL(COUNT).format(sql.Identifier("documents"), word)
                parted = sql.SQL(COUNT).format(sql.Identifier("parts"), word)
                part = sql.SQL(COUNT).format(sql.Identifier(f"parts_{TENTH}"), word)
                with as_tenant(connection, tenant):
                    figures[f"policy, {name}"] = _median(_ran(connection, whole))
                    figures[f"policy and literal, {name}"] = _median(_ran(connection, whole + literal))
                    figures[f"partitions, {name}"] = _median(_ran(connection, parted))
                figures[f"literal alone, {name}"] = _median(_ran(outside, whole + literal))
                figures[f"own partition, {name}"] = _median(_ran(outside, part))
                with _leakproof(admin), as_tenant(connection, tenant):
                    figures[f"leakproof, {name}"] = _median(_ran(connection, whole + sql.SQL(" and true")))
    return figures


@contextmanager
def _leakproof(admin: Connection[Any]) -> Iterator[None]:
    admin.execute("alter function ts_match_vq(tsvector, tsquery) leakproof")
    yield
    admin.execute("alter function ts_match_vq(tsvector, tsquery) not leakproof")


def _ran(connection: Connection[Any], statement: sql.Composed) -> Callable[[int], object]:
    return lambda number: connection.execute(statement).fetchall()


def _median(function: Callable[[int], object]) -> float:
    """Give the median milliseconds of some calls, after one that does not count."""
    function(0)
    taken = []
    for number in range(TIMES):
        begun = perf_counter()
        function(number)
        taken.append(1000 * (perf_counter() - begun))
    return median(taken)


def article_query() -> Mapping[str, float]:
    """Measure the article's query beside ones that do less, for a tenant of 20,000 rows with an index on vectors.

    It looks at more candidates than the fifty that the last one asks it for; the others cannot use it.
    """
    people = crowd(ARTICLE_SIZES, SEED)
    with _written(people) as (_, admin, pool):
        index_vectors(admin)
        with pool.connection() as connection, as_tenant(connection, people.tenants[0]):
            connection.execute("select set_config('hnsw.ef_search', %s, true)", [str(BREADTH)])

            def asked(statement: str) -> Callable[[int], object]:
                def once(number: int) -> object:
                    vector = Vector(people.questions[number % len(people.questions)]).to_text()
                    return connection.execute(statement.encode(), {"question": "w0100 w0200", "embedding": vector})

                return once

            return {
                "as printed, ms": _median(asked(AS_PRINTED)),
                "stored words, ms": _median(asked(STORED_WORDS)),
                "ranked later, ms": _median(asked(RANKED_LATER)),
            }
