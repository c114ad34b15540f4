"""A verifier accepts what its issuer signed for it, now, for minutes; and nothing that was forged, or changed."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from companion.errors import CompanionError
from companion.services.tenancy.forgeries import by_hand, encoded
from companion.services.tenancy.tokens import InvalidKeys, InvalidToken, Issuer, Key, Verifier

NAME, SERVICE = "https://issuer.example", "mcp"
TENANT = UUID("0a000000-0000-4000-8000-000000000001")
ISSUER = Issuer(NAME)
KEY = ISSUER.signing
VERIFIER = Verifier(ISSUER.jwks(), NAME, SERVICE)


def payload(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    said = {
        "iss": NAME, "sub": "ada", "aud": SERVICE, "iat": now, "exp": now + 300, "jti": "1", "tenant": str(TENANT),
        "scope": "read",
    }  # fmt: skip
    return {name: value for name, value in (said | changed).items() if value is not ...}


def signed(said: Any, key: Any = None, algorithm: str = "RS256", **header: Any) -> str:
    """Sign what an honest issuer would not."""
    text = said if isinstance(said, bytes) else json.dumps(said).encode()
    head = {"kid": KEY.kid, **header}
    return jwt.PyJWS().encode(text, key or KEY.private, algorithm, headers=head)


def lacking(claim: str, value: Any) -> str:
    return signed(payload(**{claim: value}))


def refusal(token: Any, verifier: Verifier = VERIFIER) -> str:
    with pytest.raises(InvalidToken) as caught:
        verifier.verify(token)
    return str(caught.value)


def test_a_verifier_reads_what_the_issuer_wrote() -> None:
    before = int(time.time())
    token = ISSUER.token(TENANT, "ada", ["write", "read", "read"], SERVICE, seconds=60)
    claims = VERIFIER.verify(token)
    assert (claims.tenant, claims.user) == (TENANT, "ada") and claims.scopes == {"read", "write"}
    assert before <= claims.issued <= time.time() and claims.expires == claims.issued + 60
    assert claims.actor is None and UUID(claims.jti)
    assert VERIFIER.verify(ISSUER.token(TENANT, "ada", [], SERVICE, actor="agent")).actor == "agent"


def test_no_two_tokens_have_one_number() -> None:
    tokens = [ISSUER.token(TENANT, "ada", ["read"], SERVICE) for _ in range(10)]
    assert len({VERIFIER.verify(token).jti for token in tokens}) == 10


PEM = KEY.private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
OTHER = Key.new()
EC = ec.generate_private_key(ec.SECP256R1())


def in_seconds(seconds: float) -> float:
    """Give a moment from now: a test may run long after its module was read."""
    return int(time.time()) + seconds


FORGERIES: dict[str, tuple[Callable[[], str], str]] = {
    "alg none, without a signature": (
        lambda: by_hand({"alg": "none", "kid": KEY.kid}, payload()), "it is not signed by RS256"),
    "alg None, spelt so that a list of forbidden words misses it": (
        lambda: by_hand({"alg": "nOnE", "kid": KEY.kid}, payload()), "it is not signed by RS256"),
    "HS256, with the public key as the secret": (
        lambda: by_hand({"alg": "HS256", "kid": KEY.kid}, payload(), PEM), "it is not signed by RS256"),
    "RS256 in the header, with an HMAC by the public key": (
        lambda: by_hand({"alg": "RS256", "kid": KEY.kid}, payload(), PEM), "its signature is wrong"),
    "the signature cut off": (
        lambda: ISSUER.token(TENANT, "ada", [], SERVICE).rpartition(".")[0] + ".", "its signature is wrong"),
    "another key under our kid": (lambda: signed(payload(), OTHER.private), "its signature is wrong"),
    "another key that travels in the token": (
        lambda: signed(payload(), OTHER.private, jwk=OTHER.public()), "its signature is wrong"),
    "another key, to be fetched from an address in the token": (
        lambda: signed(payload(), OTHER.private, kid="x", jku="https://evil.example/jwks.json"),
        "it is signed by a key that the issuer does not publish"),
    "a kid that is a path": (
        lambda: signed(payload(), OTHER.private, kid="../../dev/null"),
        "it is signed by a key that the issuer does not publish"),
    "a kid that is no text": (
        lambda: by_hand({"alg": "RS256", "kid": [KEY.kid]}, payload()), "its header cannot be read"),
    "no kid": (lambda: by_hand({"alg": "RS256"}, payload()), "it is signed by a key that the issuer does not publish"),
    "ES256": (lambda: signed(payload(), EC, "ES256"), "it is not signed by RS256"),
    "RS512 by the right key": (lambda: signed(payload(), algorithm="RS512"), "it is not signed by RS256"),
    "a critical extension that nobody knows": (
        lambda: signed(payload(), crit=["exp"], exp=1), "its header cannot be read"),
    "expired": (lambda: signed(payload(iat=in_seconds(-400), exp=in_seconds(-100))), "it has expired"),
    "not valid yet": (lambda: signed(payload(nbf=in_seconds(100))), "it is not valid yet"),
    "issued in the future": (lambda: signed(payload(iat=in_seconds(100), exp=in_seconds(200))), "it is not valid yet"),
    "for another service": (lambda: signed(payload(aud="a2a")), "it is for another service"),
    "for us and another service": (lambda: signed(payload(aud=[SERVICE, "a2a"])), "it is for another service"),
    "for a list of us alone": (lambda: signed(payload(aud=[SERVICE])), "it is for another service"),
    "of another issuer": (lambda: signed(payload(iss="https://evil.example")), "it is of another issuer"),
    "good until the year 9999": (
        lambda: signed(payload(exp=253402300799)),
        "it was issued for longer than 900 seconds, or for no time at all"),
    "good for longer than is allowed": (
        lambda: signed(payload(exp=in_seconds(86400))),
        "it was issued for longer than 900 seconds, or for no time at all"),
    "a time of expiry that is text": (
        lambda: signed(payload(exp=str(in_seconds(100)))), "its times are no whole seconds"),
    "a time of expiry with a fraction": (
        lambda: signed(payload(exp=in_seconds(100.5))), "its times are no whole seconds"),
    "a time of issue that is true": (lambda: signed(payload(iat=True)), "its times are no whole seconds"),
    "a time of issue that is text": (lambda: signed(payload(iat="now")), "its times are no whole seconds"),
    "a time that is no number": (
        lambda: signed(json.dumps(payload(exp=float("nan"))).encode()), "it cannot be read"),
    "a time without end": (lambda: signed(json.dumps(payload(exp=float("inf"))).encode()), "it cannot be read"),
    "the tenant twice": (
        lambda: signed(json.dumps(payload()).replace("{", f'{{"tenant": "{uuid4()}", ', 1).encode()),
        "it cannot be read"),
    "a name twice, deep inside": (
        lambda: signed(json.dumps(payload(act=...))[:-1].encode() + b', "act": {"sub": "a", "sub": "b"}}'),
        "it cannot be read"),
    "the kid twice": (
        lambda: encoded(f'{{"alg": "RS256", "kid": "x", "kid": "{KEY.kid}"}}'.encode()) + ".e30.",
        "its header cannot be read"),
    "a tenant that is no UUID": (lambda: signed(payload(tenant="tenant-1")), "its tenant is no UUID"),
    "a tenant spelt another way": (lambda: signed(payload(tenant=f"{{{TENANT}}}")), "its tenant is no UUID"),
    "a list of tenants": (lambda: signed(payload(tenant=[str(TENANT)])), "its tenant is no text"),
    "a tenant with SQL behind it": (lambda: signed(payload(tenant=f"{TENANT}' or 1=1 --")), "its tenant is no UUID"),
    "a list of scopes": (lambda: signed(payload(scope=["read"])), "its scope is no text"),
    "nobody": (lambda: signed(payload(sub="")), "its sub is no text"),
    "a user who is a number": (lambda: signed(payload(sub=1)), "it cannot be read"),
    "an actor who is nobody": (lambda: signed(payload(act={})), "its act names nobody"),
    "a list in place of claims": (lambda: signed([1]), "it cannot be read"),
    "no JSON": (lambda: signed(b"tenant=a"), "it cannot be read"),
    "JSON that nests too deep": (lambda: signed(b"[" * 3000), "it cannot be read"),
    "a header that nests too deep": (lambda: encoded(b"[" * 5000) + ".e30.", "its header cannot be read"),
    "two parts": (lambda: "e30.e30", "its header cannot be read"),
    "nothing": (lambda: "", "its header cannot be read"),
    "too long": (lambda: signed(payload(note="x" * 9000)), "it is no text of at most 8192 characters"),
    **{
        f"without {claim}": (functools.partial(lacking, claim, ...), f"it has no {claim}")
        for claim in ("iss", "sub", "aud", "iat", "exp", "jti", "tenant", "scope")
    },
    **{
        f"{claim} null": (functools.partial(lacking, claim, None), f"it has no {claim}")
        for claim in ("tenant", "exp", "jti")
    },
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_is_refused_for_its_own_reason(name: str) -> None:
    forge, why = FORGERIES[name]
    assert refusal(forge()) == why


@pytest.mark.parametrize("name", FORGERIES)
def test_a_refusal_tells_nothing_of_the_token(name: str) -> None:
    token = FORGERIES[name][0]()
    said = refusal(token)
    assert "\n" not in said and not any(part and part in said for part in token.split("."))
    assert str(TENANT) not in said and "evil" not in said


@pytest.mark.parametrize("thing", [None, 1, b"e30.e30.", ["e30.e30."]])
def test_what_is_no_text_is_no_token(thing: Any) -> None:
    assert refusal(thing) == "it is no text of at most 8192 characters"


@given(st.data())
def test_no_character_of_a_token_can_be_changed(data: st.DataObject) -> None:
    token = ISSUER.token(TENANT, "ada", ["read"], SERVICE)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCdef019-_.=").filter(lambda letter: letter != token[at]))
    refusal(token[:at] + other + token[at + 1 :])


@given(st.one_of(st.text(), st.binary().map(encoded), st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True)))
def test_any_text_is_refused_in_one_line(text: str) -> None:
    assert "\n" not in refusal(text)


def test_clocks_may_differ_by_the_leeway_and_no_more() -> None:
    lenient = Verifier(ISSUER.jwks(), NAME, SERVICE, leeway=30)

    def off(seconds: float) -> str:
        issuer = Issuer(NAME, [KEY], clock=lambda: time.time() + seconds)
        return issuer.token(TENANT, "ada", [], SERVICE, seconds=10)

    assert lenient.verify(off(-20)) and lenient.verify(off(20))
    assert refusal(off(60), lenient) == "it is not valid yet" and refusal(off(-60), lenient) == "it has expired"


def test_a_verifier_may_allow_hours_if_it_must() -> None:
    token = ISSUER.token(TENANT, "ada", [], SERVICE, seconds=12 * 3600)
    assert Verifier(ISSUER.jwks(), NAME, SERVICE, longest=24 * 3600).verify(token).user == "ada"
    refusal(token)


def test_keys_rotate_while_tokens_are_out() -> None:
    issuer = Issuer(NAME)
    old = issuer.token(TENANT, "ada", [], SERVICE)
    verifier = Verifier(issuer.jwks(), NAME, SERVICE)

    issuer.publish()  # first it is shown, and signs nothing
    assert verifier.verify(issuer.token(TENANT, "ada", [], SERVICE))
    first = issuer.signing.kid
    verifier.learn(issuer.jwks())

    assert issuer.rotate() != first
    new = issuer.token(TENANT, "ada", [], SERVICE)
    assert verifier.verify(old) and verifier.verify(new)

    issuer.withdraw(first)
    assert verifier.verify(old)  # who has not heard of it still accepts
    verifier.learn(issuer.jwks())
    assert refusal(old, verifier) == "it is signed by a key that the issuer does not publish"
    assert verifier.verify(new)


def test_a_key_that_signs_before_it_was_seen_is_refused() -> None:
    issuer = Issuer(NAME, [KEY])
    verifier = Verifier(issuer.jwks(), NAME, SERVICE)
    issuer.rotate()
    token = issuer.token(TENANT, "ada", [], SERVICE)
    assert refusal(token, verifier) == "it is signed by a key that the issuer does not publish"
    verifier.learn(issuer.jwks())
    assert verifier.verify(token)


def test_the_key_that_signs_cannot_be_withdrawn_nor_one_that_is_not_there() -> None:
    issuer = Issuer(NAME, [KEY])
    for kid in (KEY.kid, "unknown"):
        with pytest.raises(InvalidKeys):
            issuer.withdraw(kid)
    assert issuer.jwks() == ISSUER.jwks()


def test_public_keys_have_nothing_private_in_them() -> None:
    assert set(ISSUER.jwks()["keys"][0]) == {"kty", "kid", "use", "alg", "n", "e"}
    assert Key.of(KEY.private).kid == KEY.kid  # and the kid depends on nothing but the key


WEAK = rsa.generate_private_key(public_exponent=65537, key_size=1024)


@pytest.mark.parametrize(
    ("jwks", "why"),
    [
        ({}, "there is no public RSA key"),
        ([], "there is no public RSA key"),
        ({"keys": []}, "there is no public RSA key"),
        ({"keys": "x"}, "there is no public RSA key"),
        ({"keys": [1, None, {"kty": "RSA"}]}, "there is no public RSA key"),
        ({"keys": [Key.of(WEAK).public()]}, "there is no public RSA key"),
        ({"keys": [KEY.public() | {"kid": None}]}, "there is no public RSA key"),
        ({"keys": [KEY.public() | {"use": "enc"}]}, "there is no public RSA key"),
        ({"keys": [KEY.public() | {"alg": "PS256"}]}, "there is no public RSA key"),
        ({"keys": [{"kty": "oct", "kid": KEY.kid, "k": "c2VjcmV0"}]}, "there is no public RSA key"),
        ({"keys": [KEY.public(), KEY.public()]}, "two public keys have one kid"),
    ],
)
def test_keys_that_verify_nothing_are_refused(jwks: Any, why: str) -> None:
    with pytest.raises(InvalidKeys, match=why):
        Verifier(jwks, NAME, SERVICE)
    verifier = Verifier(ISSUER.jwks(), NAME, SERVICE)
    with pytest.raises(InvalidKeys, match=why):
        verifier.learn(jwks)
    assert verifier.verify(ISSUER.token(TENANT, "ada", [], SERVICE))  # and those known are kept


def test_keys_of_other_kinds_stand_in_nobodys_way() -> None:
    others = [{"kty": "EC", "kid": "e", "crv": "P-256", "x": "AA", "y": "AA"}, {"kty": "oct", "k": "AA"}]
    mixed = {"keys": [*others, Key.of(WEAK).public(), *ISSUER.jwks()["keys"]]}
    verifier = Verifier(mixed, NAME, SERVICE)
    assert verifier.verify(ISSUER.token(TENANT, "ada", [], SERVICE))
    weak = Key.of(WEAK)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = signed(payload(), WEAK, kid=weak.kid)
    assert refusal(token, verifier) == "it is signed by a key that the issuer does not publish"


def test_refusals_are_errors_of_this_package() -> None:
    assert issubclass(InvalidToken, CompanionError) and issubclass(InvalidKeys, CompanionError)
