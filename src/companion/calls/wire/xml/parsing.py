"""A child process that reads one document with one parser, within limits, and says what came of it.

    python -I parsing.py PARSER BYTES SECONDS < document

It is started by its path, so that it loads the parser and nothing else. Where the system has no limits to set
(Windows) it goes without.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

SHOWN = 60  # characters of what came out


def element_tree(document: bytes) -> str:
    """Python's own parser."""
    import xml.etree.ElementTree as ET

    return "".join(ET.fromstring(document).itertext())


def lxml(document: bytes) -> str:
    """Read with lxml as it is by default."""
    from lxml import etree  # type: ignore[import-untyped]

    return "".join(etree.fromstring(document).itertext())


def lxml_resolving(document: bytes) -> str:
    """Read with lxml, told to resolve every entity."""
    from lxml import etree

    return "".join(etree.fromstring(document, etree.XMLParser(resolve_entities=True)).itertext())


def json_text(document: bytes) -> str:
    """Python's JSON; what comes out is written again."""
    return json.dumps(json.loads(document))


PARSERS: dict[str, Callable[[bytes], str]] = {
    "ElementTree": element_tree,
    "lxml": lxml,
    "lxml, resolve_entities": lxml_resolving,
    "json": json_text,
}


def limit(memory: int, seconds: int) -> None:
    """Take no more memory and processor time than this."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def read(parser: str, document: bytes) -> dict[str, Any]:
    """Return what came out, or why nothing did."""
    try:
        text = PARSERS[parser](document)
    except Exception as error:  # noqa: BLE001 - the question is what it raises
        return {"characters": None, "text": f"{type(error).__name__}: {error}".partition("\n")[0]}
    return {"characters": len(text), "text": text[:SHOWN]}


if __name__ == "__main__":
    limit(int(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps(read(sys.argv[1], sys.stdin.buffer.read())))
