from __future__ import annotations

import time

import pytest

from companion.services.a2a.errors import CallFailed
from companion.services.control_room.client import Room, Session
from companion.services.samples import ADA, BOB
from tests.services.control_room.conftest import Site


def session(site: Site, name: str = "Ada", seconds: int = 60, scopes: tuple[str, ...] = ("read", "write")) -> Session:
    room = Room(f"{site.url}/control-room")
    tenant = next(one for one in room.tenants() if one.name.startswith(name))
    return room.sign_in(tenant, name.lower(), scopes, seconds)


def test_who_signs_in_is_told_what_the_token_says_and_no_token_is_shown(site: Site) -> None:
    ada = session(site)
    assert (ada.claims["tenant"], ada.claims["sub"]) == (str(ADA), "ada")
    assert ada.who == "ada of Ada & Partners"
    assert not any(token in repr(ada) for token in ada.tokens.values())


def test_the_same_call_shows_each_tenant_its_own(site: Site) -> None:
    ada, bob = session(site), session(site, "Bob")
    assert bob.claims["tenant"] == str(BOB)
    assert "search_documents" in {tool["name"] for tool in ada.tools()}
    ours, theirs = (one.call("list_documents").words for one in (ada, bob))
    assert "Retention of client files" in ours and "Retention of client files" not in theirs
    assert "Recipe of the rye sourdough" in theirs and "Recipe of the rye sourdough" not in ours


def test_a_task_is_followed_to_its_end_and_is_not_there_for_the_other_tenant(site: Site) -> None:
    ada, bob = session(site), session(site, "Bob")
    task = ada.agent.send("hello")["id"]
    events = list(ada.agent.follow(task))
    assert events[-1][1]["statusUpdate"]["status"]["state"] == "TASK_STATE_COMPLETED"
    after = events[1][0]
    assert list(ada.agent.follow(task, after)) == events[2:]
    with pytest.raises(CallFailed, match="not found"):
        bob.agent.get(task)


def test_a_token_that_has_expired_is_told(site: Site) -> None:
    ada = session(site, seconds=1)
    while time.time() < ada.claims["exp"] + 0.05:
        time.sleep(0.05)
    with pytest.raises(CallFailed, match="sign in again"):
        ada.call("list_documents")
    with pytest.raises(CallFailed, match="it has expired"):
        ada.agent.send("hello")


def test_a_tool_says_what_the_token_lacks(site: Site) -> None:
    answer = session(site, scopes=("read",)).call("fill_embeddings")
    assert answer.result["isError"] and "scope write" in answer.words


def test_a_wish_that_is_refused_is_told(site: Site) -> None:
    with pytest.raises(CallFailed, match="seconds: "):
        session(site, seconds=901)


def test_a_server_that_does_not_answer_is_told() -> None:
    with pytest.raises(CallFailed, match=r"http://127\.0\.0\.1:1 does not answer"):
        Room("http://127.0.0.1:1").tenants()
