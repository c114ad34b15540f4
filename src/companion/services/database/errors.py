"""What this room refuses to do, each refusal by its name."""

from __future__ import annotations

from companion.errors import CompanionError


class DatabaseError(CompanionError, RuntimeError):
    """The database cannot be started, reached or used; the message says why, in one line."""


class NotInstalled(DatabaseError):
    """PostgreSQL is not here, or the user that is to run it cannot get at its programs."""


class AlreadyRunning(DatabaseError):
    """A server runs in this directory, or somebody is just starting one."""


class NotRunning(DatabaseError):
    """No server runs in this directory."""


class StartFailed(DatabaseError):
    """The server ended before it was ready; the message has the last word of its log."""


class Unreachable(DatabaseError):
    """The address is no PostgreSQL address, or nobody answers there, or not to us."""


class MigrationError(DatabaseError):
    """The schema that the database has is not one that the files lead to."""


class TenantError(DatabaseError, ValueError):
    """A tenant that is no UUID, or a connection on which a tenant's rows would not be kept apart."""
