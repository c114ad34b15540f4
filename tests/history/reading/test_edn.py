"""Values of EDN, as Clojure writes them."""

from __future__ import annotations

from typing import Any

import pytest

from companion.history.reading.edn import DEEPEST, NOTHING, Unfinished, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nil", None), ("true", True), ("false", False), ("12", 12), ("-3N", -3), ("1.5e3", 1500.0), ("2M", 2.0),
        ("1/2", "1/2"), (":read", ":read"), ("a/b", "a/b"), ("##Inf", "##Inf"), (r"\a", "a"), (r"\newline", "\n"),
        (r"\u0041", "A"), (r'"a\"b\n\u00e9"', 'a"b\né'), ("[1, 2 (3)]", [1, 2, [3]]), ("#{2 1}", [1, 2]),
        ("{:a {1 nil}, :b []}", {":a": {"1": None}, ":b": []}), ('#inst "2026"', "2026"),
        ("#jepsen.history.Op{:f :read}", {":f": ":read"}), ("[1 #_ 2 #_[3 #_4] 5 ; six\n 7]", [1, 5, 7]),
        ("^:private [1]", [1]), ('#"a+"', "a+"), ("  ; nothing", NOTHING), ("", NOTHING),
    ],
)  # fmt: skip
def test_each_kind_of_value_is_read(text: str, value: Any) -> None:
    assert read(text, 0, ended=True)[0] == value


@pytest.mark.parametrize("text", ["{:value [1 :name] } ", '#{"text" 1.5}', "(true\\a)"])
def test_a_value_that_is_cut_anywhere_asks_for_more(text: str) -> None:
    whole = read(text, 0, ended=True)
    for end in range(len(text.rstrip())):
        with pytest.raises(Unfinished):
            read(text[:end], 0, ended=False)
    assert read(text, 0, ended=False) == whole


@pytest.mark.parametrize("text", ["[1}", "{:a}", "#_", "[", '"abc', "#tag ]", "1e999", "[" * (DEEPEST + 2), "9" * 5000])
def test_what_is_no_value_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(text, 0, ended=True)


def test_blanks_before_a_fault_cost_no_more_than_once() -> None:
    with pytest.raises(Unfinished):
        read(" " * 100_000 + '"', 0, ended=True)
