"""OpenMetadata tags the columns of a data platform; its patterns for column names read the fields.

It needs an environment of its own (``pip install openmetadata-ingestion "dbt-core<1.10" presidio-analyzer``): a later
dbt fetches parts of itself while it is installed, and the whole wants an older protobuf than this book does. The
patterns alone are run. The tool itself also wants to see values, and lets a matching name only add to their weight.
"""

from __future__ import annotations

from collections.abc import Sequence

from companion.schemas.pii.evaluation.scanners.scanner import NamedField, Scanner
from companion.schemas.pii.verdict import Level

MEANINGS = {
    "US_SSN": (Level.HIGH, ""),
    "CREDIT_CARD": (Level.HIGH, ""),
    "US_BANK_NUMBER": (Level.HIGH, ""),
    "IBAN_CODE": (Level.HIGH, ""),
    "EMAIL_ADDRESS": (Level.MEDIUM, "taken for a private one, since nothing says that it is one of work"),
    "PHONE_NUMBER": (Level.MEDIUM, "taken for a private one, since nothing says that it is one of work"),
    "LOCATION": (Level.MEDIUM, "street, postal code, city and country are one rule: the first two are MEDIUM"),
    "DATE_TIME": (Level.PUBLIC, "any date or time, of which few are somebody's birthday"),
    "PERSON": (Level.LOW, "a name"),
    "NRP": (Level.LOW, "its patterns for names know gender and nationality, no religion or politics"),
}


def find(fields: Sequence[NamedField]) -> list[set[str]]:
    """Match the patterns as its classifier of columns does."""
    from metadata.pii.algorithms.column_patterns import get_pii_column_name_patterns
    from metadata.pii.algorithms.feature_extraction import extract_pii_from_column_names

    patterns = get_pii_column_name_patterns()
    return [{tag.name for tag in extract_pii_from_column_names(field.field, patterns)} for field in fields]


OPENMETADATA = Scanner(
    name="openmetadata",
    distribution="openmetadata-ingestion",
    how="its patterns for column names on the name",
    meanings=MEANINGS,
    find=find,
    needs=("metadata", "presidio_analyzer"),
)
