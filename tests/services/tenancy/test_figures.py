"""The figures say in words what they draw."""

from __future__ import annotations

from companion.services.tenancy.breaches.stolen import HOUR, still_good
from companion.services.tenancy.figures import figure_exchange, figure_foreign, figure_forms, figure_stolen
from companion.services.tenancy.leaks import FORMS


def test_the_forms_are_told_policy_by_policy() -> None:
    figure = figure_forms({"a setting": ["SELECT", "LIMIT"], "once": ["LIMIT"], "a ticket": []})
    assert figure.title == "2 of 13 forms get through a setting, 0 through a ticket"
    assert "SELECT: a setting leaks, once stopped, a ticket stopped." in figure.alt
    assert figure.csv.count("leaks") == 3 and figure.csv.count("stopped") == 3 * len(FORMS) - 3


def test_the_users_token_goes_to_the_agent_and_the_issuer_only() -> None:
    assert "agent sends MCP server get_document, that token" in figure_exchange().alt
    assert figure_exchange().alt.count("token for agent") == 1


def test_what_is_still_good_is_told_after_an_hour() -> None:
    waits = [0.0, HOUR, 6.0 * HOUR]
    figure = figure_stolen(waits, {name: [still_good(life, wait) for wait in waits] for name, life in
                                   {"a day": 24.0 * HOUR, "minutes": 300.0}.items()})  # fmt: skip
    assert figure.title == "An hour after the theft 96 % of those of a day, 0 % of those of minutes are still good"


def test_served_and_expected_stand_beside_each_other() -> None:
    figure = figure_foreign([1, 10], [0.0, 0.74], [0.0, 0.75])
    assert figure.title == "With 10 tenants 74 % of all answers are another tenant's"
    assert "h (1 - 1/T)" in figure.alt
