"""The report at a terminal: a handful, what it adds up to, and on request what was taken for what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from companion.operations.postmortems.document import TITLE_SHOWN
from companion.operations.postmortems.reports.plain import as_plain, list_of_rules, one_rule
from companion.operations.postmortems.rules.lint import Report
from companion.operations.postmortems.rules.outcome import Rule, Severity
from companion.operations.postmortems.rules.settings import Profile


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_a_finding_says_where_how_bad_which_rule_what_and_how_to_mend_it(found: Callable[..., Report]) -> None:
    shown = lines(as_plain([found({}, {"line": None, "rule": "title"})]))
    assert shown[0] == "pm/a b.md  Nobody could pay"
    assert shown[1] == "  line 9  error  timeline-gap: 39 minutes without a word after line 9."
    assert shown[2].strip() == "Say what was done."
    assert shown[3].strip() == "error  title: 39 minutes without a word after line 9."
    assert shown[-1] == "  3 rules for a draft: 1 met, 1 not met, 1 cannot tell"


def test_a_final_version_is_asked_all_rules_and_a_draft_says_that_it_is_one(found: Callable[..., Report]) -> None:
    assert "  3 rules: 1 met" in as_plain([replace(found({}), profile=Profile.FINAL)])


def test_a_title_of_ten_thousand_characters_is_cut(found: Callable[..., Report]) -> None:
    report = found()
    long = replace(report, document=replace(report.document, title="x" * 10_000))
    assert TITLE_SHOWN <= as_plain([long], width=80).count("x") + 3 < TITLE_SHOWN + 20


def test_five_are_shown_and_the_rest_on_request(found: Callable[..., Report]) -> None:
    report = found(*({"line": line, "message": f"at {line}"} for line in range(1, 18)))
    assert "12 more: --all" in as_plain([report])
    assert as_plain([report]).count("error  timeline-gap") == 5
    whole = as_plain([report], everything=True)
    assert whole.count("error  timeline-gap") == 17 and "more" not in whole


def test_what_is_silenced_is_counted_and_listed_on_request(found: Callable[..., Report]) -> None:
    report = found(silenced=({"reason": "ours", "by": "pm.yaml"}, {"reason": "so", "line": None}))
    assert "3 rules for a draft: 2 met, 0 not met, 1 cannot tell, 2 silenced" in as_plain([report])
    whole = as_plain([report], everything=True)
    assert "silenced: line 9: timeline-gap (pm.yaml: ours)" in whole and "silenced: timeline-gap (so)" in whole


def test_a_foreign_language_is_said_once(found: Callable[..., Report]) -> None:
    report = found({}, foreign=27)
    for language, named in (("fr", "of the language `fr`"), ("?", "whose language is not known")):
        said = as_plain([replace(report, document=replace(report.document, language=language))], width=200)
        assert said.count("27 rules of these read English and cannot tell in a document") == 1 and named in said


def test_an_explanation_says_what_was_taken_for_what_by_which_words(found: Callable[..., Report]) -> None:
    said = as_plain([found({})], explain=True)
    assert "line 1  summary   what stands before the first heading" in said
    assert 'line 7  timeline  "Timeline (UTC)", by "timeline"' in said
    assert 'line 20  other     "See also"\n' in said
    assert 'line 30  timeline  "Later", as the section that it is in' in said
    assert "found in them: 3 entries of the timeline, no whys, 1 lesson, no actions" in said
    assert "whys: there is no chain" in said
    assert "taken for" not in as_plain([found({})])


def test_many_documents_are_added_up(found: Callable[..., Report]) -> None:
    reports = [found({}), found({"severity": Severity.WARNING}), found()]
    last = lines(as_plain(reports, [("x.md", "empty")]))[-1]
    assert last == "3 documents: 1 with errors, 1 with warnings alone, 1 without findings, 1 could not be read"
    assert "document" not in as_plain([found({})])


def test_words_of_others_steer_no_terminal_and_colour_is_on_request_only(found: Callable[..., Report]) -> None:
    hostile = found({"message": "\x1b[31mred \x07[bold]x[/bold] :bomb: \u202e"})
    said = as_plain([hostile], explain=True, everything=True)
    assert "\x1b" not in said and "\x07" not in said and "[bold]x[/bold] :bomb:" in said
    assert "\x1b[" in as_plain([hostile], colour=True)


def test_a_narrow_terminal_folds_and_loses_nothing(found: Callable[..., Report]) -> None:
    said = as_plain([found({"message": "a very long sentence about a gap " * 5})], width=60)
    assert max(map(len, lines(said))) <= 60
    assert " ".join(said.split()).count("gap") == 5 + 1


def test_a_rule_is_told_with_its_reason_and_both_examples(rule: Callable[..., Rule]) -> None:
    said = one_rule(rule(good="- a\n  - b", final=True))
    head = "timeline-gap  error  in the final version only"
    texts = [head, "For a reason.", "    ```sh\n    bad", "    - a\n      - b", "To mend it: Mend it."]
    for text in texts:
        assert text in said
    listed = lines(list_of_rules([rule(), rule("title", severity=Severity.WARNING)]))
    assert listed[0].split()[:2] == ["timeline-gap", "error"] and listed[1].split()[:2] == ["title", "warning"]
