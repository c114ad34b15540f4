"""Which address a gateway gives to a method: the option `google.api.http`, read from its text.

The descriptor does not always have it, since `google/api/annotations.proto` is often not at hand; the source does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from companion.schemas.protobuf import source_text

_STRINGS = r"(?:\"(?:[^\"\\]|\\.)*\"\s*|'(?:[^'\\]|\\.)*'\s*)+"  # those next to each other are one
_TOKEN = re.compile(
    rf"""\b(?P<key>get|put|post|delete|patch|path|body)\s*[:=]\s*(?P<value>{_STRINGS})
      |  (?P<custom>\bcustom\s*:?\s*\{{)   # its path belongs to the rule around it
      |  (?P<open>\{{) | (?P<close>\}}) | (?P<end>;) | {_STRINGS}""",
    re.VERBOSE,
)
_OPTION = re.compile(r"\boption\s*\(\s*\.?google\.api\.http\s*\)")


def bindings(method: bytes) -> Iterator[tuple[str, str, str]]:
    """Read the HTTP rules of a method's source.

    Yields
    ------
    tuple of str
        The verb in capitals ("CUSTOM" for others), the address, and the field that is the body: "*" for all of them,
        "" for none.
    """
    source = source_text.without_comments(method)
    rules: dict[int, dict[str, str]] = {}
    for option in _OPTION.finditer(source):
        opened, stack = 0, [0]
        for token in _TOKEN.finditer(source, option.end()):
            if token["key"]:
                value = "".join(part[1:-1] for part in re.findall(r"\"[^\"]*\"|'[^']*'", token["value"]))
                rules.setdefault(stack[-1], {})[token["key"]] = value
            elif token["custom"]:
                stack.append(stack[-1])
            elif token["open"]:
                opened += 1
                stack.append(opened)
            elif token["close"] and len(stack) > 1:
                stack.pop()
            elif token["end"] and stack == [0]:
                break
    for rule in rules.values():
        body = rule.pop("body", "")
        for verb, address in rule.items():
            yield ("CUSTOM" if verb == "path" else verb.upper()), address, body
