"""Embeddings are filled in step by step: what is done stays done, whoever goes away, and nothing is done for nobody."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from companion.services.documents import DIMENSIONS
from companion.services.mcp.conversation import EARLIER, TODAY, Answer, call, headers, post, request
from tests.services.mcp.conftest import Office, by_words, failed, structure


def filling(office: Office, **more: Any) -> Answer:
    one = request("tools/call", name="fill_embeddings", arguments={})
    one["params"]["_meta"] |= {"progressToken": "p"}
    return post(office.web(), more.pop("url", office.url), one)


def test_filling_tells_how_far_it_is_and_does_nothing_twice(office: Office) -> None:
    office.add(*((f"Page {number}", "words") for number in range(20)))
    answer = filling(office)
    told = [message["params"] for message in answer.messages[:-1]]
    assert [one["progress"] for one in told] == [0, 8, 16, 20] and {one["total"] for one in told} == {20}
    assert told[1]["message"] == "8 of 20 documents"
    assert structure(answer) == {"result": 20} and structure(filling(office)) == {"result": 0}


def test_a_page_without_a_direction_stays_without_an_embedding_and_is_passed_over(office: Office) -> None:
    office.add(("...", "..."), *((f"Page {number}", "words") for number in range(9)))

    def blank(texts: list[str]) -> object:
        return [[0.0 if text.startswith("...") else 1.0] * DIMENSIONS for text in texts]

    with office.place.serve(blank) as url:  # type: ignore[arg-type]
        assert structure(call(office.web(), url, "fill_embeddings", {})) == {"result": 9}
        assert structure(call(office.web(), url, "fill_embeddings", {})) == {"result": 0}


def test_a_model_that_gives_nonsense_is_told_and_keeps_what_is_done(office: Office) -> None:
    office.add(*((f"Page {number}", "words") for number in range(20)))
    calls: list[int] = []

    def breaking(texts: list[str]) -> object:
        calls.append(len(texts))
        return by_words(texts) if len(calls) == 1 else [[1.0, 2.0]]

    with office.place.serve(breaking) as url:  # type: ignore[arg-type]
        assert "the model gives an array of" in failed(call(office.web(), url, "fill_embeddings", {}))
    assert office.rows("select count(embedding) from documents where tenant_id = {tenant}") == [(8,)]


class Stepping:
    """A model that takes a step when it is let."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Semaphore(0), threading.Semaphore(0)
        self.texts = 0

    def __call__(self, texts: list[str]) -> object:
        self.texts += len(texts)
        self.begun.release()
        assert self.go.acquire(timeout=60)
        return by_words(texts)


def embedded(office: Office) -> int:
    return int(office.rows("select count(embedding) from documents where tenant_id = {tenant}")[0][0])


def wait_until(office: Office, count: int) -> None:
    until = time.monotonic() + 60
    while embedded(office) != count:
        assert time.monotonic() < until, embedded(office)
        time.sleep(0.01)


@pytest.mark.parametrize("version", [EARLIER, TODAY])
def test_of_a_caller_that_is_killed_in_the_middle_what_is_embedded_stays(office: Office, version: str) -> None:
    office.add(*((f"Page {number}", "words") for number in range(40)))
    model = Stepping()
    one = request("tools/call", version=version, name="fill_embeddings", arguments={})
    one["params"].setdefault("_meta", {})["progressToken"] = "p"
    with office.place.serve(model) as url:  # type: ignore[arg-type]
        with office.web().stream("POST", url, json=one, headers=headers(one, version)):
            for _ in range(2):
                assert model.begun.acquire(timeout=60)
                model.go.release()
            assert model.begun.acquire(timeout=60)  # the third step has begun, and its caller is gone
        model.go.release()
        wait_until(office, 24)
        time.sleep(0.3)
        assert (model.texts, embedded(office)) == (24, 24), "it went on for nobody"
        structure(call(office.web(), office.url, "fill_embeddings", {}))
    assert embedded(office) == 40


def test_two_who_fill_at_once_share_the_work(office: Office) -> None:
    office.add(*((f"Page {number}", "words") for number in range(40)))
    answers: list[Answer] = []
    web = office.web()
    threads = [threading.Thread(target=lambda: answers.append(filling(office))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(structure(answer)["result"] for answer in answers) == 40 == embedded(office)
    assert structure(call(web, office.url, "fill_embeddings", {})) == {"result": 0}
