"""Running the rules: what counts, what is silenced and why, what is shown first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from companion.operations.postmortems.document import Document, Silence
from companion.operations.postmortems.rules import lint as linting
from companion.operations.postmortems.rules.lint import HANDFUL, Report, lint
from companion.operations.postmortems.rules.outcome import (
    MET,
    Mark,
    Outcome,
    Rule,
    Severity,
    Verdict,
    cannot_tell,
    not_met,
)
from companion.operations.postmortems.rules.settings import Level, Profile, Setting, Settings
from companion.operations.postmortems.rules.silences import silence

DOCUMENT = Document("a.md", "Nobody could pay for 20 minutes", 1, {}, None, "en", ())
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def rule(name: str, outcome: Outcome, *, severity: Severity = ERROR, rank: int = 50, **more: Any) -> Rule:
    texts: dict[str, Any] = {"says": "s", "reason": "r", "bad": "b", "good": "g", "fix": f"mend {name}"}
    return Rule(name, "story", severity, **texts, rank=rank, **more, check=lambda document: outcome)


def at(*lines: int | None) -> Outcome:
    return not_met(*(Mark(line, f"wrong at {line}") for line in lines))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Report]:
    """Lint with rules of the test's own."""

    def with_rules(*rules: Rule, settings: Settings | None = None, **changes: object) -> Report:
        monkeypatch.setattr(linting, "rules", lambda: rules)
        return lint(replace(DOCUMENT, **changes), settings)  # type: ignore[arg-type]

    return with_rules


def quiet(name: str, level: str = "off", reason: str = "so it was", where: tuple[int, int] | None = None) -> Silence:
    return Silence(name, level, reason, where, 2)


def test_errors_come_first_then_what_ranks_low_then_what_stands_early(run: Callable[..., Report]) -> None:
    report = run(
        rule("late", at(9, 4), rank=20),
        rule("soft", at(1), severity=WARNING, rank=1),
        rule("early", at(8, None), rank=10),
        rule("fine", MET),
    )
    assert [(each.rule, each.line) for each in report.findings] == [
        ("early", None), ("early", 8), ("late", 4), ("late", 9), ("soft", 1),
    ]  # fmt: skip
    assert [report.number_of(verdict) for verdict in Verdict] == [1, 3, 0]


def test_a_finding_takes_the_rules_advice_unless_its_mark_knows_better(run: Callable[..., Report]) -> None:
    marks = not_met(Mark(1, "a"), Mark(2, "b", "do this", WARNING))
    first, second = run(rule("r", marks)).findings
    assert (first.fix, first.severity) == ("mend r", ERROR)
    assert (second.fix, second.severity) == ("do this", WARNING)


def test_a_handful_shows_every_rule_once_before_it_shows_one_twice(run: Callable[..., Report]) -> None:
    report = run(rule("many", at(*range(1, 10)), rank=1), rule("one", at(3)), rule("two", at(4), severity=WARNING))
    assert len(report.handful) == HANDFUL == 5
    assert [each.rule for each in report.handful] == ["many", "many", "many", "one", "two"]
    assert set(report.handful) <= set(report.findings)


def test_more_rules_than_a_handful_leave_the_worst_of_them(run: Callable[..., Report]) -> None:
    rules = [rule(name, at(1, 2), severity=WARNING if name == "a" else ERROR) for name in "abcdefg"]
    assert [each.rule for each in run(*rules).handful] == list("bcdef")


def test_a_rule_that_reads_english_cannot_tell_in_another_language_and_one_of_structure_can(
    run: Callable[..., Report],
) -> None:
    rules = rule("words", at(1)), rule("structure", at(2), words=False)
    for language in ("fr", "?"):
        report = run(*rules, language=language)
        assert [each.rule for each in report.findings] == ["structure"]
        assert report.outcomes["words"].verdict is Verdict.CANNOT_TELL and report.foreign == 1
    assert "`fr`" in run(*rules, language="fr").outcomes["words"].why
    assert run(*rules).foreign == 0


def test_a_draft_is_not_asked_what_only_a_final_version_can_have(run: Callable[..., Report]) -> None:
    rules = rule("review", at(None), final=True), rule("owner", at(1))
    assert set(run(*rules).outcomes) == {"owner"}
    assert set(run(*rules, settings=Settings(Profile.FINAL)).outcomes) == {"review", "owner"}


