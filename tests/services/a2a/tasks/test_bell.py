from __future__ import annotations

import threading
from collections.abc import Callable

from companion.services.a2a.tasks import store
from companion.services.a2a.tasks.bell import listening
from companion.services.database import as_tenant, connect
from tests.services.a2a.conftest import Place

Said = Callable[..., dict[str, object]]


def test_whoever_waits_for_a_task_or_for_any_is_woken(place: Place, said: Said) -> None:
    mine, anyone, other = threading.Event(), threading.Event(), threading.Event()
    with listening(place.database.app) as bell, connect(place.database.app) as connection:
        with as_tenant(connection, place.tenant):
            task, _ = store.create(connection, "ada", said(), "context")
        with bell.waking(str(task), mine.set), bell.waking("", anyone.set), bell.waking("another", other.set):
            for _ in range(100):  # the listener may still be connecting
                with as_tenant(connection, place.tenant):
                    store.answer(connection, "ada", task, said())
                if mine.wait(0.1) and anyone.wait(0.1):
                    break
            assert mine.is_set() and anyone.is_set() and not other.is_set()
        assert not bell._waiting
        with as_tenant(connection, place.tenant):
            store.cancel(connection, "ada", task)


def test_the_bell_rings_again_when_its_connection_was_cut(place: Place, said: Said) -> None:
    woken = threading.Event()
    with listening(place.database.app) as bell, bell.waking("", woken.set), connect(place.database.admin) as admin:
        cut = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%'"
        for _ in range(100):
            if admin.execute(cut).fetchall():
                break
            woken.wait(0.05)
        with connect(place.database.app) as connection:
            for _ in range(100):
                with as_tenant(connection, place.tenant):
                    task, _ = store.create(connection, "ada", said(), "context")
                    store.cancel(connection, "ada", task)
                if woken.wait(0.1):
                    break
        assert woken.is_set()
