"""The server that a browser is pointed at, asked by HTTP; what Chromium makes of it is recorded (chapter 9)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from companion.services.a2a.laboratory import browser
from companion.services.a2a.laboratory.browser import NotHere


@pytest.fixture(scope="module")
def web() -> Iterator[httpx.Client]:
    with browser.over_http1() as url, httpx.Client(base_url=url, trust_env=False, timeout=20) as client:
        yield client


def data(answer: httpx.Response, name: str = "data") -> list[str]:
    return [line.partition(": ")[2] for line in answer.text.splitlines() if line.startswith(f"{name}: ")]


def test_without_ids_a_stream_begins_anew_whatever_its_reader_has_had(web: httpx.Client) -> None:
    for headers in ({}, {"last-event-id": "3"}):
        answer = web.get("/count?ids=0", headers=headers)
        assert data(answer) == ["1", "2", "3"] and data(answer, "id") == []


def test_with_ids_it_goes_on_and_says_when_it_is_over(web: httpx.Client) -> None:
    assert data(web.get("/count?ids=1")) == ["1", "2", "3"]
    rest = web.get("/count?ids=1", headers={"last-event-id": "3"})
    assert data(rest) == data(rest, "id") == ["4", "5", "6"]
    assert web.get("/count?ids=1", headers={"last-event-id": "6"}).status_code == 204


@pytest.mark.parametrize(("with_ids", "most"), [(["1", "2", "3"], 1), (["1", "2", "3", "2"], 2), ([], 0)])
def test_it_is_counted_how_often_a_reader_hears_any_number(
    with_ids: list[str], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = {"/count?ids=0": ["1"] * 9, "/count?ids=1": with_ids}
    monkeypatch.setattr(browser, "_follow", lambda url, path: (heard[path], 2))
    assert browser.reconnections() == {
        "first_without_ids": 9, "first_with_ids": with_ids.count("1"), "most_with_ids": most,
        "told_with_ids": len(with_ids), "closed_by_204": True,
    }  # fmt: skip


def test_what_drips_says_that_it_is_not_to_be_held_back_if_it_is_asked_to(web: httpx.Client) -> None:
    for path, said in (("/drip", None), ("/drip?no=1", "no")):
        with web.stream("GET", path) as answer:
            assert answer.headers.get("x-accel-buffering") == said
            assert next(answer.iter_lines()) == "data: 0"


def test_a_measurement_says_which_program_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for name in ("COMPANION_NGINX", "COMPANION_CHROMIUM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NotHere, match="nginx"), browser.behind_nginx("http://127.0.0.1:1"):
        pass
    with pytest.raises(NotHere, match="Chromium"), browser._browser():
        pass


def test_a_certificate_is_for_loopback_and_no_authoritys(tmp_path: Path) -> None:
    certificate, _ = browser._certificate(tmp_path)  # which has held it against its key
    found = x509.load_pem_x509_certificate(Path(certificate).read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert found.issuer == found.subject
