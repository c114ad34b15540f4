"""Tell somebody of a task's events by a POST: where one may be sent, and how it gets there.

**Where.** Whoever may make a task names an address, and this server, which stands inside somebody's network, sends to
it: an open invitation to reach what only the inside can reach (SSRF). So a target is https, its name leads to public
addresses only, and the connection goes to the very address that was checked. To check a name and then connect to the
name would ask the resolver twice, and its owner may answer twice differently. Redirects are not followed.

**How.** A notification is no part of the agent's work: the event is in the log, and a thread sends what a receiver has
not taken yet, in order, with patience. What a receiver has taken is a number in its row, so another server goes on
where this one died. That gives each event at least once; the receiver knows a second copy by its number.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import random
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
from a2a.types.a2a_pb2 import TaskPushNotificationConfig
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.a2a.errors import TargetRefused, UnknownTask
from companion.services.a2a.tasks import store
from companion.services.a2a.tasks.bell import Bell
from companion.services.a2a.tasks.run import GONE
from companion.services.a2a.tasks.view import response_of
from companion.services.database import Pool, as_tenant

LONGEST_URL = 2000
SEND_SECONDS = 10.0
"""How long a receiver may take."""
LEASE_SECONDS = 30.0
"""How long one attempt keeps others from trying; longer than an attempt can take."""
FIRST_WAIT = 0.5
TRIES = 8
"""After so many failures in a row, the last about a minute after the one before, nobody is told any more."""
LOOK_SECONDS = 0.5
SENDERS = 4
"""Receivers that are told at once; one that is slow holds up one thread."""

NEXT = """
update pushes set next_at = clock_timestamp() + %(lease)s * interval '1 second', tries = tries + 1
where (task_id, id) = (
    select pushes.task_id, pushes.id from pushes join tasks on tasks.id = pushes.task_id
    where pushes.sent < tasks.seq and pushes.next_at < clock_timestamp()
    order by next_at limit 1 for update of pushes skip locked)
