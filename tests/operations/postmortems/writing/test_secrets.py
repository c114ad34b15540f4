"""What looks secret or personal, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.writing.secrets import secrets
from tests.operations.postmortems.draws import tried

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
SECRET = {  # joined here, so that no scanner of others takes this file for a leak
    "private key": ["-----BEGIN " + "RSA PRIVATE KEY-----"],
    "access key": ["AKIA" + "IOSFODNN7EXAMPLE"],
    "token": ["ghp_" + LETTERS, "xoxb-" + LETTERS, "eyJhbGciOiJI." + "eyJzdWIiOiIx.c2ln", "Bearer " + LETTERS],
    "password in an address": ["postgres://app:hun" + "ter2@db/shop"],
    "password or key": [
        "password: hun" + "ter22", "API_KEY=" + LETTERS, '"client_secret": "' + LETTERS + '"',
        "DB_PASSWORD=" + "s3cr3t",
        "**Password:** hun" + "ter22", "the password was `hun" + "ter22`", "--password hun" + "ter22",
    ],
    "private address": ["10.1.2.3", "192.168.0.12:8080", "172.20.1.1", "fd12:3456::1"],
    "internal host": ["db1.prod.internal", "https://wiki.shop.corp/page"],
    "e-mail address": ["ana.lima@shop.example", "ａｎａ@shop.example", "ana\u200b@shop.example"],
    "telephone number": ["+44 20 7946 0958", "(555) 010-0199", "555-010-0199"],
    "card number": ["4111 1111 1111 1111"],
    "bank account": ["DE89 3704 0044 0532 0130 00"],
}  # fmt: skip
HARMLESS = [
    "At 14:32 on 2026-11-03 the error rate was 15.3 %.",
    "Version 1.2.3.4 and eslint-scope@3.7.2 were deployed.",
    "Commit 8c1f2e7d9a0b4c6d8e0f1a2b3c4d5e6f7a8b9c0d, issue #2114.",
    "23,000 checkout attempts failed over 23 minutes.",
    "The token bucket: it holds 50. Rotate the secret, and the key.",
    "Passwords are kept as hashes; the password is long.",
    "The order 4111 1111 1111 1112 was kept, and 203.0.113.9 is public.",
    "password: [redacted], token=***, api_key: ${API_KEY}",
    "@ines wrote to the team in us-west-2 at 10:00:00.",
    "2026-11-03 14:32:07.123 1762180327000000 events",
]


@pytest.mark.parametrize(("kind", "words"), [(kind, one) for kind, found in SECRET.items() for one in found])
def test_what_has_the_form_of_a_secret_is_pointed_out_and_not_repeated(kind: str, words: str) -> None:
    (found,) = secrets(f"We saw {words} in the log", 7)
    assert (found.line, found.kind) == (7, kind)
    assert found.hint.endswith("…") and len(found.hint) <= 5


@pytest.mark.parametrize("line", HARMLESS)
def test_an_ordinary_line_has_none(line: str) -> None:
    assert secrets(line, 1) == []


def test_each_place_is_told_once_and_in_its_order() -> None:
    found = secrets("10.0.0.1, ana@shop.example, 10.0.0.2", 1)
    assert [one.kind for one in found] == ["private address", "e-mail address", "private address"]


def test_what_is_allowed_stays() -> None:
    assert secrets("Write to help@shop.example", 1, ["help@shop.example"]) == []
    assert len(secrets("Write to help@shop.example", 1, ["shop.example"])) == 1


@tried(40)
@given(st.text(max_size=200))
def test_no_line_is_too_strange(line: str) -> None:
    for found in secrets(line, 1):
        assert len(found.hint) <= 5


def test_a_very_long_line_is_searched_in_time() -> None:
    for part in ("a.", "1 ", "password ", "::", "+1-", "a@a.", "Aa1"):
        secrets(part * 3_000, 1)
