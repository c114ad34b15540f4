"""The book's two tenants: each sees its own pages, and both have one on the same subject."""

from __future__ import annotations

from companion.services.database import Database, Pool, as_tenant
from companion.services.documents import list_documents
from companion.services.hybrid_search.search import search_documents
from companion.services.samples import ADA, BOB, NAMES, SAMPLES, add_samples


def test_each_tenant_has_its_pages_and_its_name_and_no_other(database: Database, pool: Pool) -> None:
    add_samples(database)
    for tenant, name in NAMES.items():
        with pool.connection() as connection, as_tenant(connection, tenant):
            listed = list_documents(connection)
            assert sorted(page.title for page in listed) == sorted(title for title, _ in SAMPLES[tenant])
            assert not any(page.embedded for page in listed)
            assert connection.execute("select id, name from tenants").fetchall() == [(tenant, name)]


def test_one_question_has_an_answer_of_each_tenants_own(database: Database, pool: Pool) -> None:
    add_samples(database)
    found = {}
    for tenant in (ADA, BOB):
        with pool.connection() as connection, as_tenant(connection, tenant):
            (hit,) = search_documents(connection, "GDPR Article 33")
            found[tenant] = hit.title
    assert found == {ADA: "Breach notification", BOB: "When data leaks"}


def test_no_page_of_one_tenant_has_the_title_or_the_text_of_the_others() -> None:
    ours, theirs = SAMPLES[ADA], SAMPLES[BOB]
    assert not {title for title, _ in ours} & {title for title, _ in theirs}
    assert not {body for _, body in ours} & {body for _, body in theirs}
    assert len({title for title, _ in [*ours, *theirs]}) == 13