returning task_id, id, url, token, scheme, credentials, sent, tries
"""

log = logging.getLogger(__name__)

Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a name."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Target:
    """A place that was checked: the URL as it was given, and the address that its name had then."""

    url: str
    host: str
    port: int
    address: str


@dataclass(frozen=True)
class Targets:
    """Where notifications may be sent.

    Attributes
    ----------
    inside : frozenset of str
        Hosts with their ports, ``127.0.0.1:8000``, that may be told although they are inside, and without TLS.
    resolve : callable
        Gives the addresses of a name.
    """

    inside: frozenset[str] = field(default_factory=frozenset)
    resolve: Resolve = resolve

    def check(self, url: str) -> Target:
        """Say where a URL leads.

        Raises
        ------
        TargetRefused
            If notifications are not sent there.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        except ValueError:
            raise TargetRefused("the notification's URL cannot be read") from None
        if len(url) > LONGEST_URL or not host or parts.username is not None or not _is_plain(url):
            raise TargetRefused("the notification's URL is none that is taken: ASCII, a host, no user")
        known = f"{host}:{port}" in self.inside
        if parts.scheme != "https" and not (known and parts.scheme == "http"):
            raise TargetRefused("notifications are sent by https")
        try:
            addresses = self.resolve(host, port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise TargetRefused("the notification's host is not known")
        if not known and not all(_is_public(address) for address in addresses):
            raise TargetRefused("the notification's host is not a public one")
        return Target(url, host, port, addresses[0])


def check_words(config: TaskPushNotificationConfig) -> None:
    """Refuse what cannot stand in a header.

    Raises
    ------
    TargetRefused
        If the token or the credentials are no printable ASCII.
    """
    if not all(map(_is_plain, (config.token, config.authentication.scheme, config.authentication.credentials))):
        raise TargetRefused("the notification's token and credentials are ASCII, in one line")


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    return found.is_global and not found.is_multicast


def post(client: httpx.Client, target: Target, headers: dict[str, str], body: dict[str, Any]) -> bool:
    """Send to the address that was checked, under the name that was given; say whether it was taken."""
    there = f"[{target.address}]" if ":" in target.address else target.address
    parts = urlsplit(target.url)
    url = parts._replace(netloc=f"{there}:{target.port}").geturl()
    named = {"host": parts.netloc, "content-type": "application/a2a+json"} | headers
    try:
        answer = client.post(url, json=body, headers=named, extensions={"sni_hostname": target.host})
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        log.info("a notification was not taken: %s", type(error).__name__)
        return False
    return answer.is_success


def save(
    connection: Connection[TupleRow], task: UUID, config: TaskPushNotificationConfig
) -> TaskPushNotificationConfig:
    """Tell somebody of what happens to a task from now on; an existing id is replaced."""
    kept = TaskPushNotificationConfig()
    kept.CopyFrom(config)
    kept.id, kept.task_id = config.id or str(uuid4()), str(task)
    connection.execute(
        "insert into pushes (task_id, id, url, token, scheme, credentials, sent)"
        " select id, %(id)s, %(url)s, %(token)s, %(scheme)s, %(credentials)s, seq from tasks where id = %(task)s"
        " on conflict (tenant_id, task_id, id) do update set url = excluded.url, token = excluded.token,"
        " scheme = excluded.scheme, credentials = excluded.credentials, tries = 0, next_at = clock_timestamp()",
        {
            "task": task, "id": kept.id, "url": kept.url, "token": kept.token,
            "scheme": kept.authentication.scheme, "credentials": kept.authentication.credentials,
        },
    )  # fmt: skip
    return kept


def saved(connection: Connection[TupleRow], task: UUID) -> list[TaskPushNotificationConfig]:
    """List who is told of a task."""
    rows = connection.execute(
        "select id, url, token, scheme, credentials from pushes where task_id = %s order by id", [task]
    )
    found = []
    for number, url, token, scheme, credentials in rows:
        config = TaskPushNotificationConfig(id=number, task_id=str(task), url=url, token=token)
        if scheme:
            config.authentication.scheme, config.authentication.credentials = scheme, credentials
        found.append(config)
    return found


def forget(connection: Connection[TupleRow], task: UUID, config: str) -> None:
    """Tell somebody no more."""
    connection.execute("delete from pushes where task_id = %s and id = %s", [task, config])


@dataclass(frozen=True)
class Due:
    """One notification to send, or none if the log has nothing that is told."""

    tenant: UUID
    task: UUID
    config: str
    url: str
    headers: dict[str, str]
    tries: int
    seq: int
    response: dict[str, Any] | None


def next_due(connection: Connection[TupleRow], tenant: UUID) -> Due | None:
    """Take the next notification that this tenant has to send, so that no other server sends it meanwhile."""
    found = connection.execute(NEXT, {"lease": LEASE_SECONDS}).fetchone()
    if found is None:
        return None
    task, config, url, token, scheme, credentials, sent, tries = found
    row = connection.execute(f"{store.COLUMNS} where id = %s".encode(), [task]).fetchone()
    if row is None:
        raise UnknownTask(f"there is no task {task}")
    headers = {"x-a2a-notification-token": token} if token else {}
    if scheme:
        headers["authorization"] = f"{scheme} {credentials}"
    (event,) = store.events_after(connection, task, sent, limit=1)
    return Due(tenant, task, config, url, headers, tries, event.seq, response_of(store.row(row), event))


def settle(connection: Connection[TupleRow], due: Due, taken: bool) -> None:
    """Write down that a notification was taken, or when to try again, or that nobody will."""
    where = [due.task, due.config]
    if taken:
        done = "update pushes set sent = %s, tries = 0, next_at = clock_timestamp() where task_id = %s and id = %s"
        connection.execute(done, [due.seq, *where])
    elif due.tries >= TRIES:
        log.warning("the receiver of task %s is given up after %d attempts", due.task, due.tries)
        forget(connection, due.task, due.config)
    else:
        wait = FIRST_WAIT * 2 ** (due.tries - 1) * random.uniform(0.75, 1.25)  # not all at once
        again = (
            "update pushes set next_at = clock_timestamp() + %s * interval '1 second' where task_id = %s and id = %s"
        )
        connection.execute(again, [wait, *where])


@contextlib.contextmanager
def telling(pool: Pool, targets: Targets, bell: Bell | None = None) -> Iterator[None]:
    """Send notifications while the context lasts."""
    done, wake = threading.Event(), threading.Event()
    client = httpx.Client(timeout=SEND_SECONDS, follow_redirects=False, trust_env=False)

    def tell() -> None:
        while not done.is_set():
            wake.clear()
            try:
                if not _tell_once(pool, targets, client):
                    wake.wait(LOOK_SECONDS)
            except Exception as error:  # a thread that ended here would notify nobody ever after
                log.warning("no notification can be sent: %s", error, exc_info=not isinstance(error, GONE))
                done.wait(LOOK_SECONDS)

    threads = [threading.Thread(target=tell, name="tell", daemon=True) for _ in range(SENDERS)]
    with bell.waking("", wake.set) if bell is not None else contextlib.nullcontext():
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            done.set()
            wake.set()
            client.close()
            for thread in threads:
                thread.join(SEND_SECONDS)


def _tell_once(pool: Pool, targets: Targets, client: httpx.Client) -> bool:
    """Send one notification of any tenant; say whether there was one."""
    with pool.connection() as connection:
        tenants = store.tenants_with_work(connection)
    random.shuffle(tenants)
    for tenant in tenants:
        with pool.connection() as connection, as_tenant(connection, tenant):
            due = next_due(connection, tenant)
        if due is not None:
            taken = due.response is None or _sent(due, targets, client)
            with pool.connection() as connection, as_tenant(connection, tenant):
                settle(connection, due, taken)
            return True
    return False


def _sent(due: Due, targets: Targets, client: httpx.Client) -> bool:
    try:
        target = targets.check(due.url)  # once more: its name may lead elsewhere by now
    except TargetRefused as refusal:
        log.warning("task %s: %s", due.task, refusal)
        return False
    return post(client, target, due.headers, due.response or {})
