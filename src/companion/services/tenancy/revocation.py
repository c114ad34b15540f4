"""A token that is refused before it expires: the list is asked in the statement that sets the tenant.

    revoke(connection, claims)
    with as_bearer(connection, claims):
        connection.execute("select title from documents")

Whoever verifies a signature asks nobody, and so hears of no revocation. The database keeps the list, by the tokens' own
numbers, since it is asked anyway. A list in the service's memory that is fed by notifications would cost nothing and
forget what was said while it was not connected.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from psycopg import Connection, Transaction
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from companion.services.database import TenantError
from companion.services.tenancy.tokens import Claims, InvalidToken

BECOME = "select set_config('app.tenant', case when token_is_revoked(%s) then '' else %s end, true)"


def revoke(connection: Connection[TupleRow], claims: Claims) -> None:
    """Refuse a token from now on; the list forgets it when it would have expired."""
    connection.execute("select revoke_token(%s, to_timestamp(%s))", [claims.jti, claims.expires])


@contextlib.contextmanager
def as_bearer(connection: Connection[TupleRow], claims: Claims) -> Iterator[Connection[TupleRow]]:
    """Open a transaction that sees and writes the rows of a token's tenant, unless the token was revoked.

    Parameters
    ----------
    connection : psycopg.Connection
        As `as_tenant` wants it.
    claims : Claims
        Of a token that was verified.

    Raises
    ------
    InvalidToken
        If it was revoked.
    TenantError
        If the connection is in a transaction already.
    """
    if connection.info.transaction_status != TransactionStatus.IDLE:
        raise TenantError("the connection is in a transaction: a tenant is chosen where one begins, and for all of it")
    with contextlib.ExitStack() as opened:
        with connection.pipeline():  # as in `as_tenant`: the transaction's beginning costs no wait of its own
            opened.enter_context(Transaction(connection))
            become = connection.execute(BECOME, [claims.jti, str(claims.tenant)])
        if become.fetchone() == ("",):
            raise InvalidToken("it was revoked")
        yield connection
