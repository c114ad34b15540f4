from __future__ import annotations

from companion.services.a2a.examples import DOCUMENTS, add_examples
from companion.services.a2a.workflows import competitors_in
from companion.services.database import Pool, as_tenant
from companion.services.documents import list_documents
from tests.services.a2a.conftest import Place


def test_the_documents_are_one_tenants(place: Place, tasks_pool: Pool) -> None:
    with tasks_pool.connection() as connection:
        with as_tenant(connection, place.tenant):
            add_examples(connection)
            assert {each.title for each in list_documents(connection)} == {title for title, _ in DOCUMENTS}
        with as_tenant(connection, place.other):
            assert list_documents(connection) == []


def test_a_company_of_theirs_can_be_researched_with_its_competitors() -> None:
    found = [{"id": title, "title": title, "body": body, "score": 1.0} for title, body in DOCUMENTS]
    names = competitors_in("Northwind", found)  # type: ignore[arg-type]
    assert names == ["Hafen Rad", "Velora"]
    for name in ("Northwind", *names):
        assert any(f"revenue of {name} was" in body for _, body in DOCUMENTS), f"nothing of {name}'s figures"
