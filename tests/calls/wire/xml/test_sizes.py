"""Calls through the proxy, byte by byte."""

from companion.calls.wire.customers import Client
from companion.calls.wire.recording.record import record
from companion.calls.wire.xml.envelope import WSDL
from companion.calls.wire.xml.sizes import body, lines_of, status


def get_ada(client: Client) -> object:
    return client.get(1)


def test_the_first_soap_call_fetches_the_contract_and_the_next_does_not() -> None:
    first, warm, again = record("soap", get_ada, get_ada, get_ada, late=0.005)
    assert WSDL in first.answer
    assert len(warm.request) == len(again.request) == first.request.count(b"") - 1 - first.request.index(b"POST")
    assert warm.request.count(b"HTTP/1.1") == warm.answer.count(b"HTTP/1.1") == 1
    assert warm.request.endswith(body(warm.request)) and body(warm.request).startswith(b"<?xml")
    assert warm.protocol == "soap"


def test_a_pox_call_is_the_articles() -> None:
    (exchange,) = record("pox", get_ada, late=0.005)
    assert body(exchange.request) == b"<getCustomer><customerId>1</customerId></getCustomer>"
    assert len(body(exchange.answer)) == 81
    assert exchange.round_trips == 1


def test_the_status_of_nobody_is_404_or_500() -> None:
    assert status(record("pox", lambda client: client.get(99), late=0.005)[-1]) == 404
    assert status(record("soap", get_ada, lambda client: client.get(99), late=0.005)[-1]) == 500


def test_a_document_is_cut_between_its_elements() -> None:
    assert list(lines_of(b"<a><b>x</b></a>")) == ["<a>", "<b>x</b>", "</a>"]
