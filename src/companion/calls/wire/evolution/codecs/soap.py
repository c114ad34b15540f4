"""SOAP by zeep and a WSDL of our own, and the same XML before a server that validates against its schema.

No socket is involved: zeep writes its request for one version, and reads it as the reply of another.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from companion.calls.wire.evolution.changes import Record, Schema
from companion.calls.wire.evolution.judge import Received, Refused

NAMESPACE = "urn:customers"
KINDS = {"int32": "int", "int64": "long", "double": "double", "float": "float", "string": "string"}


def xsd(schema: Schema) -> str:
    """Write a schema in XML Schema: a sequence of elements, all of them required."""
    elements = "".join(f'<xs:element name="{f.name}" type="xs:{KINDS[f.kind]}"/>' for f in schema)
    return f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}"
 elementFormDefault="qualified"><xs:element name="customer"><xs:complexType><xs:sequence>{elements}</xs:sequence>
 </xs:complexType></xs:element></xs:schema>"""


def wsdl(schema: Schema) -> str:
    """Describe a service that takes a customer and gives one back."""
    return f"""<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:t="{NAMESPACE}" targetNamespace="{NAMESPACE}"><types>{xsd(schema)}</types>
 <message name="customer"><part name="body" element="t:customer"/></message>
 <portType name="Desk"><operation name="swap"><input message="t:customer"/><output message="t:customer"/></operation>
 </portType><binding name="Desk" type="t:Desk">
 <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
 <operation name="swap"><soap:operation soapAction="swap"/><input><soap:body use="literal"/></input>
 <output><soap:body use="literal"/></output></operation></binding>
 <service name="Desk"><port name="Desk" binding="t:Desk"><soap:address location="http://localhost/"/></port></service>
</definitions>"""


@cache
def _client(schema: Schema, strict: bool) -> Any:
    from zeep import Client, Settings

    return Client(  # type: ignore[no-untyped-call]
        io.BytesIO(wsdl(schema).encode()), settings=Settings(strict=strict)
    )


@cache
def _validator(schema: Schema) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(xsd(schema).encode()))


@dataclass(frozen=True)
class _Reply:
    """As much of an HTTP response as zeep looks at."""

    content: bytes
    status_code: int = 200
    encoding: str = "utf-8"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/xml; charset=utf-8"})


@contextmanager
def _quiet() -> Iterator[None]:
    """zeep logs a traceback for a value that it cannot read, and goes on."""
    logger = logging.getLogger("zeep")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def written(schema: Schema, record: Record) -> bytes:
    """Let zeep write the envelope."""
    client = _client(schema, True)
    return bytes(etree.tostring(client.create_message(client.service, "swap", **record)))


def read(schema: Schema, envelope: bytes, *, strict: bool) -> Record:
    """Let zeep read the envelope, as the reply to a call."""
    client = _client(schema, strict)
    binding = client.service._binding
    got = binding.process_reply(client, binding.get("swap"), _Reply(envelope))
    return {field.name: getattr(got, field.name, None) for field in schema}


def validated(schema: Schema, envelope: bytes) -> Record:
    """Read the envelope's body where the schema allows it."""
    body = etree.fromstring(envelope).find(f".//{{{NAMESPACE}}}customer")
    if body is None:
        raise ValueError("no customer in the envelope")
    _validator(schema).assertValid(body)
    return {field.name: body.findtext(f"{{{NAMESPACE}}}{field.name}") for field in schema}


def exchange(writer: Schema, reader: Schema, records: Sequence[Record], *, strict: bool = True) -> list[Received]:
    """Write by zeep with one WSDL, read by zeep with the other."""
    from zeep.exceptions import Error

    received: list[Received] = []
    with _quiet():
        for record in records:
            try:
                received.append(read(reader, written(writer, record), strict=strict))
            except Error as error:
                received.append(Refused(str(error)))
    return received


def exchange_validated(writer: Schema, reader: Schema, records: Sequence[Record]) -> list[Received]:
    """Write by zeep with one WSDL, validate and read with the other's schema."""
    received: list[Received] = []
    for record in records:
        try:
            received.append(validated(reader, written(writer, record)))
        except (etree.DocumentInvalid, ValueError) as error:
            received.append(Refused(str(error)))
    return received
