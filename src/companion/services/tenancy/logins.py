"""A login of its own for each tenant: the database itself knows who asks, and no SQL changes it.

    with connect(database.admin) as connection:
        password = add_login(connection, tenant)
        protect(connection, "documents")

SET ROLE is no such thing: whoever may become A from one login may become B. The role that has logged in,
`session_user`, is changed by superusers alone. The price is a pool of connections for each tenant.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import TupleRow


def login_name(tenant: UUID) -> str:
    """Give the name of a tenant's role."""
    return f"tenant_{tenant}"


def add_login(connection: Connection[TupleRow], tenant: UUID) -> str:
    """Make a role that logs in as one tenant, and may do what the service's role may.

    Parameters
    ----------
    connection : psycopg.Connection
        Of a role that may create roles.
    tenant : UUID
        Whose.

    Returns
    -------
    str
        Its password, which is kept nowhere.
    """
    password = secrets.token_urlsafe(24)
    name = sql.Identifier(login_name(tenant))
    secret = connection.pgconn.encrypt_password(
        password.encode(), login_name(tenant).encode(), b"scram-sha-256"
    ).decode()
    with connection.transaction():
        connection.execute(
            sql.SQL("create role {} login inherit in role companion_app password {}").format(name, secret)
        )
        # The first policy reads the setting, through which the planner sees the tenant. Here it is made at login.
        connection.execute(sql.SQL("alter role {} set app.tenant = {}").format(name, str(tenant)))
    return password


def protect(connection: Connection[TupleRow], table: str, column: str = "tenant_id") -> None:
    """Show the rows of a table to their tenant's login alone, not even to the service's (see `ticket.protect`)."""
    # Text with text: were it tenant_id = session_user::uuid, the planner could put the setting in the login's place,
    # once the two are equal (see the ticket), and a setting can be changed.
    statement = "create policy login on {} as restrictive using (session_user = 'tenant_' || {}::text)"
    connection.execute(sql.SQL(statement).format(sql.Identifier(table), sql.Identifier(column)))
