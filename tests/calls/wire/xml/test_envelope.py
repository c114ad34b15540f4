"""SOAP envelopes: what the schema lets through, and what is answered with a Fault."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]

from companion.calls.wire.customers import MAX_CUSTOMERS, Customer, CustomerStore
from companion.calls.wire.xml.envelope import NAMESPACE, SOAP, WSDL, answer, schema_of

ADA = Customer(id=1, name="Ada", balance=1.5)


def envelope(body: str, header: str = "", namespace: str = SOAP) -> bytes:
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return f'<s:Envelope xmlns:s="{namespace}" xmlns="{NAMESPACE}">{head}<s:Body>{body}</s:Body></s:Envelope>'.encode()


def add(id: str, name: str, balance: str, more: str = "") -> bytes:
    fields = f"<id>{id}</id><name>{name}</name><balance>{balance}</balance>{more}"
    return envelope(f"<add><customer>{fields}</customer></add>")


def fault(store: CustomerStore, body: bytes) -> tuple[str, str]:
    reply = answer(store, body)
    assert reply.status == 500
    node = etree.fromstring(reply.body).find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    return node.findtext("faultcode"), node.findtext("faultstring")


def test_a_call_is_answered_by_an_element_of_the_same_schema() -> None:
    schema = schema_of(WSDL)
    store = CustomerStore([ADA])
    for call in (add("2", "Bob", "1e3"), envelope("<get><id>1</id></get>"), envelope("<list/>")):
        reply = answer(store, call)
        assert reply.status == 200
        (payload,) = etree.fromstring(reply.body).find(f"{{{SOAP}}}Body")
        assert schema.validate(payload), schema.error_log
    assert store.get(2) == Customer(id=2, name="Bob", balance=1000.0)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (add("two", "Bob", "1"), "'two' is not a valid value"),
        (add("0", "Bob", "1"), "minInclusive"),
        (add("2147483648", "Bob", "1"), "not a valid value"),
        (add("2", "B" * 31, "1"), "maxLength"),
        (add("2", "é" * 16, "1"), "32 bytes"),
        (add("2", "Bob", "much"), "not a valid value"),
        (add("2", "Bob", "INF"), "balance"),
        (add("2", "Bob", "NaN"), "balance"),
        (add("2", "Bob", "1", "<since>1843</since>"), "since"),
        (envelope("<add><customer><id>2</id><name>Bob</name></customer></add>"), "Missing child"),
        (envelope("<add><customer><name>Bob</name><id>2</id><balance>1</balance></customer></add>"), "name"),
        (envelope("<remove><id>1</id></remove>"), "No matching global"),
        (envelope("<noSuchCustomer>7</noSuchCustomer>"), "no operation"),
        (envelope("<getResponse><customer><id>1</id><name/><balance>1</balance></customer></getResponse>"), "no oper"),
        (envelope(""), "not 0"),
        (envelope("<list/><list/>"), "not 2"),
        (b"", "not well-formed"),
        (b"nonsense", "not well-formed"),
        (b"<a>" * 300 + b"</a>" * 300, "not well-formed"),
        (b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "document type"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "not well-formed"),
    ],
)
def test_what_the_caller_got_wrong_is_a_fault_of_the_client_and_changes_nothing(call: bytes, why: str) -> None:
    store = CustomerStore([ADA])
    code, message = fault(store, call)
    assert code == "soap:Client"
    assert why in message
    assert store.list() == [ADA]


def test_nobody_is_a_fault_with_the_element_that_the_contract_declares() -> None:
    reply = answer(CustomerStore(), envelope("<get><id>-7</id></get>"))
    assert etree.fromstring(reply.body).findtext(f".//{{{NAMESPACE}}}noSuchCustomer") == "-7"


def test_a_full_store_is_the_servers_fault() -> None:
    full = CustomerStore(Customer(id=id, name="", balance=0.0) for id in range(1, MAX_CUSTOMERS + 1))
    assert fault(full, add(str(MAX_CUSTOMERS + 1), "", "0"))[0] == "soap:Server"


def test_an_envelope_of_another_version_and_a_header_that_must_be_understood_have_codes_of_their_own() -> None:
    other = envelope("<list/>", namespace="http://www.w3.org/2003/05/soap-envelope")
    assert fault(CustomerStore(), other)[0] == "soap:VersionMismatch"
    header = '<pay s:mustUnderstand="{}"/>'
    assert fault(CustomerStore(), envelope("<list/>", header.format(1))) == (
        "soap:MustUnderstand",
        "nobody here understands pay",
    )
    assert answer(CustomerStore(), envelope("<list/>", header.format(0))).status == 200


def test_a_header_cannot_name_what_xml_cannot_print() -> None:
    reply = answer(CustomerStore(), add("2", "&#x85;" * 31, "1"))
    assert reply.status == 500
    etree.fromstring(reply.body)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=60).map(lambda text: envelope(text)))
def test_any_bytes_get_an_envelope_back(body: bytes) -> None:
    reply = answer(CustomerStore([ADA]), body)
    root: Any = etree.fromstring(reply.body)
    assert root.tag == f"{{{SOAP}}}Envelope"
    assert reply.status in (200, 500)
