"""The contract of the customers, three calls, in eight languages; half of the texts are those that chapter 2 runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from companion.errors import CompanionError

HERE = Path(__file__).parent
WIRE = HERE.parents[1] / "wire"

LANGUAGES = ("XDR", "CORBA", "WSDL", "Thrift", "protobuf", "JSON Schema", "OpenAPI", "Smithy")
"""Roughly by age."""


class ContractError(CompanionError):
    """A contract that its language does not allow, or that cannot be read here; the message says why and where."""


@cache
def contracts() -> Mapping[str, str]:
    """The text of the contract in each language.

    Returns
    -------
    mapping of str to str
        By the names in `LANGUAGES`. Of the IDL file of chapter 2, which has two modules, the one with the customers.
    """
    corba = (WIRE / "objects" / "traffic.idl").read_text("utf-8")
    texts = {
        "XDR": (WIRE / "types.x").read_text("utf-8"),
        "CORBA": corba[corba.index("module Shop") :],
        "WSDL": (WIRE / "xml" / "customers.wsdl").read_text("utf-8"),
        "Thrift": (WIRE / "framed" / "customer.thrift").read_text("utf-8"),
        "protobuf": (WIRE / "customer.proto").read_text("utf-8"),
        "JSON Schema": (HERE / "customers.schema.json").read_text("utf-8"),
        "OpenAPI": (HERE / "customers.openapi.json").read_text("utf-8"),
        "Smithy": (HERE / "customers.smithy").read_text("utf-8"),
    }
    return MappingProxyType(texts)
