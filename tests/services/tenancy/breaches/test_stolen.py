"""What a stolen store opens depends on what was kept in it; an endpoint that gives a token to anybody gives all."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx
import pytest

from companion.services.serving import running
from companion.services.tenancy.breaches.stolen import (
    DAY,
    FILES,
    HOUR,
    Clock,
    Opened,
    accounts,
    files_service,
    hoard,
    in_flight,
    steal,
    still_good,
)
from companion.services.tenancy.tokens import Issuer, Verifier


@pytest.fixture(scope="module")
def keys() -> Issuer:
    return Issuer("https://issuer.example")


def test_a_hoard_opens_every_account_for_a_day_and_what_is_in_flight_a_few_for_minutes(keys: Issuer) -> None:
    clock = Clock()
    issuer = Issuer(keys.name, [keys.signing], clock=clock)
    everybody = accounts(30)
    kept, flying = hoard(issuer, everybody), in_flight(issuer, everybody[:3], clock)
    assert len(kept) == 30 and len(flying) == 6
    seen = []
    for wait in (0, 299, 300, DAY - 1, DAY):
        clock.now = Clock().now + wait
        seen.append((steal(kept, issuer, clock), steal(flying, issuer, clock)))
    all_of_it, few, nothing = Opened(30, 30), Opened(3, 0), Opened(0, 0)
    assert seen == [
        (all_of_it, few), (all_of_it, few), (all_of_it, nothing), (all_of_it, nothing), (nothing, nothing)
    ]  # fmt: skip


def test_services_that_take_no_token_of_a_day_make_the_hoard_worthless(keys: Issuer) -> None:
    clock = Clock()
    issuer = Issuer(keys.name, [keys.signing], clock=clock)
    assert steal(hoard(issuer, accounts(3)), issuer, clock, longest=900) == Opened(0, 0)


@pytest.mark.parametrize("life", [300, 12 * HOUR])
def test_the_share_that_is_still_good_falls_in_a_line(keys: Issuer, life: int) -> None:
    clock = Clock()
    issuer = Issuer(keys.name, [keys.signing], clock=clock)
    stolen = []
    for number in range(60):  # at any moment of their life
        clock.now = Clock().now - life * number / 60
        stolen += hoard(issuer, accounts(1), seconds=life)
    for wait in (0, life / 4, life / 2, life):
        clock.now = Clock().now + wait
        good = steal(stolen, issuer, clock).accounts
        assert good / 60 == pytest.approx(still_good(life, wait), abs=1 / 60 + 1e-9)


def test_a_file_is_given_to_whose_it_is_and_to_an_administrator(keys: Issuer) -> None:
    a, b = uuid4(), uuid4()
    verifier = Verifier(keys.jwks(), keys.name, FILES)
    with running(files_service(verifier, {a: "of A", b: "of B"})) as address, httpx.Client(trust_env=False) as web:

        def ask(tenant: UUID, token: str = "") -> tuple[int, object]:
            headers = {"authorization": f"Bearer {token}"} if token else {}
            answer = web.get(f"http://{address}/files/{tenant}", headers=headers)
            return answer.status_code, answer.json().get("file")

        own = keys.token(a, "ada", ["read"], FILES)
        assert ask(a, own) == (200, "of A") and ask(b, own) == (403, None)
        assert ask(b, keys.token(a, "root", ["admin"], FILES)) == (200, "of B")
        assert ask(a) == (401, None) and ask(a, keys.token(a, "ada", ["read"], "mcp")) == (401, None)
