"""Tokens as attackers write them, and as careless issuers do: all of them are to be refused.

    for name, token in forgeries(issuer, audience="mcp", tenant=tenant).items():
        ...

Some are signed by the issuer's own key: they stand for what an honest issuer would not write, but a service must not
take, such as a token for another service. Test your servers with them, over the wire.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from companion.services.tenancy.tokens import Issuer, Key

FAR = 253_402_300_799
"""The last second of the year 9999."""


def forgeries(issuer: Issuer, audience: str, tenant: UUID) -> dict[str, str]:
    """Give tokens that a service is to refuse, by what is wrong with them.

    Parameters
    ----------
    issuer : Issuer
        Whom the service trusts.
    audience : str
        The service.
    tenant : UUID
        Whose rows the forger wants.
    """
    now = int(time.time())
    said = {
        "iss": issuer.name, "sub": "ada", "aud": audience, "iat": now, "exp": now + 300, "jti": str(uuid4()),
        "tenant": str(tenant), "scope": "read",
    }  # fmt: skip
    return {**_of_others(issuer, said), **_of_ours(issuer, said, now)}


def _of_others(issuer: Issuer, said: dict[str, Any]) -> dict[str, str]:
    """Write tokens without the issuer's key."""
    key = issuer.signing
    public = key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    other, elliptic = Key.new(), ec.generate_private_key(ec.SECP256R1())
    honest = sign(key, said)
    return {
        "alg none": by_hand({"alg": "none", "kid": key.kid}, said),
        "alg nOnE": by_hand({"alg": "nOnE", "kid": key.kid}, said),
        "HS256 by the public key": by_hand({"alg": "HS256", "kid": key.kid}, said, public),
        "an HMAC called RS256": by_hand({"alg": "RS256", "kid": key.kid}, said, public),
        "the signature cut off": honest.rpartition(".")[0] + ".",
        "another tenant, the old signature": _with_claims(honest, said | {"tenant": str(uuid4())}),
        "another key": sign(other, said, kid=key.kid),
        "another key, inside the token": sign(other, said, kid=key.kid, jwk=other.public()),
        "another key, at an address": sign(other, said, jku="https://evil.example/jwks.json"),
        "another algorithm": jwt.encode(said, elliptic, "ES256", headers={"kid": key.kid}),
    }


def _of_ours(issuer: Issuer, said: dict[str, Any], now: int) -> dict[str, str]:
    """Write tokens with the issuer's key that it should not have written, or that are not for us, or not now."""
    key = issuer.signing

    def changed(**claims: Any) -> str:
        return sign(key, {name: value for name, value in (said | claims).items() if value is not ...})

    twice = json.dumps(said).replace("{", f'{{"tenant": "{uuid4()}", ', 1)
    return {
        "expired": changed(iat=now - 400, exp=now - 100),
        "not valid yet": changed(nbf=now + 100),
        "issued in the future": changed(iat=now + 100, exp=now + 200),
        "for another service": changed(aud="another"),
        "of another issuer": changed(iss="https://evil.example"),
        "a critical extension": sign(key, said, crit=["exp"]),
        "without an expiry": changed(exp=...),
        "without an issuer": changed(iss=...),
        "without a number": changed(jti=...),
        "for us and another service": changed(aud=[said["aud"], "another"]),
        "good until the year 9999": changed(exp=FAR),
        "an expiry in quotes": changed(exp=str(now + 300)),
        "the tenant twice": sign(key, twice.encode()),
        "no tenant": changed(tenant=...),
        "a tenant that is no UUID": changed(tenant="tenant-1"),
        "a list of tenants": changed(tenant=[said["tenant"], str(uuid4())]),
    }


def sign(key: Key, said: Mapping[str, Any] | bytes, **header: Any) -> str:
    """Sign whatever it is with RS256."""
    text = said if isinstance(said, bytes) else json.dumps(said).encode()
    return jwt.PyJWS().encode(text, key.private, "RS256", headers={"kid": key.kid, **header})


def by_hand(header: Mapping[str, Any], said: Mapping[str, Any], secret: bytes | None = None) -> str:
    """Put a token together without a library that would object; with a secret, sign it with HMAC."""
    start = ".".join(encoded(json.dumps(part).encode()) for part in (header, said))
    return f"{start}.{encoded(hmac.new(secret, start.encode(), hashlib.sha256).digest()) if secret else ''}"


def _with_claims(token: str, said: Mapping[str, Any]) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{encoded(json.dumps(said).encode())}.{signature}"


def encoded(data: bytes) -> str:
    """Write bytes as tokens do: base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
