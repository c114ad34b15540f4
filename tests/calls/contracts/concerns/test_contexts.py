"""Whose request it is survives an await, and does not survive a pool."""

from companion.calls.contracts.concerns.contexts import STORIES, told, verdict


def test_each_story_keeps_loses_or_leaks_the_tenant() -> None:
    assert {name: verdict for name, (_, verdict) in told().items()} == {
        "two tasks, context variable": "kept",
        "two tasks, threading.local": "leaked",
        "asyncio.to_thread": "kept",
        "run_in_executor": "lost",
        "run_in_executor, copied": "kept",
        "set in a pool's thread": "leaked",
        "set there, and reset": "kept",
    }


def test_a_leak_is_anothers_tenant_and_a_loss_is_nobodys() -> None:
    assert verdict(("ada", "ada"), ("ada", "bob")) == "leaked"
    assert verdict(("ada", "nobody"), ("ada", "bob")) == "lost"
    assert verdict(("nobody", "ada"), ("ada", "bob")) == "leaked"
    assert len(STORIES) == 7
