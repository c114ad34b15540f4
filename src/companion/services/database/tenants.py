"""Whose rows are these? One transaction, one tenant.

    with as_tenant(connection, tenant):
        connection.execute("select title from documents")

The tenant is a setting, app.tenant, that the policies compare with each row. It is made for one transaction and ends
with it: a setting of the session would stay on the connection, and the next one to borrow that from the pool would see
this tenant's rows. And it is a parameter of the statement, so that no name of a tenant is ever read as SQL.

What this keeps apart is the rows of honest queries. SQL of the caller's own can change a setting (chapter 10).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from uuid import UUID, uuid4

from psycopg import Connection, Transaction
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from companion.services.database.errors import TenantError


@contextlib.contextmanager
def as_tenant(connection: Connection[TupleRow], tenant: UUID | str) -> Iterator[Connection[TupleRow]]:
    """Open a transaction that sees and writes the rows of one tenant, and no others.

    Parameters
    ----------
    connection : psycopg.Connection
        Of a role that policies bind, such as the pool gives; in no transaction.
    tenant : UUID or str
        Whose rows.

    Yields
    ------
    psycopg.Connection
        The same. The transaction is committed at the end, and rolled back if an error comes out.

    Raises
    ------
    TenantError
        If the tenant is no UUID, or the connection is in a transaction already: it may be another tenant's, and would
        go on as this one's.
    """
    wanted = as_uuid(tenant)
    if connection.info.transaction_status != TransactionStatus.IDLE:
        raise TenantError("the connection is in a transaction: a tenant is chosen where one begins, and for all of it")
    with contextlib.ExitStack() as opened:
        with connection.pipeline():  # which sends the beginning and the setting together, and waits for both at once
            opened.enter_context(Transaction(connection))  # `transaction()` would keep to the pipeline until its end
            connection.execute("select set_config('app.tenant', %s, true)", [str(wanted)])
        yield connection


def as_uuid(tenant: UUID | str) -> UUID:
    """Read the name of a tenant.

    Raises
    ------
    TenantError
        If it is no UUID.
    """
    try:
        return tenant if isinstance(tenant, UUID) else UUID(tenant)
    except (ValueError, AttributeError, TypeError):
        raise TenantError(f"{tenant!r} is no tenant: a tenant is a UUID") from None


def add_tenant(connection: Connection[TupleRow], name: str, tenant: UUID | None = None) -> UUID:
    """Add a tenant, on a connection of a role that may; the service's may not.

    Parameters
    ----------
    connection : psycopg.Connection
        In no transaction.
    name : str
        What people call it.
    tenant : UUID, optional
        Its number; by default a new one.

    Returns
    -------
    UUID
        Its number.
    """
    tenant = tenant or uuid4()
    with as_tenant(connection, tenant):
        connection.execute("insert into tenants (id, name) values (%s, %s)", [tenant, name])
    return tenant
