"""Every code has a status, and a caller may tell from it whether to ask again."""

from __future__ import annotations

import pytest
from grpc import StatusCode

from companion.calls.network_tax.gateway.statuses import HTTP, MOST_LETTERS, OURS, detail_of, one_line, status_of


def test_every_code_has_a_status() -> None:
    assert HTTP.keys() == set(StatusCode)


def test_no_failure_looks_like_a_success() -> None:
    assert {code for code in StatusCode if HTTP[code] < 400} == {StatusCode.OK}


@pytest.mark.parametrize(("conditional", "status"), [(True, 412), (False, 400)])
def test_a_failed_precondition_is_412_only_to_a_request_that_had_one(conditional: bool, status: int) -> None:
    assert status_of(StatusCode.FAILED_PRECONDITION, conditional) == status


def test_a_condition_changes_no_other_code() -> None:
    others = set(StatusCode) - {StatusCode.FAILED_PRECONDITION}
    assert all(status_of(code, True) == status_of(code, False) for code in others)


def test_a_detail_is_one_line_of_some_length() -> None:
    assert one_line("a\r\n b\t c") == "a b c"
    assert len(one_line("x" * 10_000)) == MOST_LETTERS


@pytest.mark.parametrize("code", OURS, ids=lambda code: code.name)
def test_the_service_does_not_write_the_sentence_for_its_own_faults(code: StatusCode) -> None:
    assert "10.0.0.7" not in detail_of(code, "connect to 10.0.0.7 failed")


def test_without_details_the_code_is_the_sentence() -> None:
    assert detail_of(StatusCode.NOT_FOUND, None) == "NOT_FOUND"