def test_a_file_silences_a_rule_with_a_reason_and_the_finding_is_kept_apart(run: Callable[..., Report]) -> None:
    report = run(rule("gap", at(3)), silences=(quiet("gap"),))
    assert report.findings == ()
    (kept,) = report.silenced
    assert (kept.rule, kept.line, kept.reason, kept.by) == ("gap", 3, "so it was", "")
    assert [report.number_of(verdict) for verdict in Verdict] == [1, 0, 0]
    assert report.outcomes["gap"].verdict is Verdict.NOT_MET  # which is what the rule said


@pytest.mark.parametrize("changed", [{"reason": "  "}, {"name": "other"}, {"level": "quiet"}, {"where": (4, 9)}])
def test_a_silence_without_a_reason_or_for_something_else_has_no_effect(
    run: Callable[..., Report], changed: dict[str, object]
) -> None:
    one = quiet(**{"name": "gap", **changed})  # type: ignore[arg-type]
    assert len(run(rule("gap", at(3)), silences=(one,)).findings) == 1


def test_a_silence_of_some_lines_holds_there_and_not_for_what_is_missing(run: Callable[..., Report]) -> None:
    report = run(rule("gap", at(None, 3, 4, 5)), silences=(quiet("gap", where=(3, 4)),))
    assert [each.line for each in report.findings] == [None, 5]
    assert [each.line for each in report.silenced] == [3, 4]
    assert report.number_of(Verdict.NOT_MET) == 1  # silenced in part is not met


def test_a_finding_may_be_turned_down_or_up(run: Callable[..., Report]) -> None:
    (down,) = run(rule("gap", at(3)), silences=(quiet("gap", "warning"),)).findings
    (up,) = run(rule("gap", at(3), severity=WARNING), silences=(quiet("gap", "error", ""),)).findings
    assert (down.severity, up.severity) == (WARNING, ERROR)


def test_settings_silence_for_a_team_and_say_which_file_does(run: Callable[..., Report]) -> None:
    settings = Settings(rules={"gap": Setting(Level.OFF, "ours")}, source="pm.yaml")
    (kept,) = run(rule("gap", at(3)), settings=settings).silenced
    assert (kept.reason, kept.by) == ("ours", "pm.yaml")
    settings = Settings(rules={"gap": Setting(Level.ERROR)})
    (up,) = run(rule("gap", at(3), severity=WARNING), settings=settings).findings
    assert up.severity is ERROR


def test_a_build_fails_for_what_is_as_bad_or_worse(run: Callable[..., Report]) -> None:
    warned = run(rule("gap", at(3), severity=WARNING))
    assert (warned.fails(ERROR), warned.fails(WARNING), warned.fails(None)) == (False, True, False)
    bad = run(rule("gap", at(3)))
    assert (bad.fails(ERROR), bad.fails(WARNING), bad.fails(None)) == (True, True, False)
    assert not run(rule("gap", at(3)), silences=(quiet("gap"),)).fails(WARNING)
    assert not run(rule("gap", cannot_tell("prose"))).fails(WARNING)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (quiet("timeline-gapp"), "`timeline-gapp` is turned off, and is no rule"),
        (quiet("silence", "warning", ""), "`silence` is turned down to a warning and no reason is given"),
        (quiet("silence", "quiet"), "`silence` is turned `quiet`, which is no level"),
    ],
)
def test_a_silence_that_cannot_count_is_itself_a_finding(one: Silence, said: str) -> None:
    (mark,) = silence(replace(DOCUMENT, silences=(one,))).marks
    assert (mark.line, mark.message) == (2, said)


def test_a_silence_with_a_reason_is_none_and_to_be_stricter_needs_no_reason() -> None:
    assert silence(replace(DOCUMENT, silences=(quiet("silence"), quiet("silence", "error", "")))) == MET


def test_of_each_rule_what_it_says_first_is_shown(run: Callable[..., Report]) -> None:
    report = run(*(rule(name, at(9, 1)) for name in "abcde"))
    assert {each.line for each in report.handful} == {9}
