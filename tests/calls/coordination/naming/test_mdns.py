"""Multicast DNS on loopback: where it is forbidden, one line says so."""

from __future__ import annotations

from typing import Any

import pytest

from companion.calls.coordination.naming import mdns
from companion.calls.coordination.naming.mdns import MdnsNames
from companion.calls.coordination.naming.names import Lacks, Lease


def test_where_multicast_is_forbidden_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(**_: Any) -> None:
        raise OSError(19, "No such device")

    monkeypatch.setattr(mdns, "Zeroconf", forbidden)
    assert mdns.why_not() == "Multicast DNS is not run here: No such device."
    with pytest.raises(Lacks, match="No such device"):
        MdnsNames()


@pytest.mark.skipif(mdns.why_not() is not None, reason=str(mdns.why_not()))
def test_nobody_is_found_renewed_or_dropped_where_nobody_is() -> None:
    with MdnsNames() as names:
        lease = Lease("nobody", 0, 1.0)
        assert not names.renew(lease) and not names.drop(lease)
        assert names.resolve("nobody") is None and names.watch() == []
