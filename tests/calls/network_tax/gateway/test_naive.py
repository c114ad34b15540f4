"""The naive gateway is naive, and not broken: see test_losses.py for what it loses."""

from __future__ import annotations

from grpc import StatusCode

from companion.calls.network_tax.gateway.losses import bench
from companion.calls.network_tax.gateway.naive import naive
from companion.calls.network_tax.gateway.service import REFUSED, Refusal


def test_every_refusal_is_500() -> None:
    with bench(naive) as gateway:
        for code in (StatusCode.NOT_FOUND, StatusCode.UNAUTHENTICATED, StatusCode.UNAVAILABLE):
            gateway.backend.refusal = Refusal(code, "because")
            answer = gateway.get(f"/accounts/{REFUSED}")
            assert (answer.status_code, answer.json()) == (500, {"error": "because"})
