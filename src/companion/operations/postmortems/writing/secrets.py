"""What looks like a secret or like personal data in a line, by its form; it is named and never repeated whole."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True)
class Secret:
    """Something that should not be shared.

    Attributes
    ----------
    line : int
        Where it stands.
    kind : str
        What it looks like.
    hint : str
        Its first characters, by which it is found again.
    """

    line: int
    kind: str
    hint: str


@dataclass(frozen=True)
class _Forms:
    """What secrets.yaml says."""

    forms: tuple[tuple[str, re.Pattern[str]], ...]
    placeholder: re.Pattern[str]
    address: re.Pattern[str]
    private: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


@cache
def _forms() -> _Forms:
    said = yaml.safe_load(resources.files(__package__).joinpath("secrets.yaml").read_text("utf-8"))
    return _Forms(
        tuple((one["kind"], re.compile(one["form"])) for one in said["forms"]),
        re.compile(said["placeholder"]),
        re.compile(said["address"]),
        tuple(map(ipaddress.ip_network, said["private"])),
    )


_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)")


def secrets(text: str, line: int, allowed: Sequence[str] = ()) -> list[Secret]:
    """Find what looks secret or personal in one line.

    Parameters
    ----------
    text : str
        The line. Letters and digits of other widths count as the usual ones, and what has no width as nothing.
    line : int
        Its number.
    allowed : sequence of str
        Words that may stay.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    found: list[tuple[int, int, str]] = []
    for start, end, kind in _found(plain):
        words = plain[start:end]
        if words not in allowed and not any(start < stop and begin < end for begin, stop, _ in found):
            found.append((start, end, kind))
    return [Secret(line, kind, _hint(plain[start:end])) for start, end, kind in sorted(found)]


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    known = _forms()
    for kind, form in known.forms:
        for match in form.finditer(text):
            if kind == "password or key" and known.placeholder.search(match[0]):
                continue
            if kind == "bank account" and not _is_iban(match[0]):
                continue
            yield match.start(), match.end(), kind
    for match in known.address.finditer(text):
        if _is_private(match[0]):
            yield match.start(), match.end(), "private address"
    for match in _CARD.finditer(text):
        if _is_card(match[0]):
            yield match.start(), match.end(), "card number"


def _hint(words: str) -> str:
    """Show how it begins, and no more than a quarter of it."""
    return f"{words[: min(4, len(words) // 4)]}…"


def _is_private(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(address in net for net in _forms().private if net.version == address.version)


def _is_card(text: str) -> bool:
    """Tell by the check digit (Luhn) and the first one."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return digits[0] in (2, 3, 4, 5, 6) and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_iban(text: str) -> bool:
    """Tell by the check digits (ISO 7064)."""
    turned = re.sub(r"\s", "", text)
    turned = turned[4:] + turned[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1
