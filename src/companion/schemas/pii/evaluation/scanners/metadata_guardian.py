"""MetadataGuardian reads the column names of tables and files; here the columns are fields."""

from __future__ import annotations

from collections.abc import Sequence

from companion.schemas.pii.evaluation.scanners.scanner import NamedField, Scanner
from companion.schemas.pii.verdict import Level

MEANINGS = {
    "ssn": (Level.HIGH, ""),
    "ssn content": (Level.HIGH, ""),
    "bank": (Level.HIGH, "its pattern is of credit cards"),
    "credit card content": (Level.HIGH, ""),
    "password": (Level.HIGH, ""),
    "phone number": (Level.MEDIUM, "taken for a private one, since nothing says that it is one of work"),
    "phone number content": (Level.MEDIUM, ""),
    "email": (Level.MEDIUM, "taken for a private one, since nothing says that it is one of work"),
    "email content": (Level.MEDIUM, ""),
    "ip": (Level.MEDIUM, ""),
    "ip v4 content": (Level.MEDIUM, ""),
    "ip v6 content": (Level.MEDIUM, ""),
    "address": (Level.MEDIUM, "street, postal code, city and country are one rule: the first two are MEDIUM"),
    "street address content": (Level.MEDIUM, ""),
    "zip code content": (Level.MEDIUM, ""),
    "birth day": (Level.MEDIUM, ""),
    "user name": (Level.MEDIUM, "its pattern is 'user' anywhere: a username is MEDIUM, a user's id LOW"),
    "person": (Level.LOW, "a name"),
    "gender": (Level.LOW, ""),
    "nationality": (Level.LOW, ""),
}


def find(fields: Sequence[NamedField]) -> list[set[str]]:
    """Validate all names with the rules for personal data; comments stay out, as is the tool's default."""
    from loguru import logger

    logger.disable("metadata_guardian")  # it tells of each word, and of each database driver that is not there
    from metadata_guardian import AvailableCategory, DataRules

    rules = DataRules.from_available_category(AvailableCategory.PII)
    # It answers for the words that break a rule, and for no others.
    broken = {
        result.content: {rule.rule_name for rule in result.data_rules}
        for result in rules.validate_words([field.field for field in fields])
    }
    return [broken.get(field.field, set()) for field in fields]


METADATA_GUARDIAN = Scanner(
    name="metadata-guardian",
    distribution="metadata-guardian",
    how="the rules of its category PII on the name",
    meanings=MEANINGS,
    find=find,
    needs=("metadata_guardian",),
)
