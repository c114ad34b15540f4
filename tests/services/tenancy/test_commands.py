"""`companion token` prints a token and nothing else, and its keys rotate while tokens are out."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from companion.cli import app
from companion.services.tenancy.keys import NAME
from companion.services.tenancy.tokens import InvalidToken, Verifier

TENANT = "0a000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("issuer") / "keys"


def token(keys: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["token", *words], env={"COMPANION_ISSUER_DIRECTORY": str(keys)})


def verifier(keys: Path, audience: str = "mcp") -> Verifier:
    return Verifier(json.loads(token(keys, "--jwks").stdout), NAME, audience)


def test_a_token_stands_alone_on_stdout_and_says_what_was_asked_for(keys: Path) -> None:
    asked = ["--user", "ada", "--scope", "read", "--scope", "write", "--audience", "a2a", "--seconds", "60"]
    ran = token(keys, TENANT, *asked)
    assert (ran.exit_code, ran.stderr) == (0, "") and len(ran.stdout.split()) == 1
    claims = verifier(keys, "a2a").verify(ran.stdout.strip())
    assert claims.tenant == UUID(TENANT) and claims.user == "ada" and claims.scopes == {"read", "write"}
    assert claims.expires - claims.issued == 60


def test_by_default_it_may_read_for_five_minutes(keys: Path) -> None:
    claims = verifier(keys).verify(token(keys, TENANT).stdout.strip())
    assert claims.scopes == {"read"} and claims.expires - claims.issued == 300


def test_the_public_keys_are_public(keys: Path) -> None:
    shown = json.loads(token(keys, "--jwks").stdout)
    assert [set(key) for key in shown["keys"]] == [{"kty", "kid", "use", "alg", "n", "e"}]


def test_a_key_is_published_then_signs_and_the_old_one_is_withdrawn(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    old, before = token(keys, TENANT).stdout.strip(), verifier(keys)
    (first,) = [key["kid"] for key in json.loads(token(keys, "--jwks").stdout)["keys"]]
    second = token(keys, "--publish").stdout.strip()
    seen = verifier(keys)
    assert before.verify(token(keys, TENANT).stdout.strip()), "it does not sign yet"
    assert token(keys, "--rotate").stdout.strip() == second
    new = token(keys, TENANT).stdout.strip()
    assert seen.verify(old) and seen.verify(new)
    assert token(keys, "--withdraw", first).exit_code == 0
    assert verifier(keys).verify(new)
    with pytest.raises(InvalidToken):
        verifier(keys).verify(old)
    refused = token(keys, "--withdraw", second)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("companion token: this key signs: rotate first")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "name one thing: a TENANT, --jwks, --publish, --rotate or --withdraw KID"),
        ([TENANT, "--jwks"], "name one thing: a TENANT, --jwks, --publish, --rotate or --withdraw KID"),
        (["tenant-1"], "'tenant-1' is no tenant: a tenant is a UUID"),
        ([TENANT, "--scope", "read write"], "--scope 'read write': a scope is one word"),
        ([TENANT, "--scope", ""], "--scope '': a scope is one word"),
        (["--withdraw", "x"], "no key has this kid"),
        ([TENANT, "--keys", "/dev/null/keys"], "/dev/null/keys: Not a directory"),
    ],
)
def test_a_refusal_is_one_line(keys: Path, words: list[str], why: str) -> None:
    ran = token(keys, *words)
    assert (ran.exit_code, ran.stdout, ran.stderr) == (2, "", f"companion token: {why}\n")


def test_nobody_gets_a_token_for_a_day(keys: Path) -> None:
    ran = token(keys, TENANT, "--seconds", "86400")
    assert ran.exit_code == 2 and ran.stdout == ""
