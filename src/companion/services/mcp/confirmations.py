"""A question to a person, answered once.

Today's protocol keeps no session: a tool that must ask answers "input required", with a sealed state that the client
sends back together with the person's word. The seal shows that nobody changed it. It does not show that it is the first
time: the same request, sent again a minute later, is as well sealed. So the question has a row in the database, which
the action uses up in its own transaction: this row, by its number, and not another that has been asked meanwhile. The
second time there is no such row, a new question is asked, and the old answer is not an answer to that.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import Connection

MINUTES = 10
"""How long a question stands: as long as the SDK's seal holds."""

OPEN = f"used_at is null and created_at > now() - interval '{MINUTES} minutes'"


def ask(connection: Connection[Any], user: str, action: str) -> UUID:
    """Put a question on record, or find the one that stands; give its number.

    The protocol asks a second time when the answer comes, and compares: so this gives the same as long as it stands.
    """
    for statement in (
        f"select id from confirmations where username = %s and action = %s and {OPEN} order by created_at, id limit 1",
        "insert into confirmations (username, action) values (%s, %s) returning id",
    ):
        if (row := connection.execute(statement.encode(), [user, action]).fetchone()) is not None:
            number: UUID = row[0]
            return number
    raise AssertionError("an insert returns its row")


def use(connection: Connection[Any], number: UUID, user: str, action: str) -> bool:
    """Use the answer to a question up, in the transaction of what it allows; False if somebody has used it before."""
    statement = f"update confirmations set used_at = now() where id = %s and username = %s and action = %s and {OPEN}"
    return connection.execute(statement.encode(), [number, user, action]).rowcount > 0
