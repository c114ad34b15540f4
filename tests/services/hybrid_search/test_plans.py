"""Which index PostgreSQL means to take: for words under a policy, none."""

from __future__ import annotations

from uuid import UUID

from companion.services.database import Database, Pool, as_tenant, connect
from companion.services.hybrid_search.plans import indexes_used, plan

WORD = "select title from documents where search @@ 'parquet'::tsquery"


def test_a_statement_is_planned_and_not_run(search_database: Database) -> None:
    with connect(search_database.admin) as admin:
        assert plan(admin, "select 1 / (0 * random())::int from documents")["Node Type"].endswith("Scan")
        assert indexes_used(admin, "select title from documents where title like %s", ["%frame%"]) == []


def test_a_policy_keeps_gin_from_being_used_and_a_promise_lets_it(
    search_database: Database, search_pool: Pool, libraries: dict[str, UUID]
) -> None:
    match = "alter function ts_match_vq(tsvector, tsquery)"
    with connect(search_database.admin) as admin, search_pool.connection() as connection:
        with admin.transaction(force_rollback=True):
            admin.execute("create index words on documents using gin (search)")
            assert "words" in indexes_used(admin, f"{WORD} and tenant_id = '{libraries['pandas']}'")
            admin.execute(f"select set_config('app.tenant', '{libraries['pandas']}', true)")
            admin.execute("set local role companion_app")
            assert "words" not in indexes_used(admin, WORD)
            admin.execute("reset role")
            admin.execute(f"{match} leakproof")
            admin.execute("set local role companion_app")
            assert "words" in indexes_used(admin, WORD)
        with as_tenant(connection, libraries["pandas"]):
            assert indexes_used(connection, WORD) in ([], ["documents_pkey"])
