"""A SOAP 1.1 server's half of the conversation: one envelope in, a status and one envelope out.

The schema of the WSDL stands guard. What it does not allow is answered with a Fault before our own code sees it, and
what no schema can say (thirty *bytes*, a finite balance) is checked afterwards.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree  # type: ignore[import-untyped]

from companion.calls.wire.customers import (
    Customer,
    CustomerStore,
    InvalidCustomer,
    Malformed,
    StoreFull,
    customer_of,
)
from companion.calls.wire.xml.body import read_xml

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XS = "http://www.w3.org/2001/XMLSchema"
NAMESPACE = "urn:customers"
WSDL = Path(__file__).with_name("customers.wsdl").read_bytes()


class Fault(Malformed):
    """A Fault: whose mistake it is, `Client` or `Server`, what is wrong, and perhaps an element that the WSDL names."""

    def __init__(self, code: str, message: str, detail: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.detail = detail


class Reply(NamedTuple):
    """What goes back over HTTP."""

    status: int
    body: bytes


def schema_of(wsdl: bytes) -> Any:
    """Return the schema inside a WSDL, ready to validate with."""
    return etree.XMLSchema(read_xml(wsdl).find(f".//{{{XS}}}schema"))


_GUARD = schema_of(WSDL)
_GUARDED = threading.Lock()  # a schema keeps the log of its last validation, so one thread at a time


def answer(store: CustomerStore, body: bytes) -> Reply:
    """Carry out the call in an envelope.

    SOAP 1.1 has one status for everything that went wrong, 500, whoever is to blame (section 6.2).
    """
    try:
        return Reply(200, _envelope(_carry_out(store, _payload(body))))
    except Fault as fault:
        return Reply(500, fault_envelope(fault))


def _payload(body: bytes) -> Any:
    """Return the one element in the body, once the schema has nothing against it."""
    try:
        root = read_xml(body)
    except Malformed as error:
        raise Fault("Client", str(error)) from error
    if root.tag != f"{{{SOAP}}}Envelope":
        raise Fault("VersionMismatch", "this is no SOAP 1.1 envelope")
    for header in root.iterfind(f"{{{SOAP}}}Header/*"):
        if header.get(f"{{{SOAP}}}mustUnderstand") == "1":
            raise Fault("MustUnderstand", f"nobody here understands {etree.QName(header).localname}")
    parts = root.findall(f"{{{SOAP}}}Body/*")
    if len(parts) != 1:
        raise Fault("Client", f"one element in the body, please, not {len(parts)}")
    with _GUARDED:
        if not _GUARD.validate(parts[0]):
            raise Fault("Client", without_namespace(_GUARD.error_log.last_error.message))
    return parts[0]


def without_namespace(message: str) -> str:
    """Shorten libxml2's message: every name in it belongs to the one namespace."""
    return message.replace(f"{{{NAMESPACE}}}", "")


def _carry_out(store: CustomerStore, call: Any) -> Any:
    operation = etree.QName(call).localname
    if operation not in _OPERATIONS:
        raise Fault("Client", f"no operation {operation}")
    result = element(f"{operation}Response")
    _OPERATIONS[operation](store, call, result)
    return result


def _add(store: CustomerStore, call: Any, result: Any) -> None:
    fields = {etree.QName(child).localname: child.text or "" for child in call[0]}
    try:
        added = store.add(
            customer_of({"id": int(fields["id"]), "name": fields["name"], "balance": float(fields["balance"])})
        )
    except InvalidCustomer as error:
        raise Fault("Client", str(error)) from error
    except StoreFull as error:
        raise Fault("Server", str(error)) from error
    element("added", "true" if added else "false", result)


def _get(store: CustomerStore, call: Any, result: Any) -> None:
    id = int(call[0].text)
    found = store.get(id)
    if found is None:
        raise Fault("Client", f"no customer {id}", element("noSuchCustomer", str(id)))
    _write(found, result)


def _list(store: CustomerStore, call: Any, result: Any) -> None:
    for customer in store.list():
        _write(customer, result)


_OPERATIONS: dict[str, Callable[[CustomerStore, Any, Any], None]] = {"add": _add, "get": _get, "list": _list}


def _write(customer: Customer, parent: Any) -> None:
    node = element("customer", None, parent)
    for name, value in (("id", str(customer.id)), ("name", customer.name), ("balance", repr(customer.balance))):
        element(name, value, node)


def element(name: str, text: str | None = None, parent: Any = None) -> Any:
    """Make an element of our namespace; whatever it holds is escaped by lxml.

    Raises
    ------
    Fault
        When XML 1.0 has no way to write the text: it cannot carry most control characters, not even escaped.
    """
    tag = f"{{{NAMESPACE}}}{name}"
    node = etree.Element(tag, nsmap={"c": NAMESPACE}) if parent is None else etree.SubElement(parent, tag)
    try:
        node.text = text
    except ValueError as error:
        raise Fault("Server", f"XML cannot carry this {name}") from error
    return node


def _envelope(content: Any) -> bytes:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(root, f"{{{SOAP}}}Body").append(content)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def fault_envelope(fault: Fault) -> bytes:
    """Write a Fault; its children have no namespace, as SOAP 1.1 has it."""
    node = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    etree.SubElement(node, "faultcode").text = f"soap:{fault.code}"
    etree.SubElement(node, "faultstring").text = "".join(
        letter if letter.isprintable() else "?" for letter in str(fault)
    )
    if fault.detail is not None:
        etree.SubElement(node, "detail").append(fault.detail)
    return _envelope(node)
