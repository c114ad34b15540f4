"""A document is deleted when a person has said so, once, whoever sends what again and from wherever."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from companion.services.database import connect
from companion.services.mcp.access import READ
from companion.services.mcp.conversation import ABOUT, EARLIER, Answer, Message, call, headers, post, request
from tests.services.mcp.conftest import Office, answered, failed, question

DRAFT = {"title": "Draft"}
REFUSED = "-32602 Invalid or expired requestState"


def asked(office: Office, **who: Any) -> Message:
    result = call(office.web(**who), office.url, "delete_document", DRAFT).result
    assert result["resultType"] == "input_required"
    return result


def sent(office: Office, state: Message, arguments: Message = DRAFT, url: str = "", **who: Any) -> Answer:
    return call(office.web(**who), url or office.url, "delete_document", arguments, **state)


def again(answer: Answer) -> bool:
    return bool(answer.result["resultType"] == "input_required")


@pytest.fixture
def draft(office: Office) -> Office:
    office.add(("Draft", "words"), ("Contract", "words"))
    return office


def test_a_yes_deletes_once_and_sent_again_is_an_answer_to_nothing(draft: Office) -> None:
    first = asked(draft)
    assert sent(draft, answered(first)).words == "'Draft' was deleted"
    draft.add(("Draft", "new words"))
    replay = sent(draft, answered(first))
    assert again(replay) and question(replay.result) != question(first)
    assert draft.titles() == ["Contract", "Draft"]


@pytest.mark.parametrize(
    "no", [{"action": "accept", "content": {"delete": False}}, {"action": "decline"}, {"action": "cancel"}], ids=str
)
def test_a_no_keeps_it_and_the_same_state_with_a_yes_does_too(draft: Office, no: Message) -> None:
    first = asked(draft)
    assert sent(draft, answered(first, no)).words == "'Draft' was kept"
    assert again(sent(draft, answered(first)))
    assert draft.titles() == ["Contract", "Draft"]
    assert draft.audit() == []


@pytest.mark.parametrize("content", [None, {}, {"delete": "perhaps"}, {"delete": None}], ids=str)
def test_an_answer_that_is_none_deletes_nothing(draft: Office, content: Any) -> None:
    answer = sent(draft, answered(asked(draft), {"action": "accept", "content": content}))
    assert answer.error is not None or answer.result["isError"]
    assert draft.titles() == ["Contract", "Draft"]


def test_a_yes_to_one_title_deletes_no_other(draft: Office) -> None:
    assert sent(draft, answered(asked(draft)), {"title": "Contract"}).words == REFUSED
    assert draft.titles() == ["Contract", "Draft"]


def test_another_users_state_is_refused(draft: Office) -> None:
    assert sent(draft, answered(asked(draft, user="bob")), user="ada").words == REFUSED
    assert draft.titles() == ["Contract", "Draft"]


def test_the_state_of_a_user_of_the_same_name_in_another_tenant_is_refused(draft: Office, neighbour: Office) -> None:
    neighbour.add(("Draft", "theirs"))
    assert sent(neighbour, answered(asked(draft))).words == REFUSED
    assert neighbour.titles() == ["Draft"]


def test_a_changed_state_and_a_foreign_seal_are_refused(draft: Office) -> None:
    state = answered(asked(draft))
    for wrong in (state["requestState"][:-4] + "AAAA", "", "v1.", "x" * 5000):
        assert sent(draft, state | {"requestState": wrong}).words == REFUSED
    with draft.place.serve(secret=b"another secret of thirty-two bytes") as url:
        assert sent(draft, state, url=url).words == REFUSED
    assert draft.titles() == ["Contract", "Draft"]


def test_a_replica_with_the_same_secret_goes_on(draft: Office) -> None:
    with draft.place.serve() as url:
        assert sent(draft, answered(asked(draft)), url=url).words == "'Draft' was deleted"


def test_of_two_replicas_that_confirm_at_once_one_deletes(draft: Office) -> None:
    state = answered(asked(draft))
    together, answers = threading.Barrier(4), list[Answer]()

    def confirm(url: str) -> None:
        web = draft.web()
        together.wait(60)
        answers.append(call(web, url, "delete_document", DRAFT, **state))

    with draft.place.serve() as other:
        threads = [threading.Thread(target=confirm, args=[url]) for url in (draft.url, other) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    deleted = [one for one in answers if one.words == "'Draft' was deleted"]
    rest = [one for one in answers if one not in deleted]
    assert len(deleted) == 1 and len(rest) == 3
    assert all(again(one) or failed(one) == "this answer has been used" for one in rest)


def test_a_question_that_has_expired_is_asked_anew(draft: Office) -> None:
    first = asked(draft)
    with connect(draft.place.database.admin) as admin:
        older = "update confirmations set created_at = now() - interval '11 minutes' where tenant_id = %s"
        admin.execute(older, [draft.tenant])
    late = sent(draft, answered(first))
    assert again(late) and question(late.result) != question(first)
    assert draft.titles() == ["Contract", "Draft"]


def test_a_seal_that_has_expired_is_refused(draft: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    state = answered(asked(draft))
    later = SimpleNamespace(time=lambda: time.time() + 601)
    monkeypatch.setattr("mcp.server.request_state.time", later)
    assert sent(draft, state).words == REFUSED


def test_the_question_says_of_how_many_documents_it_is(draft: Office) -> None:
    assert question(asked(draft)).startswith("Delete the document 'Draft'? (question ")
    draft.add(("Draft", "another"))
    first = asked(draft)
    assert question(first).startswith("Delete all 2 documents called 'Draft'?")
    draft.add(("Draft", "a third"))
    assert again(sent(draft, answered(first)))  # it was a yes to two
    assert sent(draft, answered(asked(draft))).words == "'Draft' was deleted"
    assert draft.titles() == ["Contract"]


def test_one_title_of_two_tenants_is_two_documents(draft: Office, neighbour: Office) -> None:
    neighbour.add(("Draft", "theirs"))
    assert question(asked(draft)).startswith("Delete the document 'Draft'?")
    assert sent(draft, answered(asked(draft))).words == "'Draft' was deleted"
    assert (draft.titles(), neighbour.titles()) == (["Contract"], ["Draft"])


def test_a_deletion_is_in_the_audit_before_it_is_carried_out(draft: Office) -> None:
    sent(draft, answered(asked(draft)))
    assert draft.audit() == [("delete", "document 'Draft'", "ada")]


def test_what_is_not_there_is_said(office: Office) -> None:
    assert sent(office, answered(asked(office))).words == "there is no document 'Draft'"


def test_who_may_only_read_is_not_even_asked(draft: Office) -> None:
    reader = draft.web(READ)
    assert "scope write" in failed(call(reader, draft.url, "delete_document", DRAFT))
    assert draft.rows("select * from confirmations where tenant_id = {tenant}") == []


def test_a_client_that_cannot_ask_a_person_is_told_so(draft: Office) -> None:
    one = request("tools/call", name="delete_document", arguments=DRAFT)
    one["params"]["_meta"][f"{ABOUT}clientCapabilities"] = {}
    answer = post(draft.web(), draft.url, one)
    assert answer.error is not None and (answer.status, answer.error["code"]) == (400, -32021)
    earlier = request("tools/call", version=EARLIER, name="delete_document", arguments=DRAFT)
    assert post(draft.web(), draft.url, earlier, headers(earlier, EARLIER)).error is not None
    assert draft.titles() == ["Contract", "Draft"]
