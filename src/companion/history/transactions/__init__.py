r"""Histories of transactions, and which isolation levels they rule out: the method of Elle (Kingsbury and Alvaro 2020).

    from companion.history.transactions import check_transactions, render

    report = check_transactions(enumerate(events, start=1))
    print("\n".join(render(report)))

Transactions append to lists and read them. A list that was read tells who came before whom; where that goes round in a
circle, no order of the transactions explains what was seen, and the kinds of dependencies in the circle say which
isolation levels would have forbidden it (Adya, Liskov and O'Neil 2000).

Standard library only; `figures` needs matplotlib, `postgres` needs psycopg.
"""

from companion.history.transactions.anomalies import Anomaly
from companion.history.transactions.dependencies import Dependency
from companion.history.transactions.events import Append, Read, Transaction, transactions
from companion.history.transactions.report import LEVELS, Report, as_json, check_transactions, render

__all__ = [
    "LEVELS",
    "Anomaly",
    "Append",
    "Dependency",
    "Read",
    "Report",
    "Transaction",
    "as_json",
    "check_transactions",
    "render",
    "transactions",
]
