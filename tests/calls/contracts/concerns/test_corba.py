"""CORBA's interceptors guard a call from another process, and see none from their own."""

import pytest

from companion.calls.contracts.concerns import corba


@pytest.mark.skipif(corba.why_not() is not None, reason=str(corba.why_not()))
def test_a_call_in_the_same_process_passes_no_interceptor() -> None:
    both = ["client", "server"]
    assert corba.calls() == {
        "another process, a token": ("100", both),
        "another process, none": ("NO_PERMISSION, COMPLETED_NO", both),
        "the same process, none": ("100", []),
    }


def test_without_an_orb_there_are_no_calls_and_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corba, "find_spec", lambda name: None)
    assert "omniORB" in str(corba.why_not()) and corba.calls() == {}
