"""Plain old XML: what its server makes of what it is sent."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]

from companion.calls.wire.customers import Customer, CustomerStore
from companion.calls.wire.xml.pox import answer, read_customer, write_customer

ADA = Customer(id=1, name="Ada", balance=1.5)


def test_fields_are_found_by_name_so_their_order_does_not_matter_nor_one_more() -> None:
    store = CustomerStore()
    body = b"<addCustomer><since>1843</since><balance>1.5</balance><id>1</id><name>Ada</name></addCustomer>"
    assert answer(store, body)[0] == 200
    assert store.list() == [ADA]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"<a", 400),
        (b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", 400),
        (b"<removeCustomer/>", 422),
        (b"<getCustomer/>", 422),
        (b"<getCustomer><customerId>one</customerId></getCustomer>", 422),
        (b"<getCustomer><customerId>" + b"1" * 5000 + b"</customerId></getCustomer>", 422),
        (b"<getCustomer><customerId>9</customerId></getCustomer>", 404),
        (b"<addCustomer><id>2</id><name>Bob</name></addCustomer>", 422),
        (b"<addCustomer><id>2</id><name>Bob</name><balance>inf</balance></addCustomer>", 422),
        (b"<addCustomer><id>2</id><name/><balance>much</balance></addCustomer>", 422),
        (b"<addCustomer><id/><name/><balance>1</balance></addCustomer>", 422),
    ],
)
def test_what_makes_no_sense_is_an_error_and_changes_nothing(body: bytes, status: int) -> None:
    store = CustomerStore([ADA])
    found, node = answer(store, body)
    assert (found, node.tag) == (status, "error")
    assert store.list() == [ADA]


def test_a_customer_without_a_name_is_no_customer_but_an_empty_name_is_one() -> None:
    assert read_customer(etree.fromstring("<c><id>1</id><name/><balance>0</balance></c>")).name == ""
    with pytest.raises(ValueError, match="name: missing"):
        read_customer(etree.fromstring("<c><id>1</id><balance>0</balance></c>"))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=100) | st.text("<>/adCusotmer&;id1 ", max_size=60).map(str.encode))
def test_any_bytes_get_an_element_back(body: bytes) -> None:
    status, node = answer(CustomerStore([ADA]), body)
    assert status in (200, 400, 404, 422)
    etree.fromstring(etree.tostring(node))


def test_what_is_written_is_read_again() -> None:
    assert read_customer(etree.fromstring(etree.tostring(write_customer("c", ADA)))) == ADA
