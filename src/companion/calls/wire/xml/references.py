"""References inside a document: what XML's ID and IDREF promise, what JSON makes of them, and what entities can do.

A document type definition can say that an attribute names an element of the same document, and a validating parser
finds the one that names nobody. JSON is a tree: what two places share is written twice, and a circle not at all.

The parser that is tried on a hostile document works in a child process, within limits of memory and processor time.
"""

import io
import itertools
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from companion.calls.wire.xml.body import read_xml

DTD = """
<!ELEMENT shop (customer*, order*)>
<!ELEMENT customer EMPTY>
<!ELEMENT order EMPTY>
<!ATTLIST customer id ID #REQUIRED name CDATA #REQUIRED>
<!ATTLIST order id ID #REQUIRED by IDREF #REQUIRED>
"""
MEMORY = 512 << 20  # bytes of address space for a child
SECONDS = 10  # of processor time, and six times as long by the clock

CHILD = Path(__file__).with_name("parsing.py")


def faults(document: str, dtd: str = DTD) -> list[str]:
    """Validate a document against a definition, and return what is wrong with it, in libxml2's words."""
    checker = etree.DTD(io.StringIO(dtd))
    checker.validate(read_xml(document.encode()))
    return [entry.message for entry in checker.error_log]


def resolve(document: str) -> dict[str, str]:
    """Follow each order's reference, and return the name of the customer that it names."""
    root = read_xml(document.encode())
    names = {customer.get("id"): customer.get("name") for customer in root.iterfind("customer")}
    return {order.get("id"): names[order.get("by")] for order in root.iterfind("order")}


def through_json(value: Any) -> Any:
    """Return what arrives of a value that is sent as JSON."""
    return json.loads(json.dumps(value))


def entities(levels: int, fan: int = 10, text: str = "ha") -> bytes:
    """Return a document of so many levels of entities, each made of `fan` of the one below.

    When a parser replaces them, `len(text) * fan ** levels` characters come out.
    """
    names = [f"e{level}" for level in range(levels + 1)]
    lines = [f'<!ENTITY e0 "{text}">']
    lines += [f'<!ENTITY {name} "{fan * f"&{below};"}">' for below, name in itertools.pairwise(names)]
    return f"<!DOCTYPE x [{''.join(lines)}]><x>&{names[-1]};</x>".encode()


def external(path: Path) -> bytes:
    """Return a document that asks its reader to put a file of the reader's own into it."""
    return f'<!DOCTYPE x [<!ENTITY f SYSTEM "{path.as_uri()}">]><x>&f;</x>'.encode()


def nested(depth: int, how: str) -> bytes:
    """Return XML, or JSON, of so many levels."""
    return b"<x>" * depth + b"ha" + b"</x>" * depth if how == "xml" else b"[" * depth + b"]" * depth


@dataclass(frozen=True)
class Parsed:
    """What a parser made of a document.

    Parameters
    ----------
    parser : str
        Its name in `parsing.PARSERS`.
    sent : int
        Bytes of the document.
    characters : int or None
        Characters of text that came out, or None when it refused.
    text : str
        The first of them, or why it refused.
    """

    parser: str
    sent: int
    characters: int | None
    text: str


def parse_apart(parser: str, document: bytes) -> Parsed:
    """Let a parser read a document in a process of its own, which may not take more than so much memory and time."""
    command = [sys.executable, "-I", str(CHILD), parser, str(MEMORY), str(SECONDS)]
    done = subprocess.run(
        command, input=document, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=6 * SECONDS, check=False
    )
    if done.returncode:
        return Parsed(parser, len(document), None, f"the process died ({done.returncode})")
    found = json.loads(done.stdout)
    return Parsed(parser, len(document), found["characters"], found["text"])


def parse_all(parsers: Sequence[str], document: bytes) -> list[Parsed]:
    """Let several parsers read a document, one after the other."""
    return [parse_apart(parser, document) for parser in parsers]
