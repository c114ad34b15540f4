"""The comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from companion.schemas.pii.reports.accepted_findings import FindingEntry
from companion.schemas.pii.reports.baseline import Baseline
from companion.schemas.pii.reports.earlier import Entry
from companion.schemas.pii.reports.markdown import LIMIT, MARKER, as_markdown, escape
from companion.schemas.pii.verdict import Finding, Level, Mark, Scan, Verdict
from companion.schemas.protobuf.model import Problem

HOSTILE = (
    "a|b `c` <img src=x onerror=y> @everyone [x](https://evil.example) ![p](//e) #12 www.evil.example "
    "GH-1 *b* _i_ ~s~ $m$ &lt; \\ </details> <!-- \n| row |\n# title\n\x1b[31mred\x07 \u202e"
)


def test_the_comment_opens_with_one_line_and_the_worst(labelled: Callable[..., Scan]) -> None:
    lines = as_markdown(labelled("shop")).splitlines()
    assert lines[0] == MARKER
    assert lines[1] == (
        "**companion pii scan: 29 fields of personal data without a mark (9 HIGH, 13 MEDIUM, 7 LOW)**; "
        "judged 64 fields in 1 file."
    )
    levels = [row.split(" | ")[0].strip("| ") for row in lines if re.match(r"\| (HIGH|MEDIUM|LOW) ", row)][:29]
    assert levels == ["HIGH"] * 9 + ["MEDIUM"] * 13 + ["LOW"] * 7
    (row,) = [row for row in lines if "c_pwdDigest" in row and "label" in row]
    assert row == (
        "| HIGH | `PASSWORD` | `Customer.c_pwdDigest` | `shop.proto:59` | hash | `label (shop.csv:28)` |"
    )  # fmt: skip
    assert lines.count("</details>") == 1


def test_only_what_is_new_is_in_the_table_and_the_rest_says_why(
    verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]
) -> None:
    entry = Entry("a.proto", "Person", "b", Level.HIGH, "SSN", "a test number")
    scan = scan_of(
        verdict("a", ignored="on every parcel"), verdict("b"), verdict("c", mark=Mark(Level.HIGH)), verdict("d")
    )
    old = Entry("a.proto", "Person", "old", Level.LOW, "NAME", "x")
    page = as_markdown(scan, Baseline("b.json", (entry, old)), [old])
    head, _, rest = page.partition("<details>")
    assert "1 new field of personal data without a mark (1 HIGH)" in head
    assert "`Person.d`" in head and "`Person.b`" not in head
    for state in ("ignored: on every parcel", "accepted: a test number", "marked", "no mark"):
        assert f"| {state} |" in rest
    assert "1 entry of the baseline can go" in rest and "Person.old" in rest


def test_findings_and_problems_are_told(verdict: Callable[..., Verdict]) -> None:
    finding = Finding("a.proto", 9, "list-of-high", Level.HIGH, "List returns HIGH for everyone", "return ids")
    page = as_markdown(Scan((), (verdict(),), (finding,), (Problem("b.proto", "binary", 3),), "1"))
    assert ", 1 finding**" in page and "| HIGH | `list-of-high` | `a.proto:9` |" in page
    assert "1 problem while reading" in page and "b.proto:3: binary" in page


def test_of_findings_only_new_ones_are_in_the_table_and_accepted_ones_counted(
    verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]
) -> None:
    old, new = (Finding("a.proto", 9, "list-of-high", Level.HIGH, said, "return ids") for said in ("List", "Dump"))
    entry = FindingEntry("a.proto", "list-of-high", "List", Level.HIGH, "few may call it")
    page = as_markdown(scan_of(verdict(), findings=[old, new]), Baseline("b.json", (), (entry,)))
    assert ", 1 new finding, 1 accepted finding**" in page and "| Dump |" in page and "| List |" not in page


def test_a_scan_that_judged_nothing_says_so() -> None:
    page = as_markdown(Scan((), (), (), (Problem("b.proto", "binary"),), "1"))
    assert "judged nothing: no fields in no files; 1 file could not be read" in page


def test_words_of_others_mean_themselves() -> None:
    text = escape(HOSTILE)
    assert "\n" not in text and "<" not in text and text.isprintable()
    assert not re.search(r"@\w|(?<!&)#\d|://|www\.|GH-", text)
    assert not re.search(r"(?<!\\)[|`*_\[\]~$]", text)
    assert text.startswith(
        r"a\|b \`c\` &lt;img src=x onerror=y&gt; @&#8203;everyone \[x\]\(https:/&#8203;/evil.example\)"
    )


@pytest.mark.parametrize("where", ["name", "message", "path", "reason", "source", "kind"])
def test_hostile_names_stay_in_their_cell(
    where: str, verdict: Callable[..., Verdict], scan_of: Callable[..., Scan]
) -> None:
    harmless = as_markdown(scan_of(verdict())).splitlines()
    page = as_markdown(scan_of(verdict(**{where: HOSTILE})))
    lines = page.splitlines()
    assert len(lines) == len(harmless)
    for ours, line in zip(harmless, lines, strict=True):
        assert len(re.findall(r"(?<!\\)\|", ours)) == len(re.findall(r"(?<!\\)\|", line))
    assert "@everyone" not in page and "<img" not in page and page.count("</details>") == 1


def test_the_words_of_findings_problems_and_entries_are_escaped_too(verdict: Callable[..., Verdict]) -> None:
    finding = Finding(HOSTILE, 1, HOSTILE, Level.HIGH, HOSTILE, HOSTILE)
    entry = Entry(HOSTILE, HOSTILE, HOSTILE, Level.HIGH, "SSN", HOSTILE)
    ignored = verdict(ignored=HOSTILE)
    page = as_markdown(Scan((), (ignored,), (finding,), (Problem(HOSTILE, HOSTILE),), "1"), None, [entry])
    assert "@everyone" not in page and "<img" not in page and page.count("</details>") == 3


def test_three_thousand_fields_fit_into_a_comment(verdict: Callable[..., Verdict]) -> None:
    fields = [verdict(f"f{n}", message="M" * 300, path="é" * 300 + ".proto", reason="ü|" * 500) for n in range(3000)]
    findings = [Finding("a", 1, "r" * 500, Level.HIGH, "日" * 500, "本" * 500)] * 1000
    problems = [Problem("a", "|" * 500)] * 1000
    stale = [Entry("a", "b", "|" * 500, Level.HIGH, "SSN", "x")] * 1000
    page = as_markdown(Scan((), tuple(fields), tuple(findings), tuple(problems), "1"), None, stale)
    assert 30_000 < len(page) <= len(page.encode()) < LIMIT
    assert "3,000 HIGH" in page and page.count("<details>") == page.count("</details>") == 3
    assert page.count(" more; `companion pii scan --json -` lists all.") == 5
