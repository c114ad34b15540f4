"""The labelled corpus: it is here, whole, and a slip in it is told with its place."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from companion.schemas.pii.evaluation import corpus as module
from companion.schemas.pii.evaluation.benchmark import judge
from companion.schemas.pii.evaluation.corpus import (
    CorpusError,
    LabelledSchema,
    Part,
    corpus_folder,
    corpus_number,
    labelled_fields,
    load_corpus,
    second_pass,
)
from companion.schemas.pii.verdict import Level


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for ending in ("proto", "csv"):
        shutil.copy(corpus_folder("development") / f"bank.{ending}", tmp_path)
    return tmp_path


def test_every_field_of_the_development_corpus_has_its_label(corpus: list[LabelledSchema]) -> None:
    loaded = corpus
    assert [each.trade for each in loaded] == sorted(each.trade for each in loaded)
    assert len(loaded) >= 12
    fields = labelled_fields(loaded)
    assert len(fields) == sum(len(each.labels) for each in loaded) >= 700
    assert set(Counter(each.label.level for each in fields)) == set(Level)


def test_labels_come_in_the_order_of_the_fields(corpus: list[LabelledSchema]) -> None:
    for each in corpus:
        assert list(each.labels) == [(message.name, field.name) for message in each.schema.messages
                                     for field in message.fields]  # fmt: skip


def test_one_of_several_right_types_is_enough(corpus: list[LabelledSchema]) -> None:
    types = {each.label.types for each in labelled_fields(corpus)}
    assert any(len(several) > 1 for several in types) and not any("|" in one for several in types for one in several)


def test_the_number_changes_with_a_label_and_with_a_schema(copy: Path) -> None:
    before = corpus_number(load_corpus(copy))
    assert before == corpus_number(load_corpus(copy))
    table = copy / "bank.csv"
    table.write_text(table.read_text("utf-8").replace("cust_nm,LOW", "cust_nm,MEDIUM"), "utf-8")
    relabelled = corpus_number(load_corpus(copy))
    (copy / "bank.proto").write_text((copy / "bank.proto").read_text("utf-8") + "// more\n", "utf-8")
    assert len({before, relabelled, corpus_number(load_corpus(copy))}) == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Cust,cust_nm,LOW", "Cust,cust_nm,LOWEST", "bank.csv:3: 'LOWEST' is no level"),
        ("Cust,cust_nm,LOW,NAME", "Cust,cust_nm,LOW,", "bank.csv:3: a field has a type exactly when it is not PUBLIC"),
        ("Cust,cust_nm,LOW,NAME,\n", "", r"bank.csv: Cust.cust_nm is not both in the table and in the schema"),
        ("Cust,cust_nm,", "Cust,cust_name,", r"bank.csv: Cust.cust_name is not both"),
        ("message,field", "field,message", "bank.csv:1: the columns must be message,field,level,type,why"),
    ],
)
def test_a_slip_in_a_table_is_told_with_its_place(copy: Path, old: str, new: str, said: str) -> None:
    table = copy / "bank.csv"
    text = table.read_text("utf-8")
    assert old in text
    table.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(CorpusError, match=said):
        load_corpus(copy)


def test_a_schema_without_a_table_is_told(copy: Path) -> None:
    (copy / "bank.csv").unlink()
    with pytest.raises(CorpusError, match=r"bank\.csv: cannot be read: no such file"):
        load_corpus(copy)


def test_without_the_books_data_the_error_says_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "records_folder", lambda: tmp_path / "data" / "measurements")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CorpusError, match="comes with the book's repository, not with the package"):
        load_corpus("development")
    (tmp_path / "data" / "pii" / "development").mkdir(parents=True)  # as in a chapter that was taken home
    (tmp_path / "chapters").mkdir()
    monkeypatch.chdir(tmp_path / "chapters")
    assert corpus_folder("development") == tmp_path / "data" / "pii" / "development"


def test_in_new_trades_every_label_says_whether_it_is_about_a_person() -> None:
    fields = labelled_fields(load_corpus("new_trades"))
    assert {each.label.person for each in fields if each.label.level is Level.PUBLIC} == {True, False}
    ours = [each.label for each in fields if each.label.level is not Level.PUBLIC and not each.label.person]
    assert ours and all(set(label.types) <= {"API_KEY", "CREDENTIAL", "PASSWORD"} for label in ours)


def test_whether_it_is_about_a_person_is_yes_or_no(tmp_path: Path) -> None:
    for ending in ("proto", "csv"):
        shutil.copy(corpus_folder("new_trades") / f"waste.{ending}", tmp_path)
    table = tmp_path / "waste.csv"
    table.write_text(table.read_text("utf-8").replace("one number a dwelling,yes", "one number a dwelling,perhaps"))
    with pytest.raises(CorpusError, match=r"waste\.csv:2: 'perhaps' is neither yes nor no"):
        load_corpus(tmp_path)


def test_the_second_pass_labels_the_same_fields() -> None:
    corpus = load_corpus("new_trades")
    again = second_pass(corpus)
    assert set(again) == {(each.trade, each.message.name, each.field.name) for each in labelled_fields(corpus)}
    with pytest.raises(CorpusError, match=r"second_pass\.csv: cannot be read: no such file"):
        second_pass(load_corpus("unseen"))


@pytest.mark.parametrize("part", ["wrapped/mend", "wrapped/exam"])
def test_where_values_are_wrapped_what_a_schema_imports_is_lent_and_not_judged(part: Part) -> None:
    corpus = load_corpus(part)
    assert len(corpus) == 6
    assert all(each.label.person is not None for each in labelled_fields(corpus))
    lent = {schema.package for each in corpus for schema in each.lent}
    assert {"common.v1", "google.type", "clinical.types.v1"} <= lent
    assert len(judge(corpus)) == len(labelled_fields(corpus))


def test_the_exam_of_wrapped_values_stays_as_it_was_written() -> None:
    fields = labelled_fields(load_corpus("wrapped/exam"))
    counts = Counter(each.label.level for each in fields)
    assert counts == {Level.HIGH: 118, Level.MEDIUM: 104, Level.LOW: 71, Level.PUBLIC: 297}
