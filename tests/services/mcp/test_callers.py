"""Whose word counts changes while a server runs: tokens are revoked, tenants are not there; and reading is recorded."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from companion.services.mcp.access import READ, WRITE
from companion.services.mcp.conversation import call, post, request
from companion.services.tenancy.revocation import revoke
from tests.services.mcp.conftest import Office, by_words, failed, structure

READING: dict[str, dict[str, str]] = {
    "search_documents": {"query": "days"},
    "hybrid_search": {"query": "days"},
    "get_document": {"id": str(UUID(int=7))},
    "list_documents": {},
}
EMBEDDED = "select count(embedding) from documents where tenant_id = {tenant}"
PAGE = ("Breaches", "Tell the authority within three days.")


def revoked(office: Office, token: str) -> None:
    with office.place.pool.connection() as connection:
        revoke(connection, office.place.verifier().verify(token))


@pytest.mark.parametrize("tool", READING)
def test_a_token_that_was_revoked_between_two_calls_reads_nothing_more(office: Office, tool: str) -> None:
    token = office.token()
    web = office.web(token=token)
    call(web, office.url, tool, READING[tool])
    revoked(office, token)
    assert failed(call(web, office.url, tool, READING[tool])) == "the token does not hold: it was revoked"
    call(office.web(), office.url, tool, READING[tool])  # another token of the same user does


def test_a_token_that_is_revoked_while_its_tool_runs_begins_nothing_more(office: Office) -> None:
    office.add(*((f"Page {number}", "words") for number in range(20)))
    token = office.token()

    def slow(texts: list[str]) -> object:
        revoked(office, token)
        return by_words(texts)

    with office.place.serve(slow) as url:  # type: ignore[arg-type]
        answer = call(office.web(token=token), url, "fill_embeddings", {})
    assert failed(answer) == "the token does not hold: it was revoked" and office.rows(
        "select count(embedding) from documents where tenant_id = {tenant}"
    ) == [(8,)]


def test_a_revoked_token_writes_nothing_and_asks_nobody(office: Office) -> None:
    office.add(PAGE)
    token = office.token()
    revoked(office, token)
    for tool, arguments in {"fill_embeddings": {}, "delete_document": {"title": "Breaches"}}.items():
        assert "it was revoked" in failed(call(office.web(token=token), office.url, tool, arguments))
    assert office.titles() == ["Breaches"] and office.rows(
        "select count(embedding) from documents where tenant_id = {tenant}"
    ) == [(0,)]
    assert office.rows("select * from confirmations where tenant_id = {tenant}") == []


@pytest.mark.parametrize("tool", READING)
def test_a_tenant_that_nobody_knows_has_nothing(office: Office, tool: str) -> None:
    token = office.place.issuer.token(uuid4(), "ghost", [READ, WRITE], "mcp")
    answer = call(office.web(token=token), office.url, tool, READING[tool])
    if tool == "get_document":  # which would be in the audit
        assert failed(answer) == "nobody here knows the tenant of this token"
    else:
        assert structure(answer).get("hits") == [] or structure(answer)["documents"] == []
    asked = call(office.web(token=token), office.url, "delete_document", {"title": "x"})
    assert failed(asked) == "nobody here knows the tenant of this token"


# The audit


def test_what_is_read_is_written_down_and_what_is_searched_or_listed_is_not(office: Office) -> None:
    (number,) = office.add(PAGE)
    office.call("search_documents", query="days")
    office.call("list_documents")
    office.call("fill_embeddings")
    assert office.audit() == []
    office.call("get_document", id=str(number), user="ada")
    post(office.web(), office.url, request("resources/read", uri=f"document://{number}"))
    office.call("get_document", id=str(UUID(int=7)), user="bob")
    assert office.audit() == [
        ("read", f"document {number}", "ada"),
        ("read", f"document {number}", "ada"),
        ("read", f"document {UUID(int=7)}", "bob"),  # also what is not there
    ]


def test_who_asks_for_somebody_is_in_the_audit(office: Office) -> None:
    (number,) = office.add(PAGE)
    token = office.place.issuer.token(office.tenant, "ada", [READ], "mcp", actor="assistant")
    structure(call(office.web(token=token), office.url, "get_document", {"id": str(number)}))
    assert office.audit() == [("read", f"document {number}", "ada by assistant")]


def test_what_is_refused_before_it_reads_is_not_in_the_audit_and_a_revoked_token_is(office: Office) -> None:
    (number,) = office.add(PAGE)
    office.call("get_document", WRITE, id=str(number))
    office.call("get_document", id="x")
    assert office.audit() == []
    token = office.token()
    revoked(office, token)
    call(office.web(token=token), office.url, "get_document", {"id": str(number)})
    assert office.audit() == [("read", f"document {number}", "ada")]
