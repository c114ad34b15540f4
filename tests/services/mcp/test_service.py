"""The whole of it starts with one line: two tenants, tokens, and as many replicas as one likes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from companion.services.mcp.access import READ, WRITE
from companion.services.mcp.conversation import Answer, call
from companion.services.mcp.service import AUDIENCE, Service, document_service
from companion.services.samples import ADA, BOB
from tests.services.mcp.conftest import answered


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with document_service() as started:
        yield started


def ask(service: Service, url: str, tool: str, arguments: dict[str, Any], tenant: UUID = ADA, **more: Any) -> Answer:
    token = service.issuer.token(tenant, "ada", [READ, WRITE], AUDIENCE)
    with httpx.Client(trust_env=False, timeout=60, headers={"authorization": f"Bearer {token}"}) as web:
        return call(web, url, tool, arguments, **more)


def test_each_tenant_finds_its_own_by_words_and_by_meaning(service: Service) -> None:
    with service.serve() as url:
        where = {"query": "GDPR Article 33", "limit": 1}
        found = {tenant: ask(service, url, "hybrid_search", where, tenant) for tenant in (ADA, BOB)}
        titles = {tenant: answer.result["structuredContent"]["hits"][0]["title"] for tenant, answer in found.items()}
        assert titles == {ADA: "Breach notification", BOB: "When data leaks"}

        hacked = {"query": "We were hacked. Whom must we tell?", "limit": 1}
        assert ask(service, url, "hybrid_search", hacked).result["structuredContent"]["hits"] == []
        assert ask(service, url, "fill_embeddings", {}).words == "8"
        (hit,) = ask(service, url, "hybrid_search", hacked).result["structuredContent"]["hits"]
        assert hit["title"] == "Breach notification"
        assert ask(service, url, "hybrid_search", hacked, BOB).result["structuredContent"]["hits"] == []


def test_what_one_replica_asks_another_goes_on_with(service: Service) -> None:
    with service.serve() as one, service.serve() as other:
        page = {"title": "Who may sign"}
        asked = ask(service, one, "delete_document", page).result
        assert ask(service, other, "delete_document", page, **answered(asked)).words == "'Who may sign' was deleted"


def test_a_replica_knows_the_keys_that_there_were_when_it_started(service: Service) -> None:
    with service.serve() as old:
        service.issuer.rotate()
        assert ask(service, old, "list_documents", {}).status == 401
        with service.serve() as new:
            assert ask(service, new, "list_documents", {}).status == 200
