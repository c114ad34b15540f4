"""An issuer's keys lie where nobody else can read them, and the same ones are there the next time."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from companion.services.tenancy.keys import FILE, NAME, KeysError, keep, open_issuer
from companion.services.tenancy.tokens import Verifier

TENANT = UUID(int=0xA)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("issuer") / "keys"
    open_issuer(folder)
    return folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_keys_are_for_their_owner_alone(used: Path) -> None:
    assert (mode(used), mode(used / FILE)) == (0o700, 0o600)
    assert [path.name for path in used.iterdir()] == [FILE]


def test_the_same_issuer_is_there_the_next_time(used: Path) -> None:
    first, second = open_issuer(used), open_issuer(used)
    assert first.jwks() == second.jwks() and first.signing.kid == second.signing.kid
    verifier = Verifier(second.jwks(), NAME, "mcp")
    assert verifier.verify(first.token(TENANT, "ada", ["read"], "mcp")).tenant == TENANT


def test_a_rotation_is_kept_with_what_was_published_and_what_signs(tmp_path: Path) -> None:
    issuer = open_issuer(tmp_path / "keys")
    first, second = issuer.signing.kid, issuer.publish()
    keep(issuer, tmp_path / "keys")
    published = open_issuer(tmp_path / "keys")
    assert published.signing.kid == first and [key.kid for key in published.keys] == [first, second]
    assert published.rotate() == second
    published.withdraw(first)
    keep(published, tmp_path / "keys")
    assert open_issuer(tmp_path / "keys").jwks() == published.jwks()
    assert mode(tmp_path / "keys" / FILE) == 0o600


def test_of_two_who_come_first_one_makes_the_keys_and_both_use_them(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        issuers = list(pool.map(lambda _: open_issuer(tmp_path / "keys"), range(4)))
    assert len({issuer.signing.kid for issuer in issuers}) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == [FILE]


@pytest.mark.parametrize("open_to", [0o040, 0o004, 0o020])
def test_keys_that_others_can_read_are_not_used(used: Path, tmp_path: Path, open_to: int) -> None:
    for path in (used, used / FILE):
        before = mode(path)
        path.chmod(before | open_to)
        try:
            with pytest.raises(KeysError, match="others may read it"):
                open_issuer(used)
        finally:
            path.chmod(before)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"signing": "x", "keys": []}', '{"signing": "x", "keys": ["PEM"]}'])
def test_a_file_of_something_else_is_named_and_not_shown(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    (tmp_path / FILE).chmod(0o600)
    tmp_path.chmod(0o700)
    with pytest.raises(KeysError, match="these are no keys") as error:
        open_issuer(tmp_path)
    assert str(error.value).startswith(str(tmp_path / FILE))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeysError, match="file"):
        open_issuer(tmp_path / "file" / "keys")
    issuer = open_issuer(tmp_path / "keys")
    with pytest.raises(KeysError, match="file"):
        keep(issuer, tmp_path / "file")
