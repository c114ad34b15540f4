"""The service, and how it holds a call."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from companion.calls.network_tax.gateway import accounts_pb2 as pb
from companion.calls.network_tax.gateway.service import HELD, serving, stubs

PATIENCE = 20.0


def test_a_held_call_hears_that_it_was_cancelled_and_not_that_it_was_let_go() -> None:
    with serving() as backend, stubs(backend.address) as methods:
        call = methods.get.future(pb.GetAccountRequest(id=HELD), timeout=PATIENCE)
        assert backend.gate.entered.wait(PATIENCE)
        backend.gate.release()
        assert call.result().id == HELD
        assert not backend.gate.ended.is_set()
        backend.gate = type(backend.gate)()
        call = methods.get.future(pb.GetAccountRequest(id=HELD), timeout=PATIENCE)
        assert backend.gate.entered.wait(PATIENCE)
        call.cancel()
        assert backend.gate.ended.wait(PATIENCE)


def test_a_call_without_a_deadline_is_seen_to_have_none() -> None:
    with serving() as backend, stubs(backend.address) as methods:
        methods.get(pb.GetAccountRequest(id=1))
        methods.get(pb.GetAccountRequest(id=1), timeout=PATIENCE)
        assert backend.seen[0].seconds is None
        assert backend.seen[1].seconds == pytest.approx(PATIENCE, abs=PATIENCE / 2)


def test_the_service_says_what_is_wrong_with_an_account() -> None:
    with serving() as backend, stubs(backend.address) as methods, pytest.raises(grpc.RpcError) as caught:
        methods.put(pb.Account(id=1, balance=-1), timeout=PATIENCE)
    metadata: Any = caught.value.trailing_metadata()
    trailing = dict(metadata)
    assert pb.Problem.FromString(trailing["problem-bin"]).field == "balance"
