"""The contract of the customers in eight languages."""

from __future__ import annotations

from companion.calls.contracts.idl.contracts import LANGUAGES, contracts
from companion.calls.contracts.idl.parsers import missing, parse


def test_each_language_has_the_contract_and_its_parser_takes_it() -> None:
    assert tuple(contracts()) == LANGUAGES
    for language in LANGUAGES:
        if reason := missing(language):
            print(reason)
        else:
            made = parse(language, contracts()[language])
            assert made.error == ""
            assert made.model


def test_each_contract_has_a_customer_with_id_name_and_balance() -> None:
    for language, text in contracts().items():
        for word in ("customer", "id", "name", "balance"):
            assert word in text.lower(), language
