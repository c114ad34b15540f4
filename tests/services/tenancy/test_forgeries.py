"""Every forgery is refused by our verifier, and would do what it claims if only its fault were mended."""

from __future__ import annotations

from uuid import UUID

import jwt
import pytest

from companion.services.tenancy.forgeries import forgeries, sign
from companion.services.tenancy.tokens import InvalidToken, Issuer, Verifier

ISSUER = Issuer("https://issuer.example")
KEY = ISSUER.signing
VERIFIER = Verifier(ISSUER.jwks(), ISSUER.name, "mcp")
NAMES = list(forgeries(ISSUER, "mcp", UUID(int=0xA)))


def forged(name: str) -> str:
    """Make a forgery now: a test may run long after its module was read, when all of them have expired."""
    return forgeries(ISSUER, "mcp", UUID(int=0xA))[name]


PASS_PYJWT = {
    "without an expiry", "without a number", "for us and another service", "good until the year 9999",
    "an expiry in quotes", "the tenant twice", "no tenant", "a tenant that is no UUID", "a list of tenants",
}  # fmt: skip
"""What PyJWT accepts when it is given the key, the algorithm, the audience and the issuer."""


@pytest.mark.parametrize("name", NAMES)
def test_a_forgery_is_refused(name: str) -> None:
    with pytest.raises(InvalidToken):
        VERIFIER.verify(forged(name))


@pytest.mark.parametrize("name", NAMES)
def test_what_the_library_refuses_by_itself_and_what_it_does_not(name: str) -> None:
    try:
        jwt.decode(forged(name), KEY.private.public_key(), ["RS256"], audience="mcp", issuer=ISSUER.name)
    except jwt.PyJWTError:
        assert name not in PASS_PYJWT
    else:
        assert name in PASS_PYJWT


def test_the_same_claims_without_a_fault_are_accepted() -> None:
    said = jwt.decode(forged("another key"), options={"verify_signature": False})
    assert VERIFIER.verify(sign(KEY, said)).tenant == UUID(int=0xA)
