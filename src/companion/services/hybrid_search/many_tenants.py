"""A table that many tenants share, large enough that an index on its vectors is worth a question.

The vectors are drawn around common topics, as those of real texts lie, and not evenly in all directions, where every
vector is about as far from every other and no index finds anything. All tenants write about all topics. The words of a
text are drawn by Zipf's law; two of them, `RARE` and `COMMON`, are put into a known share of the texts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from time import perf_counter
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import Vector
from pgvector.psycopg import register_vector
from psycopg import Connection, sql

from companion.services.database import Pool, add_tenant, as_tenant
from companion.services.documents import DIMENSIONS

TOPICS = 200
SPREAD = 1.0
"""How long what a text adds to its topic is, beside the topic's length of one."""

VOCABULARY, WORDS = 2000, 60
"""How many words there are, and how many a text has."""

RARE, RARE_SHARE = "rareword", 50
COMMON, COMMON_SHARE = "commonword", 2.5
"""A word, and of how many texts one has it."""

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Crowd:
    """Rows of a table, not yet written.

    Attributes
    ----------
    vectors : array
        A row of length one for each text; row `i` gets the id `i + 1`.
    owners : array of int
        To which tenant each belongs.
    questions : array
        Vectors that nobody has written, drawn in the same way.
    tenants : tuple of UUID
        The tenants, in the order of the sizes asked for.
    seed : int
        What it was drawn from; the texts are, too.
    """

    vectors: Matrix
    owners: NDArray[np.int64]
    questions: Matrix
    tenants: tuple[UUID, ...]
    seed: int

    def exact(self, tenant: int, vector: Matrix, limit: int = 10) -> set[int]:
        """Give the ids of the tenant's rows that are nearest to a vector, by looking at all of them."""
        own = np.flatnonzero(self.owners == tenant)
        return set((own[np.argsort(-(self.vectors[own] @ vector), kind="stable")[:limit]] + 1).tolist())


def crowd(sizes: Sequence[int], seed: int, questions: int = 30) -> Crowd:
    """Draw texts for tenants.

    Parameters
    ----------
    sizes : sequence of int
        How many texts each tenant has; they are written in random order.
    seed : int
        Of all that is drawn.
    questions : int
        How many vectors to ask with.
    """
    rng = np.random.default_rng(seed)
    topics = _units(rng.standard_normal((TOPICS, DIMENSIONS)))
    owners = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    count = len(owners) + questions
    added = rng.standard_normal((count, DIMENSIONS)) * SPREAD / DIMENSIONS**0.5
    vectors = _units(topics[rng.integers(TOPICS, size=count)] + added)
    tenants = tuple(UUID(int=number + 1) for number in range(len(sizes)))
    return Crowd(vectors[: len(owners)], owners, vectors[len(owners) :], tenants, seed)


def _units(vectors: NDArray[np.float64]) -> Matrix:
    found: Matrix = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return found


def write(admin: Connection[Any], people: Crowd) -> None:
    """Write a crowd's rows, as a superuser: to anybody else COPY is refused where rows have policies."""
    for number, tenant in enumerate(people.tenants):
        add_tenant(admin, f"tenant {number}", tenant)
    register_vector(admin)
    copy = "copy documents (tenant_id, id, title, body, embedding) from stdin with (format binary)"
    with admin.cursor() as cursor, cursor.copy(copy) as rows:
        rows.set_types(["uuid", "uuid", "text", "text", "vector"])
        bodies = _bodies(len(people.owners), people.seed)
        for number, (owner, vector, body) in enumerate(zip(people.owners, people.vectors, bodies, strict=True), 1):
            rows.write_row((people.tenants[owner], UUID(int=number), f"text {number}", body, Vector(vector)))
    admin.execute("vacuum analyze documents")


def _bodies(count: int, seed: int) -> Iterator[str]:
    rng = np.random.default_rng(seed)
    chances = 1 / np.arange(1, VOCABULARY + 1)
    drawn = rng.choice(VOCABULARY, size=(count, WORDS), p=chances / chances.sum())
    marked = rng.random((count, 2)) < (1 / RARE_SHARE, 1 / COMMON_SHARE)
    for words, (rare, common) in zip(drawn.tolist(), marked.tolist(), strict=True):
        yield " ".join([*(f"w{word:04}" for word in words), *[RARE] * rare, *[COMMON] * common])


def index_vectors(admin: Connection[Any], table: str = "documents") -> None:
    """Build an HNSW index over all tenants' vectors: what it comes to differs from one build to the next."""
    statement = sql.SQL("create index {} on {} using hnsw (embedding vector_cosine_ops)")
    admin.execute("set maintenance_work_mem = '512MB'")
    admin.execute(statement.format(sql.Identifier(f"{table}_embedding"), sql.Identifier(table)))


def expected_recall(breadth: int, share: float, wanted: int = 10) -> float:
    """Say what a filter leaves of an index's answer, if the filter has nothing to do with the distance.

    An index that looks at `breadth` candidates, of which a tenant owns each with probability `share`, finds X of the
    tenant's rows, X being binomial; they are its nearest ones, and more than `wanted` do not count. So recall is
    E[min(X, wanted)] / wanted, which takes the index for perfect, and all tenants' topics for the same.
    """
    chances = [math.comb(breadth, found) * share**found * (1 - share) ** (breadth - found) for found in range(wanted)]
    return 1 - sum((wanted - found) * chance for found, chance in enumerate(chances)) / wanted


NEAREST = "select id from {} {} order by embedding <=> %s::vector limit 10"


@dataclass(frozen=True)
class Answers:
    """What a tenant's questions were answered with.

    Attributes
    ----------
    recall : float
        The mean share of the ten nearest rows that came.
    complete : int
        How many questions got ten rows, the right ones or not.
    asked : int
        How many questions there were.
    milliseconds : float
        The median time of one.
    """

    recall: float
    complete: int
    asked: int
    milliseconds: float


def ask(
    pool: Pool,
    people: Crowd,
    tenant: int,
    settings: Mapping[str, str | int] | None = None,
    *,
    table: str = "documents",
    where: str = "",
) -> Answers:
    """Ask, as a tenant, for the ten nearest rows to each question of the crowd; each in a transaction of its own.

    Parameters
    ----------
    pool : Pool
        Of the service's role, which policies bind.
    people : Crowd
        What was written.
    tenant : int
        Its number in the crowd.
    settings : mapping, optional
        Of PostgreSQL and pgvector, for those transactions.
    table, where : str
        Another table, and SQL of one's own behind its name.
    """
    statement = sql.SQL(NEAREST).format(sql.Identifier(table), sql.SQL(where))
    shares, times, complete = [], [], 0
    with pool.connection() as connection:
        for vector in people.questions:
            with as_tenant(connection, people.tenants[tenant]):
                for name, value in (settings or {}).items():
                    connection.execute("select set_config(%s, %s, true)", [name, str(value)])
                begun = perf_counter()
                rows = connection.execute(statement, [Vector(vector).to_text()]).fetchall()
                times.append(perf_counter() - begun)
            wanted = people.exact(tenant, vector)
            shares.append(len(wanted.intersection(number.int for (number,) in rows)) / len(wanted))
            complete += len(rows) == len(wanted)
    return Answers(fmean(shares), complete, len(shares), 1000 * median(times))
