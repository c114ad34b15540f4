"""The ten nearest pages to a question, by NumPy, FAISS and PostgreSQL: exact, and by an HNSW index.

The pages are those of the corpus, all four libraries together, and no policy is in the way. The same is asked a second
time with slightly changed copies of the pages for questions, as many a benchmark has it: each lies beside its own page,
and that is where an index of neighbours begins to look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, median
from time import perf_counter
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray
from pgvector import Vector
from psycopg import Connection

from companion.corpus import LIBRARIES, pages
from companion.services.database import add_tenant, connect, open_database
from companion.services.documents import DIMENSIONS, add_documents, fill_embeddings, to_embed
from companion.services.hybrid_search.evaluation import load_questions
from companion.services.hybrid_search.many_tenants import index_vectors
from companion.services.hybrid_search.vectors import Matrix, data_folder, recorded_vectors

NEAREST = 10
LINKS, BREADTH = 16, 40
"""As pgvector has them by default: links a vector, and how many candidates a search keeps."""

CHANGED = 0.01
"""The standard deviation of what is added to each of a copy's 384 numbers: its length is then a fifth of the copy's."""

SEED = 11

Search = Callable[[Matrix], Sequence[str]]


def neighbours() -> Mapping[str, float]:
    """Measure, for each way, recall at ten on the questions and on the copies, and the median milliseconds."""
    corpus = [page for library in LIBRARIES for page in pages(library)]
    folder = data_folder()
    embed = recorded_vectors(folder / "vectors.npz")
    titles, matrix = [page.title for page in corpus], embed([to_embed(page.title, page.body) for page in corpus])
    questions = embed([question.text for question in load_questions(folder / "questions.jsonl")])
    asked = {"questions": questions, "copies": copies_of(matrix, len(questions))}

    def by_numpy(vector: Matrix) -> list[str]:
        return [titles[place] for place in np.argpartition(-(matrix @ vector), NEAREST)[:NEAREST]]

    searches = {"numpy": by_numpy, "faiss flat": flat(titles, matrix), "faiss hnsw": hnsw(titles, matrix)}
    with open_database() as database, connect(database.admin) as admin:
        tenant = add_tenant(admin, "all")
        with admin.transaction():
            admin.execute("select set_config('app.tenant', %s, true)", [str(tenant)])
            add_documents(admin, [(page.title, page.body) for page in corpus])
            fill_embeddings(admin, embed, batch=500)
        admin.execute("vacuum analyze documents")
        figures = told(searches | {"postgresql": by_postgresql(admin)}, asked, by_numpy)
        index_vectors(admin)
        return figures | told({"postgresql hnsw": by_postgresql(admin)}, asked, by_numpy)


def copies_of(matrix: Matrix, count: int) -> Matrix:
    """Draw some rows, add a little noise, and scale them to length one again."""
    rng = np.random.default_rng(SEED)
    drawn = matrix[rng.choice(len(matrix), size=count, replace=False)]
    changed = drawn + CHANGED * rng.standard_normal(drawn.shape)
    found: Matrix = (changed / np.linalg.norm(changed, axis=1, keepdims=True)).astype(np.float32)
    return found


def flat(titles: Sequence[str], matrix: Matrix) -> Search:
    """Search with FAISS by looking at every vector."""
    return _by_faiss(titles, matrix, faiss.IndexFlatIP(DIMENSIONS))


def hnsw(titles: Sequence[str], matrix: Matrix) -> Search:
    """Search with FAISS by an HNSW index with pgvector's settings."""
    index = faiss.IndexHNSWFlat(DIMENSIONS, LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 64, BREADTH
    return _by_faiss(titles, matrix, index)


def _by_faiss(titles: Sequence[str], matrix: Matrix, index: Any) -> Search:
    index.add(matrix)

    def search(vector: Matrix) -> list[str]:
        places: NDArray[np.int64] = index.search(vector[None], NEAREST)[1][0]
        return [titles[place] for place in places if place >= 0]

    return search


def by_postgresql(connection: Connection[Any]) -> Search:
    """Search with pgvector, by an index on the vectors if there is one."""
    statement = f"select title from documents order by embedding <=> %s::vector limit {NEAREST}".encode()

    def search(vector: Matrix) -> list[str]:
        return [title for (title,) in connection.execute(statement, [Vector(vector).to_text()]).fetchall()]

    return search


def told(searches: Mapping[str, Search], asked: Mapping[str, Matrix], exact: Search) -> dict[str, float]:
    """Give each way's recall on each kind of question, and its median milliseconds on all."""
    figures: dict[str, float] = {}
    for name, search in searches.items():
        times = []
        for kind, vectors in asked.items():
            shares = []
            for vector in vectors:
                begun = perf_counter()
                found = search(vector)
                times.append(1000 * (perf_counter() - begun))
                shares.append(len(set(found).intersection(exact(vector))) / NEAREST)
            figures[f"{name}, {kind}"] = fmean(shares)
        figures[f"{name}, ms"] = median(times)
    return figures
