"""Who asks? A token says it: issued by one service, verified by all others, and good for minutes.

    issuer = Issuer("https://issuer.example")
    verifier = Verifier(issuer.jwks(), issuer.name, audience="mcp")
    token = issuer.token(tenant, "ada", ["read"], audience="mcp")
    verifier.verify(token).tenant

The issuer alone has private keys; whoever verifies has the public ones, and could not sign with them. Each key has a
number, its kid, and each token says which one signed it. So keys can change while tokens are out: a new key is
published first, it signs once all verifiers have seen it, and the old one is withdrawn when its last token has expired.

A token is what its sender made of it until the signature says otherwise, and after that it still is what some issuer
wrote once, for some service, at some time. A library checks the signature. `Verifier` asks for the rest: nothing may be
missing, this issuer, this service alone, now, for minutes only, one tenant.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from companion.errors import CompanionError

ALGORITHM = "RS256"
KEY_BITS = 2048
SECONDS = 300
LONGEST_SECONDS = 900
"""The longest time between issue and expiry that a verifier accepts by default."""
LONGEST_TOKEN = 8192
"""Bytes; a longer token is refused before anything in it is read."""
CLAIMS = ("iss", "sub", "aud", "iat", "exp", "jti", "tenant", "scope")

Jwks = Mapping[str, Any]


class InvalidToken(CompanionError, ValueError):
    """A token that is refused; the message says why, and has nothing of the token in it."""


class InvalidKeys(CompanionError, ValueError):
    """A set of public keys that no token could be verified with."""


@dataclass(frozen=True)
class Claims:
    """What a token says, once it was verified.

    Attributes
    ----------
    tenant : UUID
        Whose rows may be seen.
    user : str
        Who asks.
    scopes : frozenset of str
        What the user has allowed the bearer to do.
    jti : str
        The token's own number, by which it can be revoked.
    issued, expires : int
        Seconds since 1970.
    actor : str, optional
        Who asks for the user, if the token was exchanged (RFC 8693, ``act``).
    """

    tenant: UUID
    user: str
    scopes: frozenset[str]
    jti: str
    issued: int
    expires: int
    actor: str | None = None


@dataclass(frozen=True)
class Key:
    """A private key, and its number: the thumbprint of its public part (RFC 7638), the same wherever it is computed."""

    kid: str
    private: rsa.RSAPrivateKey

    @classmethod
    def of(cls, private: rsa.RSAPrivateKey) -> Key:
        """Give a private key its number."""
        public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
        named = json.dumps({name: public[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
        digest = hashlib.sha256(named.encode()).digest()
        return cls(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), private)

    @classmethod
    def new(cls) -> Key:
        """Make a key."""
        return cls.of(rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS))

    def public(self) -> dict[str, Any]:
        """Give the public part, as a JSON Web Key."""
        numbers = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"kty": "RSA", "kid": self.kid, "use": "sig", "alg": ALGORITHM, "n": numbers["n"], "e": numbers["e"]}


class Issuer:
    """Whoever has the private keys.

    Parameters
    ----------
    name : str
        What its tokens say in ``iss``.
    keys : sequence of Key, optional
        The published ones, oldest first, of which the last signs; by default a new one.
    clock : callable
        Seconds since 1970.
    """

    def __init__(self, name: str, keys: Sequence[Key] = (), *, clock: Callable[[], float] = time.time) -> None:
        self.name = name
        self.keys = list(keys) or [Key.new()]
        self.signing = self.keys[-1]
        self._clock = clock

    def token(
        self,
        tenant: UUID,
        user: str,
        scopes: Iterable[str],
        audience: str,
        seconds: int = SECONDS,
        *,
        actor: str | None = None,
    ) -> str:
        """Sign a token.

        Parameters
        ----------
        tenant : UUID
            Whose rows may be seen with it.
        user : str
            Who asks.
        scopes : iterable of str
            What may be done with it; none of them has a space.
        audience : str
            The one service that is to accept it.
        seconds : int
            How long it is good for.
        actor : str, optional
            Who asks for the user.
        """
        now = int(self._clock())
        payload = {
            "iss": self.name, "sub": user, "aud": audience, "iat": now, "exp": now + seconds, "jti": str(uuid4()),
            "tenant": str(tenant), "scope": " ".join(sorted(set(scopes))),
        }  # fmt: skip
        if actor is not None:
            payload["act"] = {"sub": actor}
        return jwt.encode(payload, self.signing.private, ALGORITHM, headers={"kid": self.signing.kid})

    def jwks(self) -> dict[str, Any]:
        """Give the public keys, as a JSON Web Key Set (RFC 7517)."""
        return {"keys": [key.public() for key in self.keys]}

    def publish(self) -> str:
        """Make a key and show it among the public ones; it does not sign yet.

        Returns
        -------
        str
            Its kid.
        """
        self.keys.append(Key.new())
        return self.keys[-1].kid

    def rotate(self) -> str:
        """Sign with the newest key from now on, which is made if none was published since; older ones stay published.

        Returns
        -------
        str
            Its kid.
        """
        if self.signing is self.keys[-1]:
            self.publish()
        self.signing = self.keys[-1]
        return self.signing.kid

    def withdraw(self, kid: str) -> None:
        """Take a key out of the public ones: a verifier that hears of it refuses what that key has signed.

        Raises
        ------
        InvalidKeys
            If there is no such key, or it is the one that signs.
        """
        if kid == self.signing.kid:
            raise InvalidKeys("this key signs: rotate first, and withdraw it when its last token has expired")
        if kid not in [key.kid for key in self.keys]:
            raise InvalidKeys("no key has this kid")
        self.keys = [key for key in self.keys if key.kid != kid]


class Verifier:
    """Whoever accepts tokens: from one issuer, for one service.

    Parameters
    ----------
    jwks : mapping
        The issuer's public keys.
    issuer : str
        The issuer's name.
    audience : str
        This service's name.
    longest : int
        The longest time between issue and expiry, in seconds.
    leeway : int
        By how many seconds the issuer's clock may differ.
    clock : callable
        Seconds since 1970.

    Raises
    ------
    InvalidKeys
        If there is no usable key.
    """

    def __init__(
        self,
        jwks: Jwks,
        issuer: str,
        audience: str,
        *,
        longest: int = LONGEST_SECONDS,
        leeway: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.issuer, self.audience, self.longest, self.leeway = issuer, audience, longest, leeway
        self._keys, self._clock = _usable(jwks), clock

    def learn(self, jwks: Jwks) -> None:
        """Replace the public keys by those that the issuer publishes now.

        Raises
        ------
        InvalidKeys
            If there is no usable key among them; those known so far are kept.
        """
        self._keys = _usable(jwks)

    def verify(self, token: str) -> Claims:
        """Read a token.

        Raises
        ------
        InvalidToken
            If anything about it is not as it should be.
        """
        key = self._key_for(token)
        try:
            payload = _STRICT.decode(token, key, algorithms=[ALGORITHM], issuer=self.issuer, audience=self.audience)
        except jwt.MissingRequiredClaimError as error:
            raise InvalidToken(f"it has no {error.claim}") from None
        except jwt.PyJWTError as error:
            raise InvalidToken(_reason(error)) from None
        self._check_times(payload)
        return _claims(payload)

    def _key_for(self, token: str) -> rsa.RSAPublicKey:
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise InvalidToken(f"it is no text of at most {LONGEST_TOKEN} characters")
        try:
            header = jwt.get_unverified_header(token)  # which may say anything; it only chooses among our keys
            _read_strictly(_decoded(token.partition(".")[0]))
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise InvalidToken("its header cannot be read") from None
        if header.get("alg") != ALGORITHM:
            raise InvalidToken(f"it is not signed by {ALGORITHM}")
        key = self._keys.get(header.get("kid", ""))
        if key is None:
            raise InvalidToken("it is signed by a key that the issuer does not publish")
        return key

    def _check_times(self, payload: dict[str, Any]) -> None:
        issued, expires, begins = payload["iat"], payload["exp"], payload.get("nbf", 0)
        if {type(issued), type(expires), type(begins)} != {int}:
            raise InvalidToken("its times are no whole seconds")
        if not 0 < expires - issued <= self.longest:
            raise InvalidToken(f"it was issued for longer than {self.longest} seconds, or for no time at all")
        now = self._clock()
        if max(issued, begins) > now + self.leeway:
            raise InvalidToken("it is not valid yet")
        if expires <= now - self.leeway:
            raise InvalidToken("it has expired")


def _claims(payload: dict[str, Any]) -> Claims:
    for name in ("sub", "jti", "tenant"):
        if not isinstance(payload[name], str) or not payload[name]:
            raise InvalidToken(f"its {name} is no text")
    if not isinstance(payload["scope"], str):
        raise InvalidToken("its scope is no text")
    actor = payload.get("act")
    if actor is not None and not (isinstance(actor, dict) and isinstance(actor.get("sub"), str)):
        raise InvalidToken("its act names nobody")
    return Claims(
        tenant=_tenant(payload["tenant"]),
        user=payload["sub"],
        scopes=frozenset(payload["scope"].split()),
        jti=payload["jti"],
        issued=payload["iat"],
        expires=payload["exp"],
        actor=actor["sub"] if actor else None,
    )


def _tenant(text: str) -> UUID:
    """Read the one spelling of a tenant: others would be other keys of a cache, and other words in a log."""
    try:
        tenant = UUID(text)
    except ValueError:
        tenant = None
    if tenant is None or str(tenant) != text:
        raise InvalidToken("its tenant is no UUID")
    return tenant


def _usable(jwks: Jwks) -> dict[str, rsa.RSAPublicKey]:
    """Read the keys that RS256 can be verified with; a set may have others, for others."""
    keys: dict[str, rsa.RSAPublicKey] = {}
    listed = jwks.get("keys") if isinstance(jwks, Mapping) else None
    for found in listed if isinstance(listed, list) else []:
        if not isinstance(found, dict) or found.get("kty") != "RSA" or "d" in found:
            continue
        if found.get("alg", ALGORITHM) != ALGORITHM or found.get("use", "sig") != "sig":
            continue
        kid = found.get("kid")
        try:
            key = RSAAlgorithm.from_jwk(found)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            continue
        if not isinstance(kid, str) or not isinstance(key, rsa.RSAPublicKey) or key.key_size < KEY_BITS:
            continue
        if kid in keys:
            raise InvalidKeys("two public keys have one kid")
        keys[kid] = key
    if not keys:
        raise InvalidKeys(f"there is no public RSA key of at least {KEY_BITS} bits, with a kid, among these keys")
    return keys


class _StrictJWT(jwt.PyJWT):
    """PyJWT, but for JSON that two readers may read differently: a name twice, or NaN."""

    def _decode_payload(self, decoded: dict[str, Any]) -> dict[str, Any]:
        try:
            payload = _read_strictly(decoded["payload"])
        except (ValueError, RecursionError):
            raise jwt.DecodeError("payload") from None
        if not isinstance(payload, dict):
            raise jwt.DecodeError("payload")
        return payload


# Of the times PyJWT would also take "7" and 7.5 for a number, and any distance between them: see `_check_times`.
_STRICT = _StrictJWT(
    {"require": list(CLAIMS), "strict_aud": True, "enforce_minimum_key_length": True, "verify_exp": False,
     "verify_iat": False, "verify_nbf": False}
)  # fmt: skip


def _read_strictly(text: bytes) -> Any:
    return json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_number)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _reason(error: jwt.PyJWTError) -> str:
    """Say in words of ours what PyJWT found, since its own may quote the token."""
    reasons = {
        jwt.InvalidAudienceError: "it is for another service",
        jwt.InvalidIssuerError: "it is of another issuer",
        jwt.InvalidSignatureError: "its signature is wrong",
    }
    return next((words for kind, words in reasons.items() if isinstance(error, kind)), "it cannot be read")
