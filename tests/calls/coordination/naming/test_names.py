"""What a directory lacks it refuses, in words; what it has is listed."""

from __future__ import annotations

import pytest

from companion.calls.coordination.naming.cards import CardNames
from companion.calls.coordination.naming.corba import CorbaNames
from companion.calls.coordination.naming.leases import LeaseNames
from companion.calls.coordination.naming.mdns import MdnsNames
from companion.calls.coordination.naming.names import OPERATIONS, Lacks, Lease, Names, table
from companion.calls.coordination.naming.nis import NisNames
from companion.calls.coordination.naming.tools import ToolNames

KINDS: list[type[Names]] = [NisNames, CorbaNames, MdnsNames, LeaseNames, ToolNames, CardNames]
CALLS = ("register", "renew", "drop", "resolve", "find", "watch")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
def test_a_directory_that_defines_a_call_lists_it_and_the_other_way_round(kind: type[Names]) -> None:
    assert kind.has <= set(OPERATIONS)
    defined = {call for call in CALLS if getattr(kind, call) is not getattr(Names, call)}
    assert defined == kind.has & set(CALLS)


def test_the_empty_directory_refuses_everything() -> None:
    names, lease = Names(), Lease("north", 1, 1.0)
    asked = [
        lambda: names.register("north", "", {}, 1), lambda: names.renew(lease), lambda: names.drop(lease),
        lambda: names.resolve("north"), lambda: names.find({}), names.watch,
    ]  # fmt: skip
    for call, ask in zip(CALLS, asked, strict=True):
        with pytest.raises(Lacks, match=f"Names has no {call}"):
            ask()


def test_the_table_has_a_cell_for_each_part() -> None:
    assert len(table(KINDS)) == len(KINDS) * len(OPERATIONS)
    assert table([NisNames])["NIS", "resolve"] and not table([NisNames])["NIS", "renew"]


def test_a_token_is_not_printed() -> None:
    assert "secret" not in repr(Lease("north", 1, 30.0, "secret"))
