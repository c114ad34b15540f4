"""PIICatcher scans databases; its rules for column names read the fields.

Its current release needs a Python older than 3.11, and the one before it the drivers of databases that build no more.
What runs is 0.12.3 (``pip install --no-deps piicatcher==0.12.3 commonregex``, beside spaCy): the rules of that
release are MetadataGuardian's, without the borders of words.
"""

from __future__ import annotations

from collections.abc import Sequence

from companion.schemas.pii.evaluation.scanners.scanner import NamedField, Scanner
from companion.schemas.pii.verdict import Level

MEANINGS = {
    "SSN": (Level.HIGH, ""),
    "CREDIT_CARD": (Level.HIGH, ""),
    "PASSWORD": (Level.HIGH, ""),
    "PHONE": (Level.MEDIUM, "taken for a private one, since nothing says that it is one of work"),
    "EMAIL": (Level.MEDIUM, "taken for a private one, since nothing says that it is one of work"),
    "ADDRESS": (Level.MEDIUM, "street, postal code, city and country are one rule: the first two are MEDIUM"),
    "BIRTH_DATE": (Level.MEDIUM, ""),
    "USER_NAME": (Level.MEDIUM, "its pattern is 'user' anywhere: a username is MEDIUM, a user's id LOW"),
    "LOCATION": (Level.LOW, "a place such as a city"),
    "PERSON": (Level.LOW, "a name"),
    "GENDER": (Level.LOW, ""),
    "NATIONALITY": (Level.LOW, ""),
}


def find(fields: Sequence[NamedField]) -> list[set[str]]:
    """Ask the scanner of column names."""
    from piicatcher.scanner import ColumnNameScanner

    scanner = ColumnNameScanner()
    return [{kind.name for kind in scanner.scan(field.field)} for field in fields]


PIICATCHER = Scanner(
    name="piicatcher",
    distribution="piicatcher",
    how="its scanner of column names on the name",
    meanings=MEANINGS,
    find=find,
    needs=("piicatcher", "commonregex", "spacy"),
)
