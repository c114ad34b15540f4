"""XML of a stranger: the body of a request, and its tree, within bounds."""

from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from starlette.exceptions import HTTPException
from starlette.requests import Request

from companion.calls.wire.customers import Malformed
from companion.calls.wire.web import bounded_body

TYPE = "text/xml"


async def xml_body(request: Request, *types: str) -> bytes:
    """Read a request's body, which must call itself XML, and no more of it than is allowed.

    Raises
    ------
    HTTPException
        415 when it is announced as something else, 413 when it is too long.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in types:
        raise HTTPException(415, f"send the body as {types[0]}", {"accept": types[0]})
    return await bounded_body(request)


def read_xml(body: bytes) -> Any:
    """Parse XML: no document type, hence no entities; nothing fetched; no deeper than libxml2 goes by itself.

    Raises
    ------
    Malformed
        When it is no XML, or brings a document type along.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed(f"not well-formed: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Malformed("a message has no document type")
    return root
