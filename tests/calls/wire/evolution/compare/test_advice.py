"""What is advised about a change can be done in the language of the schema."""

from __future__ import annotations

from typing import Any

import pytest

from companion.calls.wire.evolution.compare.advice import advise
from companion.calls.wire.evolution.compare.shapes import Shape


@pytest.mark.parametrize(("default", "optional"), [(0, True), ("", True), ([], False), ({}, False)])
def test_a_list_or_a_map_that_is_new_is_not_to_be_declared_optional(default: Any, optional: bool) -> None:
    """No .proto may: https://protobuf.dev/programming-guides/proto3 knows `optional` for singular fields only."""
    advice = advise("Protocol Buffers", None, Shape("new", 2, "kind", default), "", "z", "=")
    assert ("optional" in advice) is optional
    assert "never sent" in advice
