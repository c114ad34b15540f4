"""What a mark asks for: what its level does, unless a law or a standard asks for something else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.schemas.pii.annotation.protections import asked_of
from companion.schemas.pii.reports.regimes import Regimes, read_regimes
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.verdict import Level, Verdict

Judge = Callable[..., dict[str, Verdict]]

CARD = """
message Payment {
  string email = 1;
  string card_number = 2;
  string cvv = 3;
  string track_data = 4;
  string card_expiry = 5;
}
message Card { string number = 1; string code = 2; }
"""
LOGIN = """
message Account {
  string email = 1;
  string password_hash = 2;
  string api_key = 3;
}
message Router { string wifi_password = 1; }
message Door { string entry_pin = 1; }
"""


def test_what_proves_that_a_card_is_at_hand_is_not_kept_even_encrypted(judge: Judge, rules: Rules) -> None:
    found = {name: asked_of(verdict, rules) for name, verdict in judge(CARD).items()}
    for name in ("Payment.cvv", "Payment.track_data", "Card.code"):
        assert found[name].protect == ("DISCARD", "MASK"), name
        assert found[name].by == "PCI-DSS, Requirement 3.3"
    for name in ("Payment.card_number", "Card.number"):
        assert found[name].protect == ("ENCRYPT", "MASK", "AUDIT") and found[name].by is None, name
    assert "DISCARD" not in found["Payment.card_expiry"].protect


def test_a_login_password_is_kept_as_a_hash_and_a_machines_must_be_read_back(judge: Judge, rules: Rules) -> None:
    found = {name: asked_of(verdict, rules) for name, verdict in judge(LOGIN).items()}
    assert found["Account.password_hash"].protect == ("HASH", "MASK")
    assert found["Account.password_hash"].by == "NIST-800-63B, Section 3.1.1.2"
    for name in ("Account.api_key", "Router.wifi_password", "Door.entry_pin"):
        assert found[name].protect == ("ENCRYPT", "MASK", "AUDIT"), name


def test_without_a_text_that_asks_the_level_does(verdict: Callable[..., Verdict], rules: Rules) -> None:
    plain = Regimes(version="0", regimes=(read_regimes().regimes[0],))
    asked = asked_of(verdict("cvv", Level.HIGH, "CREDIT_CARD"), rules, plain)
    assert asked.protect == rules.protections[Level.HIGH] and asked.by is None


def test_a_text_that_asks_tells_the_fields_by_names() -> None:
    cover = {"source": "s", "title": "t", "types": ["X"], "protect": ["MASK"]}
    with pytest.raises(ValueError, match="`protect` needs `names`"):
        Regimes.model_validate({"version": "0", "regimes": [{"id": "A", "name": "A", "covers": [cover]}]})
