"""What comes of an exchange is never more than what went in, and says who acts."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.services.tenancy.breaches.stolen import Clock
from companion.services.tenancy.exchange import Exchange, ExchangeRefused
from companion.services.tenancy.tokens import InvalidToken, Issuer, Key, Verifier

TENANT = UUID(int=0xA)
CLOCK = Clock()
ISSUER = Issuer("https://issuer.example", clock=CLOCK)
EXCHANGE = Exchange(ISSUER, {"a2a": {"mcp"}}, CLOCK)
SCOPES = ("read", "write", "delete")


def verifier(audience: str) -> Verifier:
    return Verifier(ISSUER.jwks(), ISSUER.name, audience, clock=CLOCK)


def test_the_users_token_is_refused_by_the_next_service_and_what_it_is_exchanged_for_by_the_agent() -> None:
    own = ISSUER.token(TENANT, "ada", ["read", "write"], "a2a")
    with pytest.raises(InvalidToken, match="it is for another service"):
        verifier("mcp").verify(own)
    exchanged = EXCHANGE(own, agent="a2a", audience="mcp", scopes=["read"])
    claims = verifier("mcp").verify(exchanged)
    assert (claims.tenant, claims.user, claims.actor) == (TENANT, "ada", "a2a") and claims.scopes == {"read"}
    with pytest.raises(InvalidToken):
        verifier("a2a").verify(exchanged)


@given(
    st.sets(st.sampled_from(SCOPES)), st.sets(st.sampled_from(SCOPES)), st.integers(1, 900), st.integers(1, 900),
    st.integers(0, 899),
)  # fmt: skip
def test_it_is_never_more_than_what_went_in(
    held: set[str], wanted: set[str], seconds: int, asked: int, later: int
) -> None:
    clock = Clock()
    issuer = Issuer(ISSUER.name, [ISSUER.signing], clock=clock)
    own = issuer.token(TENANT, "ada", held, "a2a", seconds)
    before = Verifier(issuer.jwks(), issuer.name, "a2a", clock=clock).verify(own)
    clock.now += later
    try:
        exchanged = Exchange(issuer, {"a2a": {"mcp"}}, clock)(
            own, agent="a2a", audience="mcp", scopes=wanted, seconds=asked
        )
    except InvalidToken:
        assert later >= seconds
        return
    except ExchangeRefused:
        assert not wanted <= held
        return
    after = Verifier(issuer.jwks(), issuer.name, "mcp", clock=clock).verify(exchanged)
    assert after.scopes == wanted <= held and after.expires <= before.expires and after.tenant == before.tenant
    assert after.expires - clock.now <= asked


@pytest.mark.parametrize(
    ("agent", "audience", "scopes", "why"),
    [
        ("a2a", "payments", ["read"], "a2a may not act at payments"),
        ("a2a", "mcp", ["read", "delete", "admin"], "the user has not allowed a2a to admin, delete"),
    ],
)
def test_what_is_not_allowed_is_refused(agent: str, audience: str, scopes: list[str], why: str) -> None:
    own = ISSUER.token(TENANT, "ada", ["read"], agent)
    with pytest.raises(ExchangeRefused) as error:
        EXCHANGE(own, agent=agent, audience=audience, scopes=scopes)
    assert str(error.value) == why


def test_an_agent_exchanges_no_token_that_is_not_for_it_nor_one_that_does_not_hold() -> None:
    for token in (
        ISSUER.token(TENANT, "ada", ["read"], "mcp"),
        Issuer(ISSUER.name, [Key.new()], clock=CLOCK).token(TENANT, "ada", ["read"], "a2a"),
    ):
        with pytest.raises(InvalidToken):
            EXCHANGE(token, agent="a2a", audience="mcp", scopes=["read"])
    with pytest.raises(ExchangeRefused, match="stranger may not act at mcp"):
        EXCHANGE(ISSUER.token(TENANT, "ada", [], "stranger"), agent="stranger", audience="mcp", scopes=[])
