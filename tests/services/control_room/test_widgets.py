from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

from companion.services.a2a.errors import CallFailed
from companion.services.control_room.client import Room
from companion.services.control_room.widgets import Pane, Panel, WidgetsMissing, control_room
from tests.services.control_room.conftest import Site


@pytest.fixture
def panel(site: Site) -> Panel:
    return Panel(Room(site.url))


def sign_in(panel: Panel, *panes: int) -> None:
    for number in panes:
        panel.panes[number].enter.click()
        assert panel.panes[number].said.value.startswith("signed in as ")


def choose(panel: Panel, tool: str) -> None:
    panel.tool.value = dict(panel.tool.options)[tool]


def ended(pane: Pane) -> list[tuple[int, dict[str, Any]]]:
    assert pane.watching is not None
    pane.watching.join(30)
    assert not pane.watching.is_alive()
    lines = (line.partition(" ") for line in pane.events.value.splitlines())
    return [(int(number), json.loads(event)) for number, _, event in lines]


def test_a_notebook_gets_a_box_with_the_four_tabs(site: Site) -> None:
    box = control_room(site.url)
    assert box.children[1].titles == ("Sign in", "Tools", "Tasks", "Budget")
    assert "Chapter 12" in box.children[1].children[3].value


def test_who_signs_in_gets_the_tools_and_a_form_for_each(panel: Panel) -> None:
    sign_in(panel, 0)
    assert json.loads(panel.panes[0].claims.value)["sub"] == "ada"
    choose(panel, "hybrid_search")
    assert list(panel.arguments) == ["query", "limit", "bm25_weight", "vector_weight"]
    assert panel.arguments["limit"].value == "10"


def test_the_same_call_goes_to_both_panes(panel: Panel) -> None:
    panel.beside.value = True
    sign_in(panel, 0, 1)
    choose(panel, "search_documents")
    panel.arguments["query"].value = "GDPR"
    panel.call.click()
    ours, theirs = (pane.answer.value for pane in panel.panes)
    assert "Breach notification" in ours and "Breach notification" not in theirs
    assert "When data leaks" in theirs and "When data leaks" not in ours


def test_the_other_pane_stays_shut_and_is_not_asked_until_it_is_wanted(panel: Panel) -> None:
    assert panel.panes[1].answer.layout.display == "none"
    sign_in(panel, 0, 1)
    choose(panel, "list_documents")
    panel.call.click()
    assert panel.panes[0].answer.value and not panel.panes[1].answer.value


def test_events_arrive_while_the_notebook_goes_on_and_can_be_heard_again(panel: Panel) -> None:
    sign_in(panel, 0)
    pane = panel.panes[0]
    panel.message.value = "hello"
    panel.start.click()
    events = ended(pane)
    assert events[-1][1]["statusUpdate"]["status"]["state"] == "TASK_STATE_COMPLETED"
    assert pane.after.value == events[-1][0]
    pane.after.value, pane.events.value = events[1][0], ""
    pane.resume.click()
    assert ended(pane) == events[2:]
    pane.cancel.click()
    assert "completed" in pane.events.value  # so it cannot be cancelled, and that is said


def test_what_a_tool_asks_first_is_answered_in_the_notebook(panel: Panel) -> None:
    sign_in(panel, 0)
    pane = panel.panes[0]
    choose(panel, "delete_document")
    panel.arguments["title"].value = "Retention of client files"

    def answered(delete: bool, button: int) -> str:
        panel.call.click()
        message, field, buttons = pane.question.children
        assert "Delete the document 'Retention of client files'?" in message.value
        field.value = delete
        buttons.children[button].click()
        assert pane.question.children == ()
        return str(json.loads(pane.answer.value)["result"]["content"][0]["text"])

    assert answered(True, 1) == answered(False, 0) == "'Retention of client files' was kept"
    assert answered(True, 0) == "'Retention of client files' was deleted"
    panel.call.click()
    pane.enter.click()
    assert pane.question.children == (), "whoever signs in next is not the one who was asked"


def test_what_an_agent_asks_is_answered_in_the_notebook(panel: Panel) -> None:
    sign_in(panel, 0)
    pane = panel.panes[0]
    panel.reply.click()
    assert pane.events.value == "start a task first"
    panel.message.value = "ask me"
    panel.start.click()
    assert ended(pane)[-1][1]["statusUpdate"]["status"]["state"] == "TASK_STATE_INPUT_REQUIRED"
    panel.message.value = "hello"
    panel.reply.click()
    told = ended(pane)
    assert "hello" in str(told) and told[-1][1]["statusUpdate"]["status"]["state"] == "TASK_STATE_COMPLETED"
    assert [number for number, _ in told] == sorted({number for number, _ in told})


def test_what_is_missing_is_told_where_it_would_have_shown(panel: Panel) -> None:
    pane = panel.panes[0]
    panel.call.click()
    assert panel.said.value == "Sign in first."
    panel.start.click()
    assert pane.events.value == "sign in first"
    sign_in(panel, 0)
    pane.cancel.click()
    assert pane.events.value == "start a task first"
    choose(panel, "search_documents")
    panel.arguments["limit"].value = "ten"
    panel.call.click()
    assert panel.said.value == "limit is no JSON: ten"


def test_without_ipywidgets_it_says_what_to_install(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def without(name: str, package: str | None = None) -> Any:
        if name == "ipywidgets":
            raise ImportError(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(WidgetsMissing, match=r'pip install "companion\[notebook\]"'):
        control_room(site.url)


def test_a_server_without_a_control_room_is_told() -> None:
    with pytest.raises(CallFailed, match="does not answer"):
        control_room("http://127.0.0.1:1")
