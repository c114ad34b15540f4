"""What tenancy costs, and what a clock tells: functions whose results are recorded, as they are the machine's."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.database import Database, add_tenant, as_tenant, connect, open_database, open_pool
from companion.services.tenancy.leaks.laboratory import TENANT, Laboratory, open_laboratory
from companion.services.tenancy.leaks.settings import TICKETS
from companion.services.tenancy.revocation import as_bearer
from companion.services.tenancy.ticket import protect
from companion.services.tenancy.tokens import Claims, Key

ROWS = 50_000
COPY = """
create table {name} as select * from documents;
alter table {name} owner to companion_owner;
alter table {name} enable row level security, force row level security;
create policy tenant on {name} using (tenant_id = {tenant});
grant select on {name} to companion_app;
"""
PER_ROW = "create policy ticket on per_row as restrictive using ((tenant_id = private.tenant()) is true)"


def median_ms(work: Callable[[], object], times: int) -> float:
    """Take the median time of something that is done again and again, in milliseconds."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return 1000 * statistics.median(taken)


def ticket_cost() -> dict[str, float]:
    """Scan 50,000 rows of a tenant under four policies, in turn, so that a busy moment falls on all of them (ms).

    Returns
    -------
    dict
        ``setting``, read for each row; ``once``, read once for the statement; ``ticket``, checked once, beside the
        setting for each row; ``per_row``, a ticket that is checked for each row.
    """
    with open_laboratory() as lab:
        lab.renew()
        TICKETS.ask_for(lab)
        lab.change(f"insert into documents select '{{A}}', gen_random_uuid(), '', '' from generate_series(1, {ROWS}) n")
        for name in ("setting", "once", "ticket", "per_row"):
            lab.change(COPY.format(name=name, tenant=f"(select {TENANT})" if name == "once" else TENANT))
        lab.change(PER_ROW)
        protect(lab.admin, "ticket")
        lab.change("analyze")
        taken: dict[str, list[float]] = {"setting": [], "once": [], "ticket": [], "per_row": []}
        with TICKETS.request(lab) as connection:
            for turn in range(16):
                for name, times in taken.items():
                    if name != "per_row" or turn < 3:
                        scan = f"select count(*) from {name}".encode()
                        times.append(median_ms(lambda scan=scan: connection.execute(scan).fetchone(), 1))  # type: ignore[misc]
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


def revocation_cost() -> dict[str, float]:
    """Read one document as a tenant, with and without asking for the token among 10,000 revoked ones (ms).

    Returns
    -------
    dict
        ``tenant``, without asking; ``same``, asked in the statement that sets the tenant; ``own``, in one of its own.
    """
    with open_database() as database, open_pool(database.app, size=1) as pool:
        claims, document = _prepared(database)

        def plain(connection: Connection[TupleRow]) -> None:
            with as_tenant(connection, claims.tenant):
                connection.execute("select body from documents where id = %s", [document]).fetchone()

        def same(connection: Connection[TupleRow]) -> None:
            with as_bearer(connection, claims):
                connection.execute("select body from documents where id = %s", [document]).fetchone()

        def own(connection: Connection[TupleRow]) -> None:
            with as_tenant(connection, claims.tenant):
                connection.execute("select token_is_revoked(%s)", [claims.jti]).fetchone()
                connection.execute("select body from documents where id = %s", [document]).fetchone()

        with pool.connection() as connection:
            ways = {"tenant": plain, "same": same, "own": own}
            taken: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(1500):  # in turn, so that a busy moment falls on all of them
                for name, way in ways.items():
                    taken[name].append(median_ms(lambda way=way: way(connection), 1))  # type: ignore[misc]
    return {name: statistics.median(times[100:]) for name, times in taken.items()}


def _prepared(database: Database) -> tuple[Claims, UUID]:
    with connect(database.admin) as connection:
        tenant = add_tenant(connection, "")
        connection.execute(
            "insert into revoked_tokens select gen_random_uuid(), now() + '1 day' from generate_series(1, 10000)"
        )
        with as_tenant(connection, tenant):
            row = connection.execute("insert into documents (title, body) values ('', '') returning id").fetchone()
        connection.execute("analyze")
    assert row is not None
    return Claims(tenant, "ada", frozenset(["read"]), str(uuid4()), 0, 2**31), row[0]


def login_cost() -> dict[str, float]:
    """Become a tenant on a connection that is there, and by a login of its own (ms): ``setting`` and ``login``."""
    with open_laboratory() as lab:
        lab.renew()

        def login() -> None:
            with lab.connection(f"tenant_{lab.a}"):
                pass

        with lab.connection() as connection:

            def setting() -> None:
                with as_tenant(connection, lab.a):
                    pass

            return {"setting": median_ms(setting, 300), "login": median_ms(login, 50)}


def signature_cost() -> dict[str, float]:
    """Sign and verify one token by three algorithms (ms), and give how long it is in characters."""
    keys: dict[str, Any] = {
        "RS256": Key.new().private,
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }
    now = int(time.time())
    said = {
        "iss": "https://issuer.example", "sub": "ada", "aud": "mcp", "iat": now, "exp": now + 300, "jti": str(uuid4()),
        "tenant": str(uuid4()), "scope": "read",
    }  # fmt: skip
    found = {}
    for name, private in keys.items():
        token, public = jwt.encode(said, private, name, headers={"kid": "x" * 43}), private.public_key()
        found[f"{name} sign"] = median_ms(lambda: jwt.encode(said, private, name), 300)  # noqa: B023 - called at once
        found[f"{name} verify"] = median_ms(lambda: jwt.decode(token, public, [name], audience="mcp"), 300)  # noqa: B023
        found[f"{name} characters"] = float(len(token))
    return found


WORDS = """
alter table documents add column search tsvector generated always as (to_tsvector('english', body)) stored;
create index on documents using gin (search);
insert into documents (tenant_id, title, body) select '{A}', '', 'page ' || n from generate_series(1, 20000) n;
insert into documents (tenant_id, title, body)
select '{B}', '', case when n % 2 = 0 then 'a merger ' else 'page ' end || n from generate_series(1, 20000) n;
analyze documents;
"""
LOOK = "select count(*) from documents where search @@ %s::tsquery"


def word_clock() -> dict[str, float]:
    """Tell by the time of one query whether another tenant has a word.

    A tenant asks 200 times for a word that only the other one has, and as often for a word that nobody has.

    Returns
    -------
    dict
        The probability that the first takes longer than the second, .5 being chance: ``policy``, as it is;
        ``leakproof``, with the operator `@@` marked LEAKPROOF, so that the index on words can be used.
    """
    with open_laboratory() as lab:
        lab.renew()
        lab.change(WORDS)
        found = {"policy": _told_by_time(lab)}
        lab.change("alter function ts_match_vq(tsvector, tsquery) leakproof")
        return found | {"leakproof": _told_by_time(lab)}


def _told_by_time(lab: Laboratory) -> float:
    taken: dict[str, list[float]] = {"merger": [], "zanzibar": []}
    with lab.request() as connection:
        for _ in range(220):
            for word, times in taken.items():
                times.append(median_ms(lambda word=word: connection.execute(LOOK, [word]).fetchone(), 1))  # type: ignore[misc]
    theirs, nobodys = (times[20:] for times in taken.values())
    longer = sum((a > b) + 0.5 * (a == b) for a in theirs for b in nobodys)
    return longer / (len(theirs) * len(nobodys))
