from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from companion.services.control_room.signing import AUDIENCES, PASSED_ON, Tenant, is_loopback, routes, tenants_of
from companion.services.database import Database, add_tenant, connect
from companion.services.tenancy.tokens import InvalidToken, Issuer, Verifier

ADA = UUID("ada00000-0000-4000-8000-000000000001")
ASKED = {"tenant": str(ADA), "user": "ada", "scopes": ["read"], "seconds": 60}
HERE = "http://127.0.0.1:8009"

issuer = Issuer("https://issuer.example")
app = Starlette(routes=routes(issuer, lambda: [Tenant(ADA, "Ada's")]))


def client(url: str = HERE, by: str = "127.0.0.1") -> TestClient:
    return TestClient(app, base_url=url, client=(by, 50_000))


def reason(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["details"][0]["reason"]


def test_who_signs_in_gets_a_token_for_each_service_and_what_he_asked_for_alone() -> None:
    answer = client().post("/control-room/tokens", json=ASKED)
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()["tokens"]
    assert set(tokens) == set(AUDIENCES)
    for audience in AUDIENCES:
        claims = Verifier(issuer.jwks(), issuer.name, audience).verify(tokens[audience])
        assert (claims.tenant, claims.user, claims.scopes) == (ADA, "ada", frozenset({"read"}))
        assert claims.expires - claims.issued == 60
    with pytest.raises(InvalidToken, match="another service"):
        Verifier(issuer.jwks(), issuer.name, "mcp").verify(tokens["a2a"])


@pytest.mark.parametrize(
    ("url", "by"),
    [(HERE, "192.0.2.7"), (HERE, "::ffff:192.0.2.7"), (HERE, "testclient"), ("http://192.0.2.1:8009", "127.0.0.1"),
     ("http://0.0.0.0:8009", "127.0.0.1"), ("http://rooms.example", "127.0.0.1")],
)  # fmt: skip
def test_nothing_is_signed_for_another_machine_nor_at_an_address_that_others_reach(url: str, by: str) -> None:
    with client(url, by) as web:
        assert reason(web.post("/control-room/tokens", json=ASKED)) == (403, "THIS_MACHINE_ONLY")
        assert reason(web.get("/control-room/tenants")) == (403, "THIS_MACHINE_ONLY")


@pytest.mark.parametrize("header", PASSED_ON)
def test_nothing_is_signed_for_whom_a_proxy_on_this_machine_speaks(header: str) -> None:
    answer = client().post("/control-room/tokens", json=ASKED, headers={header: "127.0.0.1"})
    assert reason(answer) == (403, "THIS_MACHINE_ONLY")


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("0.0.0.0", False), ("::", False), ("10.0.0.1", False),
     ("localhost", False), ("", False)],
)  # fmt: skip
def test_only_an_address_of_loopback_is_this_machines_own(host: str, own: bool) -> None:
    assert is_loopback(host) is own


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tenant": "ada"}, "tenant: "),
        ({"user": ""}, "user: "),
        ({"user": "a" * 201}, "user: "),
        ({"scopes": ["read", "admin"]}, "scopes.1: "),
        ({"seconds": 0}, "seconds: "),
        ({"seconds": 901}, "seconds: "),
        ({"audience": "bank"}, "audience: "),
    ],
)
def test_what_is_wrong_about_a_wish_is_told_by_its_name(change: dict[str, Any], said: str) -> None:
    answer = client().post("/control-room/tokens", json=ASKED | change)
    assert reason(answer) == (400, "INVALID_ARGUMENT")
    assert answer.json()["error"]["message"].startswith(said)


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b'"ada"'])
def test_what_is_no_wish_is_refused(body: bytes) -> None:
    assert reason(client().post("/control-room/tokens", content=body)) == (400, "INVALID_ARGUMENT")


def test_the_tenants_are_those_of_the_database_by_name(database: Database) -> None:
    with connect(database.admin) as connection:
        second, first = add_tenant(connection, "Zoe's"), add_tenant(connection, "<b>Ada's</b>")
    assert tenants_of(database.admin) == [Tenant(first, "<b>Ada's</b>"), Tenant(second, "Zoe's")]
