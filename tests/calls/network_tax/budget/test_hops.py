"""Files of hops, right and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.network_tax.budget.hops import BudgetError, Hop, example, parse, read_hops

GOOD = "hops:\n  - name: a\n    p50_ms: 5\n    p99_ms: 50\n"
CSV = "name,p50_ms,p99_ms,mean_ms,parallel,timeout_ms,retries,availability\n"


def test_the_example_has_the_nine_hops_of_the_article() -> None:
    hops = parse(example())
    assert len(hops) == 9
    assert {(hop.p50_ms, hop.p99_ms, hop.availability) for hop in hops} == {(5.0, 50.0, 0.999)}


def test_yaml_and_csv_say_the_same() -> None:
    written = (
        GOOD
        + "    parallel: x\n    timeout_ms: 60\n    retries: 2\n    availability: 0.99\n  - {name: b, mean_ms: 3}\n"
    )
    hops = parse(written)
    assert hops == parse(CSV + "a,5,50,,x,60,2,0.99\nb,,,3,,,,\n", ".csv")
    assert hops == [Hop("a", 5, 50, None, 0.99, "x", 60, 2), Hop("b", mean_ms=3)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "hops: it has no hops"),
        ("hops: []", "it has no hops"),
        ("- a", "hops:1: `hops:` with a list below it"),
        ("hops: 3", "hops:1: `hops:` needs a list"),
        ("hops:\n  - 3", "hops:2: a hop was expected"),
        ("hops: [", "hops:1: not YAML"),
        ("hops: &a\n  - *a", "hops:2: an alias"),
        ("[" * 5000, "hops:1: nested too deeply"),
        (GOOD + "    p98_ms: 3\n", "hops:2: `p98_ms` is none of name, availability"),
        (GOOD + "    retries: 1.5\n", "hops:2: retries is 1.5; a whole number"),
        (GOOD + "    retries: 11\n", "retries is 11; a number from 0 to 10"),
        (GOOD + "    availability: 99.9\n", "availability is 99.9; a number from 1e-06 to 1"),
        (GOOD + "    timeout_ms: 5s\n", "timeout_ms is 5s; a number"),
        (GOOD + "    timeout_ms: .inf\n", "timeout_ms is .inf; a number"),
        (GOOD + "    mean_ms: 5\n", "a needs p50_ms and p99_ms, or mean_ms"),
        (GOOD + "    name: b\n", "hops:5: `name` stands twice"),
        (GOOD + GOOD[6:], "hops:5: a second hop named a"),
        ("hops:\n  - p50_ms: 5\n", "hops:2: a hop without a name"),
        ("hops:\n  - name: a\n    p50_ms: 5\n    p99_ms: 4\n", "p99_ms is 4; it was expected between"),
        ("hops:\n  - name: [a]\n", "hops:2: a field has one value"),
        ("hops:\n  - name: \x00\n", "not YAML: it has a character"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(BudgetError) as caught:
        parse(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,name\n", "hops:1: two columns have the same name"),
        ("name,mean_ms\na\n", "hops:2: 1 cells where the first line has 2"),
        ('name,mean_ms\n"a,3\n', "not CSV"),
        (CSV + "a,,,1,x,,,\nb,,,1,,,,\nc,,,1,x,,,\n", "hops:4: parallel x begins again"),
        ("name,mean_ms\n" + "".join(f"{n},1\n" for n in range(101)), "hops:102: more than 100 hops"),
    ],
)
def test_what_is_wrong_in_a_table_too(text: str, said: str) -> None:
    with pytest.raises(BudgetError) as caught:
        parse(text, ".csv")
    assert said in str(caught.value)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    for name, content, said in (
        ("hops.txt", b"", "ends in none of"),
        ("large.yaml", b"#" * 64_001, "more than 64,000 bytes"),
        ("latin.yaml", b"\xe9", "not UTF-8"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BudgetError, match=said):
            read_hops(tmp_path / name)
    with pytest.raises(BudgetError, match="no such file"):
        read_hops(tmp_path / "none.yaml")


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    (tmp_path / "hops.csv").write_bytes(b"\xef\xbb\xbfname,mean_ms\r\na,1\r\n")
    assert read_hops(tmp_path / "hops.csv") == [Hop("a", mean_ms=1)]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60) | st.text("hops:- \n{}[]&*!#'\"a1,", max_size=60), st.sampled_from([".yaml", ".csv"]))
def test_any_text_is_read_or_refused(text: str, suffix: str) -> None:
    try:
        assert parse(text, suffix)
    except BudgetError as error:
        assert str(error).startswith("hops")
