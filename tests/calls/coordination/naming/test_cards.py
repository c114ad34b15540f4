"""An agent's card: an ETag always, a lifetime only if its owner sets one, and a bounded reading."""

from __future__ import annotations

import httpx
import pytest

from companion.calls.coordination.naming import cards
from companion.calls.coordination.naming.cards import PATH, CardNames, card_app


def ask(app: object, **headers: str) -> httpx.Response:
    import asyncio

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://agent") as web:
            return await web.get(PATH, headers=headers)

    return asyncio.run(get())


def test_a_card_that_has_not_changed_is_not_sent_again() -> None:
    app = card_app("north", ["average_speed"], "max-age=60")
    first = ask(app)
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "max-age=60")
    again = ask(app, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    changed = ask(card_app("north", ["average_speed", "jam"]), **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200 and "Cache-Control" not in changed.headers


def test_a_card_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "MAX_CARD", 10)
    names = CardNames()
    names._web.close()
    names._web = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, content=b"x" * 11)))
    with names, pytest.raises(ValueError, match="more than 10 bytes"):
        names.fetch("http://agent")
