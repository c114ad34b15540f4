"""The control room in a real browser, beside a real A2A server in a process of its own."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.control_room.conftest import HOSTILE, House, Visitor

TABS = ["Sign in", "Tools", "Tasks", "Budget"]


def fill_everything(visitor: Visitor) -> None:
    """Have something on each tab, in both panes."""
    visitor.enter()
    visitor.open_both()
    visitor.call("search_documents", query="GDPR")
    for number in (0, 1):
        expect(visitor.said(number)).to_have_text("The tool has answered.")
    visitor.start()
    for number in (0, 1):
        expect(visitor.said(number)).to_have_text("The task is completed.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_tab_is_in_order_at_a_desk_and_on_a_phone(visitor: Visitor, theme: str) -> None:
    visitor.sit("desk", theme)
    fill_everything(visitor)
    for width in ("desk", "phone"):
        visitor.sit(width, theme)
        for tab in TABS:
            visitor.tab(tab)
            assert visitor.violations() == [], (width, tab)
            assert visitor.page_width() <= visitor.width, (width, tab)
    assert visitor.complaints == []


def test_who_signs_in_sees_what_the_token_says_and_its_time_running_out(ada: Visitor) -> None:
    claims = ada.pane().locator("dl")
    for said in ("https://issuer.example", "ada", "ada00000-0000-4000-8000-000000000001", "read write"):
        expect(claims.locator("dd", has_text=re.compile(f"^{re.escape(said)}$"))).to_have_count(1)
    timer = ada.pane().get_by_role("timer")
    expect(timer).to_have_text(re.compile(r"Good for \d+ more seconds\."))
    before = timer.inner_text()
    expect(timer).not_to_have_text(before)
    ada.pane().get_by_role("button", name="Sign out").click()
    expect(ada.said()).to_have_text("Signed out.")
    ada.tab("Tools")
    expect(ada.page.locator("#tools-said")).to_have_text("Sign in first.")


def test_a_token_that_has_expired_is_told_and_a_new_one_helps(ada: Visitor) -> None:
    ada.sign_in(seconds=3)
    ada.tab("Tools")
    expect(ada.page.get_by_label("Tool", exact=True)).to_be_visible()
    ada.tab("Sign in")
    expect(ada.pane().get_by_role("timer")).to_have_text("It has expired. Sign in again.")
    ada.call("list_documents")
    expect(ada.said()).to_have_text("The token has expired. Sign in again.")
    ada.start()
    expect(ada.said()).to_have_text("The token has expired. Sign in again.")
    ada.sign_in()
    ada.call("list_documents")
    expect(ada.said()).to_have_text("The tool has answered.")


def test_a_tool_is_called_by_a_form_made_of_its_schema_and_shows_what_was_sent_and_came(ada: Visitor) -> None:
    ada.tab("Tools")
    tools = ada.page.get_by_label("Tool", exact=True)
    expect(tools.locator("option", has_text="hybrid_search")).to_have_count(1)
    tools.select_option(label="hybrid_search")
    limit = ada.page.get_by_label("limit", exact=True)
    assert [limit.get_attribute(name) for name in ("type", "min", "max")] == ["number", "1", "50"]
    assert limit.input_value() == "10"
    ada.call("hybrid_search", query="client files", limit="2")
    expect(ada.said()).to_have_text("The tool has answered.")
    request, answer = (json.loads(ada.pane().get_by_role("group", name=name, exact=True).inner_text())
                       for name in ("Request", "Answer"))  # fmt: skip
    assert request["params"]["arguments"] == {"query": "client files", "limit": 2, "bm25_weight": 0.5,
                                              "vector_weight": 0.5}  # fmt: skip
    assert answer["id"] == request["id"]
    hits = answer["result"]["structuredContent"]["hits"]
    assert len(hits) == 2 and hits[0]["title"] == "Retention of client files"
    assert "Bearer" not in ada.page.inner_text("body")


def test_what_a_tool_refuses_and_what_the_token_lacks_are_told(ada: Visitor) -> None:
    ada.call("get_document", id="no number")
    expect(ada.said()).to_contain_text("The tool could not:")
    ada.call("get_document", id="00000000-0000-4000-8000-000000000000")
    expect(ada.said()).to_contain_text("there is no document")
    ada.tab("Sign in")
    ada.pane().get_by_label("write").uncheck()
    ada.sign_in()
    ada.call("fill_embeddings")
    expect(ada.said()).to_contain_text("a token with the scope write")
    ada.start()
    expect(ada.said()).to_have_text("The server does not allow it: the token does not allow `write`.")


def test_a_tool_that_asks_first_is_answered(ada: Visitor) -> None:
    ada.call("delete_document", title="Who may sign")
    expect(ada.said()).to_have_text("The tool asks you something first.")
    expect(ada.pane()).to_contain_text("Delete the document 'Who may sign'?")
    ada.pane().get_by_role("button", name="Answer").click()  # with nothing ticked: keep it
    expect(ada.said()).to_have_text("The tool has answered.")
    expect(ada.pane()).to_contain_text("was kept")


def test_the_other_tenant_sees_its_own_by_the_same_call_and_not_your_task(ada: Visitor) -> None:
    expect(ada.pane(1)).to_be_hidden()
    ada.open_both()
    ada.call("search_documents", query="GDPR")
    expect(ada.pane(0)).to_contain_text("Breach notification")
    expect(ada.pane(1)).to_contain_text("When data leaks")
    assert "When data leaks" not in ada.pane(0).inner_text()
    assert "Breach notification" not in ada.pane(1).inner_text()
    ada.start()
    for number in (0, 1):
        expect(ada.said(number)).to_have_text("The task is completed.")
    ours, theirs = (ada.pane(number).get_by_role("group", name="Artifact answer") for number in (0, 1))
    expect(ours).to_contain_text("Client files are kept for ten years")
    expect(theirs).to_contain_text("no evidence")
    ada.page.get_by_role("button", name="Show it").click()
    expect(ada.said(0)).to_have_text("The task is completed.")
    expect(ada.said(1)).to_contain_text("Task not found")


def test_what_one_has_seen_is_gone_when_another_signs_in(ada: Visitor) -> None:
    ada.call("list_documents")
    expect(ada.pane()).to_contain_text("Who may sign")
    ada.start()
    expect(ada.said()).to_have_text("The task is completed.")
    ada.sign_in("Bob's Bakery Group")
    for tab in ("Tools", "Tasks"):
        ada.tab(tab)
        assert "Who may sign" not in ada.pane().inner_text()
    expect(ada.events()).to_have_count(0)


def test_a_task_is_watched_to_its_last_event_and_heard_again_from_any(ada: Visitor) -> None:
    ada.start()
    expect(ada.events().last).to_have_text(re.compile(r"event \d+, completed"))
    numbers = ada.numbers()
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    resume = ada.pane().get_by_role("button", name="Go on behind that event")
    resume.click()
    expect(ada.said()).to_have_text(f"Nothing came after event {numbers[-1]}.")
    ada.pane().get_by_label("Last event that arrived").fill(str(numbers[2]))
    resume.click()
    expect(ada.events()).to_have_count(2 * len(numbers) - 3)
    assert ada.numbers()[len(numbers) :] == numbers[3:]
    assert ada.complaints == []


def test_a_stream_that_is_cut_is_taken_up_behind_its_last_event(ada: Visitor, house: House) -> None:
    with house.held_up():
        ada.start()
        expect(ada.events().last).to_contain_text("working")
        ada.pane().get_by_role("button", name="Cut the stream").click()
        expect(ada.said()).to_contain_text("The stream was cut after event")
    ada.pane().get_by_role("button", name="Go on behind that event").click()
    expect(ada.said()).to_have_text("The task is completed.")
    numbers = ada.numbers()
    assert numbers == list(range(numbers[0], numbers[-1] + 1))


def test_a_server_that_dies_is_told_and_its_successor_goes_on(ada: Visitor, house: House) -> None:
    with house.held_up():
        ada.start()
        expect(ada.events().last).to_contain_text("working")
        house.kill()
        expect(ada.said()).to_contain_text("The stream was cut after event")
        resume = ada.pane().get_by_role("button", name="Go on behind that event")
        resume.click()
        expect(ada.said()).to_have_text("The server does not answer. Does it still run?")
        house.start()
    resume.click()
    expect(ada.said()).to_have_text("The task is completed.")
    numbers = ada.numbers()
    assert numbers == list(range(numbers[0], numbers[-1] + 1))


def test_a_task_is_cancelled_while_it_works(ada: Visitor, house: House) -> None:
    with house.held_up():
        ada.start()
        expect(ada.events().last).to_contain_text("working")
        ada.pane().get_by_role("button", name="Cancel the task").click()
        expect(ada.said()).to_have_text("The task is canceled.")
    expect(ada.pane().get_by_role("button", name="Cancel the task")).to_be_disabled()


def test_an_agent_that_asks_is_answered(ada: Visitor) -> None:
    ada.start(" ")
    expect(ada.said()).to_have_text("The agent asks something; answer by a message.")
    expect(ada.events().last).to_contain_text("What do you want to know?")
    ada.page.get_by_label("Message").fill("For how long are files kept?")
    ada.pane().get_by_role("button", name="Send the message as its answer").click()
    expect(ada.said()).to_have_text("The task is completed.")


def test_what_a_tenant_has_written_is_text_wherever_it_shows(ada: Visitor) -> None:
    ada.sign_in(HOSTILE)
    expect(ada.said()).to_contain_text(HOSTILE)
    ada.call("list_documents")
    expect(ada.pane().get_by_role("heading", name=HOSTILE)).to_have_count(1)
    expect(ada.pane().get_by_role("group", name="Answer")).to_contain_text("<img src=x onerror=")
    ada.call("delete_document", title=HOSTILE)
    expect(ada.pane().locator("form")).to_contain_text("<img src=x onerror=")
    ada.start("For how long is a page kept?")
    expect(ada.said()).to_have_text("The task is completed.")
    expect(ada.pane().get_by_role("group", name="Artifact answer")).to_contain_text("<img src=x onerror=")
    assert ada.page.locator("img, body script").count() == 0
    assert ada.page.title() == "Control room"
    assert ada.complaints == []


def test_the_policy_stops_what_a_line_that_forgets_would_let_in(ada: Visitor) -> None:
    # Were the page to take a text for HTML one day, this is what the browser would do about it.
    tried = ada.page.evaluate(
        """text => { try { document.body.innerHTML = text; return "taken" } catch (error) { return error.name } }""",
        HOSTILE,
    )
    assert tried == "TypeError"
    assert ada.page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', error => error.name)") == "TypeError"
    assert any("Content Security Policy" in text for text in ada.complaints)
    assert ada.page.title() == "Control room"


def test_a_page_that_is_loaded_again_keeps_the_choices_the_task_and_no_token(ada: Visitor) -> None:
    ada.start()
    expect(ada.said()).to_have_text("The task is completed.")
    last = ada.numbers()[-1]
    kept = ada.page.evaluate("JSON.stringify({...sessionStorage, ...localStorage}) + document.cookie")
    assert "eyJ" not in kept  # what every token begins with
    ada.page.reload()
    expect(ada.page.get_by_role("tab", name="Tasks")).to_have_attribute("aria-selected", "true")
    expect(ada.page.locator("#tasks-said")).to_have_text("Sign in first.")
    ada.tab("Sign in")
    expect(ada.said()).to_have_text("The page was loaded again, and its tokens are gone. Sign in again.")
    expect(ada.pane().get_by_label("Tenant", exact=True).locator("option:checked")).to_have_text("Ada & Partners")
    ada.pane().get_by_role("button", name="Sign in").click()
    ada.tab("Tasks")
    ada.pane().get_by_role("button", name="Go on behind that event").click()
    expect(ada.said()).to_have_text(f"Nothing came after event {last}.")


def test_everything_can_be_done_by_keyboard_alone(ada: Visitor) -> None:
    ada.enter()
    keyboard, page = ada.page.keyboard, ada.page

    def focused() -> str:
        return str(page.evaluate("document.activeElement.innerText || document.activeElement.labels?.[0]?.innerText"))

    def tab_to(name: str) -> None:
        for _ in range(30):
            keyboard.press("Tab")
            if focused().strip() == name:
                return
        pytest.fail(f"{name} is not reached")

    tab_to("See what another tenant sees")
    keyboard.press("Space")
    expect(ada.pane(1)).to_be_visible()
    keyboard.press("Space")
    tab_to("Sign in")  # the tab; then its panel's button
    tab_to("Sign in")
    keyboard.press("Enter")
    expect(ada.said()).to_contain_text("Signed in as")
    page.get_by_role("tab", name="Sign in").focus()
    keyboard.press("ArrowRight")
    assert focused() == "Tools"
    expect(page.locator("#tools-said")).to_contain_text("tools")
    tab_to("query")
    keyboard.type("GDPR")
    keyboard.press("Enter")
    expect(ada.said()).to_have_text("The tool has answered.")
    page.get_by_role("tab", name="Tools").focus()
    keyboard.press("ArrowRight")
    tab_to("Start a task")
    keyboard.press("Enter")
    expect(ada.said()).to_have_text("The task is completed.")
    page.get_by_role("tab", name="Tasks").focus()
    keyboard.press("End")
    assert focused() == "Budget"
    keyboard.press("ArrowRight")
    assert focused() == "Sign in"
    page.go_back()
    expect(page.get_by_role("tab", name="Budget")).to_have_attribute("aria-selected", "true")


def test_the_budget_shows_nothing_that_is_not_counted(ada: Visitor) -> None:
    ada.tab("Budget")
    panel = ada.page.get_by_role("tabpanel", name="Budget")
    expect(panel).to_contain_text("Chapter 12")
    assert not re.search(r"[$€]|\d+[.,]\d", panel.inner_text())
