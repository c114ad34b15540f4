"""`companion token` prints a token and nothing else; `companion tenancy check` finds holes and exits 1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from companion.cli import app
from companion.services.database import Database, Server, connect
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


def tenancy_check(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["tenancy", "check", *words], env={"COMPANION_DATABASE": None, **environment})


def test_a_database_without_holes_is_fine(database: Database) -> None:
    ran = tenancy_check(database.admin)
    assert (ran.exit_code, ran.stderr) == (0, "")
    first, note = ran.stdout.splitlines()
    assert first.endswith(", as companion_app may use it: leak 0, fault 0, price 0")
    assert note.startswith("note: in ") and "the tenant is a setting" in note


def test_a_hole_is_told_with_proof_and_cure_and_the_status_is_one(database: Database, tmp_path: Path) -> None:
    with connect(database.admin) as connection:
        connection.execute("alter table documents no force row level security")
    ran = tenancy_check(database.app, "--json", str(tmp_path / "report.json"))
    assert (ran.exit_code, ran.stderr) == (1, "")
    assert "leak: public.documents: the owner, and each function and view of the owner, reads every row" in ran.stdout
    assert "alter table public.documents force row level security;" in ran.stdout
    written: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
    assert [one["rule"] for one in written["findings"]] == ["no-force"]


def test_json_stands_alone_on_stdout_and_an_address_may_come_from_the_environment(database: Database) -> None:
    ran = tenancy_check("--json", "-", COMPANION_DATABASE=database.app)
    assert ran.exit_code == 0 and json.loads(ran.stdout)["findings"] == []


def test_a_role_and_a_shared_table_are_named(database: Database) -> None:
    with connect(database.admin) as connection:
        connection.execute("create table countries (name text); grant select on countries to public")
    assert tenancy_check(database.app).exit_code == 1
    assert tenancy_check(database.app, "--shared", "public.countries", "--role", "companion_app").exit_code == 0


def test_what_cannot_be_checked_is_one_line(database: Database, server: Server, tmp_path: Path) -> None:
    assert server
    for words, why in (
        (["postgresql://x:y@127.0.0.1:9/z"], 'connection failed: connection to server at "127.0.0.1", port 9 failed'),
        (["mysql://x"], "this is no address of a database"),
        ([database.app, "--role", "nobody_here"], "there is no role 'nobody_here'"),
        ([database.app, "--shared", "nowhere"], 'relation "nowhere" does not exist'),
        ([database.app, "--json", "/nowhere/report.json"], "--json /nowhere/report.json: No such file or directory"),
        ([], f"no server runs in {tmp_path}: name a database, postgresql://..."),
    ):
        ran = tenancy_check(*words, COMPANION_DATABASE_DIRECTORY=str(tmp_path))
        assert (ran.exit_code, ran.stdout) == (2, "") and ran.stderr.count("\n") == 1
        assert ran.stderr.startswith(f"companion tenancy check: {why}"), ran.stderr
