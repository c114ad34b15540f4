"""A development issuer's keys, in a folder that nobody else can read.

    issuer = open_issuer(Path("keys"))
    issuer.rotate()
    keep(issuer, Path("keys"))

The first use makes the folder and one key. All of them lie in one file, so that whoever reads it while it changes sees
the old set or the new one. An issuer in production would not have its keys in files at all: it would ask a service to
sign that does not give them away.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from companion.errors import CompanionError
from companion.files import replace_file
from companion.services.tenancy.tokens import Issuer, Key

NAME = "https://issuer.example"
"""What a development issuer calls itself."""

FILE = "private-keys.json"


class KeysError(CompanionError, RuntimeError):
    """The keys cannot be read, or others could read them; the message says which file, and nothing that is in it."""


def open_issuer(folder: Path, name: str = NAME) -> Issuer:
    """Give the issuer whose keys lie in a folder; the first time they are made.

    Parameters
    ----------
    folder : Path
        It is made if need be, for its owner alone.
    name : str
        What its tokens are to say in ``iss``.

    Raises
    ------
    KeysError
        If the folder or its file can be read by others, cannot be made, or has no keys.
    """
    file = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _insist_on_privacy(folder)
        if not file.exists():
            _create(file, _as_text(Issuer(name)))
        _insist_on_privacy(file)
        keys, signing = _read(file.read_text("utf-8"))
    except OSError as error:
        raise KeysError(f"{error.filename or folder}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise KeysError(f"{file}: these are no keys that `companion token` has written") from None
    issuer = Issuer(name, keys)
    issuer.signing = next(key for key in keys if key.kid == signing)
    return issuer


def keep(issuer: Issuer, folder: Path) -> None:
    """Write the keys of an issuer in the place of those that lie there.

    Raises
    ------
    KeysError
        If they cannot be written.
    """
    try:
        replace_file(folder / FILE, _as_text(issuer), mode=0o600)
    except OSError as error:
        raise KeysError(f"{error.filename or folder}: {error.strerror}") from None


def _create(file: Path, text: str) -> None:
    """Write a file unless it is there: of two processes that come first, one is, and both read its keys."""
    ready = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(ready, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
        os.link(ready, file)
    except FileExistsError:
        pass  # the other one was first
    finally:
        ready.unlink(missing_ok=True)


def _insist_on_privacy(path: Path) -> None:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeysError(f"{path}: others may read it; chmod go= it, and rotate the keys if others may have read them")


def _as_text(issuer: Issuer) -> str:
    return json.dumps({"signing": issuer.signing.kid, "keys": [_as_pem(key.private) for key in issuer.keys]}, indent=1)


def _as_pem(private: rsa.RSAPrivateKey) -> str:
    plain = serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def _read(text: str) -> tuple[list[Key], str]:
    found: dict[str, Any] = json.loads(text)
    keys = [Key.of(_private(pem)) for pem in found["keys"]]
    signing: str = found["signing"]
    if signing not in [key.kid for key in keys]:
        raise ValueError(signing)
    return keys, signing


def _private(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("no RSA key")
    return key
