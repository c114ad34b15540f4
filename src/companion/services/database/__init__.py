"""PostgreSQL with pgvector: a server of our own from a wheel, or one of yours, with tenants that see their own rows.

    with open_database() as database, open_pool(database.app) as pool:
        with connect(database.admin) as connection:
            tenant = add_tenant(connection, "Ada's")
        with pool.connection() as connection, as_tenant(connection, tenant):
            connection.execute("insert into documents (title, body) values (%s, %s)", ["Hello", "A first page."])

`open_database("postgresql://...")` takes a server of yours in its place.
"""

from companion.services.database.address import Database, connect, open_database, prepare
from companion.services.database.errors import (
    AlreadyRunning,
    DatabaseError,
    MigrationError,
    NotInstalled,
    NotRunning,
    StartFailed,
    TenantError,
    Unreachable,
)
from companion.services.database.migrations import migrate, unprotected
from companion.services.database.pool import Pool, open_pool
from companion.services.database.server import Server, running
from companion.services.database.tenants import add_tenant, as_tenant

__all__ = [
    "AlreadyRunning",
    "Database",
    "DatabaseError",
    "MigrationError",
    "NotInstalled",
    "NotRunning",
    "Pool",
    "Server",
    "StartFailed",
    "TenantError",
    "Unreachable",
    "add_tenant",
    "as_tenant",
    "connect",
    "migrate",
    "open_database",
    "open_pool",
    "prepare",
    "running",
    "unprotected",
]
