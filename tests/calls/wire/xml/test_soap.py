"""SOAP over HTTP: the statuses, and what zeep believes."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from companion.calls.wire.customers import (
    Address,
    CannotEncode,
    Customer,
    CustomerStore,
    MalformedReply,
    RemoteError,
)
from companion.calls.wire.web import MAX_BODY
from companion.calls.wire.xml import soap
from companion.calls.wire.xml.envelope import WSDL
from companion.calls.wire.xml.soap import SoapClient

ADA = Customer(id=1, name="Ada Lovelace", balance=1234.5)
XML = {"content-type": "text/xml"}


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    with soap.serve(CustomerStore([ADA])) as address:
        yield address


@pytest.fixture
def client(address: Address) -> Iterator[SoapClient]:
    client = SoapClient(address, 20)
    yield client
    client.close()


def test_the_contract_is_there_for_whoever_asks(address: Address) -> None:
    with httpx.Client(base_url=f"http://{address}", trust_env=False) as web:
        assert web.get("/soap?wsdl").content == WSDL
        assert web.get("/soap").status_code == 405
        assert web.put("/soap").status_code == 405


def test_what_is_no_xml_or_too_long_does_not_reach_the_parser(address: Address) -> None:
    with httpx.Client(base_url=f"http://{address}", trust_env=False) as web:
        assert web.post("/soap", content=b"{}", headers={"content-type": "application/json"}).status_code == 415
        assert web.post("/soap", content=b"<a/>" + b" " * MAX_BODY, headers=XML).status_code == 413
        pieces = (b" " * 65_536 for _ in range(20))
        assert web.post("/soap", content=pieces, headers=XML).status_code == 413


def test_zeep_sends_what_the_contract_forbids_and_the_server_refuses_it(client: SoapClient) -> None:
    for wrong in ({"id": "two", "name": "Bob", "balance": 1.0}, {"id": 2, "name": "B" * 31, "balance": 1.0}):
        with pytest.raises(RemoteError) as caught:
            client.call("add", wrong)
        assert caught.value.code == "Client"
    with pytest.raises(CannotEncode, match="Missing element balance"):
        client.call("add", {"id": 2, "name": "Bob"})
    assert client.list() == [ADA]


def test_zeep_leaves_out_what_the_contract_does_not_name_and_says_nothing(address: Address) -> None:
    with soap.serve(CustomerStore()) as own:
        client = SoapClient(own, 20)
        assert client.call("add", {"id": 3, "name": "Cy", "balance": 0.0, "since": 1843}) is True
        client.close()


def without(name: bytes) -> Callable[[bytes], bytes]:
    return lambda xml: re.sub(b"<c:%b>.*</c:%b>" % (name, name), b"", xml)


def added(before: bytes) -> Callable[[bytes], bytes]:
    return lambda xml: xml.replace(before, b"<c:since>1843</c:since>" + before)


@pytest.mark.parametrize(
    ("edit", "strict", "held"),
    [
        (without(b"balance"), True, (1, "Ada Lovelace", None)),
        (added(b"</c:customer>"), False, (1, "Ada Lovelace", 1234.5)),
        (added(b"<c:name>"), False, (1, None, None)),
        (without(b"name"), False, (1, None, 1234.5)),
        (lambda xml: xml.replace(b">1<", b">one<"), True, (None, "Ada Lovelace", 1234.5)),
    ],
)
def test_what_zeep_holds_of_an_answer_that_breaks_the_contract(
    edit: Callable[[bytes], bytes], strict: bool, held: tuple[object, ...]
) -> None:
    with soap.serve(CustomerStore([ADA]), edit=edit) as address, soap.zeep_log():
        client = SoapClient(address, 20, strict=strict)
        found = client.call("get", 1)
        assert (found.id, found.name, found.balance) == held
        if None in held and held[1] is not None:
            with pytest.raises(MalformedReply):  # where zeep believes, our own client looks
                client.get(1)
        client.close()


@pytest.mark.parametrize("edit", [added(b"</c:customer>"), added(b"<c:name>"), without(b"name")])
def test_a_strict_zeep_stumbles_over_an_element_more_or_one_less_in_the_middle(edit: Callable[[bytes], bytes]) -> None:
    with soap.serve(CustomerStore([ADA]), edit=edit) as address:
        client = SoapClient(address, 20)
        with pytest.raises(MalformedReply) as caught:
            client.get(1)
        assert type(caught.value.__cause__).__name__ == "XMLParseError"
        client.close()


def test_a_number_of_the_wrong_type_is_logged_and_returned_as_none(address: Address) -> None:
    client = SoapClient(address, 20, edit=lambda wsdl: wsdl.replace(b"xs:double", b"xs:long"))
    with soap.zeep_log() as log:
        assert client.call("get", 1).balance is None
    assert log == ["ValueError: invalid literal for int() with base 10: '1234.5'"]
    client.close()


@pytest.mark.parametrize(
    "edit",
    [
        lambda xml: b"",
        lambda xml: b"<a/>",
        lambda xml: b"nonsense",
        lambda xml: xml[:-9],
        lambda xml: b"<!DOCTYPE x [<!ENTITY e 'x'>]>" + xml.partition(b"?>")[2],
        lambda xml: b" " * (5 << 20),
    ],
)
def test_an_answer_that_is_none_is_malformed(edit: Callable[[bytes], bytes]) -> None:
    with soap.serve(CustomerStore([ADA]), edit=edit) as address:
        client = SoapClient(address, 20)
        with pytest.raises(MalformedReply):
            client.add(Customer(id=2, name="", balance=0.0))
        client.close()


def test_a_contract_that_cannot_be_read_is_malformed(address: Address) -> None:
    contracts: tuple[Callable[[bytes], bytes], ...] = (lambda wsdl: b"", lambda wsdl: b"<a/>", lambda wsdl: wsdl[:900])
    for edit in contracts:
        client = SoapClient(address, 20, edit=edit)
        with pytest.raises(MalformedReply, match="contract"):
            client.get(1)
        client.close()


def test_the_log_is_collected_and_given_back() -> None:
    import logging

    log = logging.getLogger("zeep")
    before = (log.propagate, list(log.handlers))
    with soap.zeep_log() as lines:
        logging.getLogger("zeep.xsd").warning("a %s", "word")
    assert lines == ["a word"]
    assert (log.propagate, log.handlers) == before
