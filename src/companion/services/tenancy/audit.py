"""Who has read what: written down, and committed, before it is read.

    with audited(connection, claims, "read", f"document {id}"):
        connection.execute("select body from documents where id = %s", [id])

No trigger fires on a SELECT. A function that writes the line and gives the document would write it in the reader's
transaction, and whoever reads and then rolls back has read without a trace. So there are two transactions: the first
one says what is about to be done, and is over. It may say of something that never came to pass; it misses nothing.

The service's role may add lines, and neither change nor see them. The line's `login` and time are the database's own;
the actor is what the service says of its user.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.database import as_tenant
from companion.services.tenancy.revocation import as_bearer
from companion.services.tenancy.tokens import Claims

WRITE = "insert into audit (action, object, actor) values (%s, %s, %s)"


@contextlib.contextmanager
def audited(
    connection: Connection[TupleRow], claims: Claims, action: str, object: str
) -> Iterator[Connection[TupleRow]]:
    """Write down what a bearer is about to do, for good; then open the transaction to do it in.

    Parameters
    ----------
    connection : psycopg.Connection
        As `as_tenant` wants it.
    claims : Claims
        Of a token that was verified.
    action, object : str
        What is done, and to what: names and numbers, since whoever reads the audit should not read the documents.

    Raises
    ------
    InvalidToken
        If the token was revoked; that it was shown is written down all the same.
    TenantError
        If the connection is in a transaction already: rolled back, it would take the line with it.
    """
    actor = claims.user if claims.actor is None else f"{claims.user} by {claims.actor}"
    with as_tenant(connection, claims.tenant):
        connection.execute(WRITE, [action, object, actor])
    with as_bearer(connection, claims):
        yield connection
