"""What each language can say: for each thing an edit of the contract, and the language's own parser decides.

A cell is "says" when the parser takes the edited contract and makes something else of it than of the contract without
the edit; "ignores" when it takes it and makes the same of both; "refuses" when it does not take it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from companion.calls.contracts.idl.contracts import LANGUAGES, ContractError, contracts
from companion.calls.contracts.idl.generated import recorded
from companion.calls.contracts.idl.parsers import Parsed, missing, parse_all

Verdict = Literal["says", "ignores", "refuses"]
PROBES = Path(__file__).with_name("probes.toml")


def verdict(without: Parsed, edit: Parsed) -> Verdict:
    """Compare what a parser made of a contract without a thing and with it."""
    if edit.error:
        return "refuses"
    return "says" if edit.model != without.model else "ignores"


@cache
def probes() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """The edits: for each thing and each language what to replace, and by what."""
    read: dict[str, dict[str, dict[str, str]]] = tomllib.loads(PROBES.read_text("utf-8"))
    return read


CASE = "case"
"""Two names that differ by case alone: not a thing to say, but a rule that some languages have."""


def things() -> list[str]:
    """What a contract may say, in the order of the table."""
    return [thing for thing in probes() if thing != CASE]


def edited(thing: str, language: str) -> tuple[str, str]:
    """The contract without a thing and with it.

    Raises
    ------
    ContractError
        When there is no such edit, or nothing in the contract that it could replace.
    """
    edit, contract = probes().get(thing, {}).get(language), contracts().get(language, "")
    if edit is None or edit["at"] not in contract:
        raise ContractError(f"there is no edit of {language} for {thing!r}")
    return tuple(contract.replace(edit["at"], edit.get(key, edit["at"])) for key in ("without", "with"))  # type: ignore[return-value]


def parsed(language: str, wanted: Sequence[str]) -> dict[str, tuple[Parsed, Parsed]]:
    """What a language's parser makes of each pair of contracts."""
    texts = {}
    for thing in wanted:
        texts[f"{thing} without"], texts[f"{thing} with"] = edited(thing, language)
    made = parse_all(language, texts)
    pairs = {thing: (made[f"{thing} without"], made[f"{thing} with"]) for thing in wanted}
    for thing, (without, _) in pairs.items():
        if without.error:
            raise ContractError(f"{language}, {thing}, without the edit: {without.error}")
    return pairs


def column(language: str, wanted: Sequence[str]) -> dict[str, Verdict]:
    """A language's verdicts."""
    return {thing: verdict(*pair) for thing, pair in parsed(language, wanted).items()}


def table(*wanted: str) -> dict[tuple[str, str], Verdict]:
    """The verdict on each thing in each language.

    Parameters
    ----------
    wanted : str
        The things; all of `things` when there is none.

    Returns
    -------
    dict of (str, str) to str
        ``{(thing, language): verdict}``. Where a compiler is missing on this machine, a line says so, and its column
        is the recorded one.
    """
    rows, columns = wanted or things(), {}
    for language in LANGUAGES:
        if reason := missing(language):
            print(f"{reason} Its column is read from a record.")
            columns[language] = recorded()["columns"][language]
        else:
            columns[language] = column(language, rows)
    return {(thing, language): columns[language][thing] for thing in rows for language in LANGUAGES}
