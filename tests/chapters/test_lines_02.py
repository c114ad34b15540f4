"""Chapter 2, its newer half: what stands on the page as code does what the package does.

The lines of the older half are held in tests/calls/wire/test_page.py.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.wire.evolution.changes import Field
from companion.calls.wire.evolution.codecs import xdr
from companion.calls.wire.objects import corba, giop
from companion.calls.wire.objects.hidden import Desk
from companion.calls.wire.objects.rmi import lookup
from companion.calls.wire.xml import envelope

CELLS = {
    cell["id"]: "".join(cell["source"])
    for cell in json.loads((Path(__file__).parents[2] / "chapters" / "02-wire.ipynb").read_text("utf-8"))["cells"]
}


def run(cell: str) -> dict[str, Any]:
    """Run one cell of the chapter and return what it defines."""
    names: dict[str, Any] = {}
    exec(CELLS[cell], names)
    return names


def test_its_request_is_omniorbs_but_for_its_number_and_what_stands_in_the_gaps() -> None:
    page = run("obj-request")
    with corba.conversation("Customers", live=False) as customers:
        customers.call("add", {"id": 1, "name": "Ada Lovelace", "balance": 1234.5})
        customers.call("get", 1)
        theirs = customers.request
    ours = page["call"](b"get", page["ulong"](1))
    gaps = {at for start, end in giop.read(theirs, ["long"]).gaps for at in range(start, end)}
    number = set(range(12, 16))
    assert len(ours) == len(theirs)
    assert {at for at in range(len(ours)) if ours[at] != theirs[at]} <= gaps | number
    assert [ours[at] for at in gaps] == [0] * len(gaps)


@settings(max_examples=30)
@given(st.binary(min_size=1, max_size=20), st.sampled_from([b"get", b"list", b"getAverageSpeed"]))
def test_our_reader_reads_what_the_page_writes(key: bytes, operation: bytes) -> None:
    page = run("obj-request")
    seen = giop.read(page["call"](operation, page["ulong"](7), key=key), ["long"])
    assert seen.kind == "Request"
    assert f'"{operation.decode()}" and a NUL' in [row.meaning for row in seen.rows]
    assert seen.rows[-1].meaning == "long: 7"


class Wire:
    """Writes down what a stub of ours would send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, tuple[Any, ...]]] = []

    def call(self, name: str, method: str, arguments: tuple[Any, ...]) -> None:
        self.sent.append((method, arguments))


def test_its_stub_sends_what_ours_sends() -> None:
    wire, sent = Wire(), []
    theirs = run("obj-stub")["stub"](Desk, lambda method, args: sent.append((method, args)))
    ours = lookup(wire, "desk", Desk)  # type: ignore[arg-type]
    methods = [name for name, _ in inspect.getmembers(Desk, inspect.isfunction)]
    assert methods
    for name in methods:
        arguments = [object() for _ in list(inspect.signature(getattr(Desk, name)).parameters)[1:]]
        for stub in (theirs, ours):
            getattr(stub, name)(*arguments)
    assert sent == wire.sent
    assert isinstance(theirs, Desk) and isinstance(ours, Desk)


@pytest.mark.parametrize(("id", "right"), [("2", True), ("two", False), ("0", True), (str(2**31), False)])
def test_its_schema_is_the_one_that_our_server_reads(id: str, right: bool) -> None:
    page, ours = run("xml-guard"), envelope.schema_of(envelope.WSDL)
    call = page["etree"].fromstring(f"<get xmlns='urn:customers'><id>{id}</id></get>")
    assert page["guard"].validate(call) == ours.validate(call) == right


@settings(max_examples=30)
@given(st.integers(1, 2**31 - 1), st.floats(allow_nan=False))
def test_its_codec_writes_and_misreads_as_ours(id: int, balance: float) -> None:
    page, kinds = run("evo-idea"), {">i": "int32", ">d": "double", ">q": "int64"}
    old, new = (
        tuple(Field(name, tag, kinds[layout]) for tag, (name, layout) in enumerate(page[which].items(), start=1))
        for which in ("OLD", "NEW")
    )
    record = {"id": id, "balance": balance}
    sent = page["encode"](page["OLD"], record)
    assert sent == xdr.encode(old, record)
    for schema, fields in ((page["OLD"], old), (page["NEW"], new)):
        assert page["decode"](schema, sent) == xdr.decode(fields, sent, strict=True)
