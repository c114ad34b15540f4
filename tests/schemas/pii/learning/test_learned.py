"""What annotations teach, to whom, and to whom not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from companion.models import embeddings
from companion.models.vectors import Vectors
from companion.models.words import hashed_words
from companion.schemas.pii.evaluation.corpus import LabelledSchema, labelled_fields
from companion.schemas.pii.evidence.classify import classify
from companion.schemas.pii.learning.learned import SIMILAR, STRUCTURE, Learned, learn_from, leave_one_out, without_rules
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.rules.loading import load_rules
from companion.schemas.pii.verdict import Level, MarkedSchema, Verdict

RULES = load_rules()
MARK = '[(companion.pii.v1.field) = {{ level: {}, type: "{}" }}]'
HEAD = 'syntax = "proto3";\nimport "companion/pii/v1/pii.proto";\n'
TEACHER = f"""// A guest of the hotel.
message Guest {{
  string zorb = 1 {MARK.format("HIGH", "SALARY")}; // what the guest earns
}}
"""

Read = Callable[..., list[MarkedSchema]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(**files: str) -> list[MarkedSchema]:
        for name, body in files.items():
            (tmp_path / f"{name}.proto").write_text(f"{HEAD}package {name};\n{body}", "utf-8")
        schemas, problems = read_marked([tmp_path])
        assert problems == []
        return schemas

    return reading


def verdict(schemas: list[MarkedSchema], file: str, learned: Learned | None) -> Verdict:
    return next(each for each in classify(schemas, RULES, learned) if each.path.endswith(f"{file}.proto"))


def test_a_field_like_an_annotated_one_gets_its_level_and_says_from_where(read: Read) -> None:
    schemas = read(taught=TEACHER, new="message HotelGuest { string zorb = 1; // what the guest earns\n}")
    assert verdict(schemas, "new", None).level is Level.PUBLIC
    found = verdict(schemas, "new", learn_from(schemas))
    assert (found.level, found.pii_type) == (Level.HIGH, "SALARY")
    assert "like Guest.zorb, annotated HIGH in " in found.reason and "similarity 0." in found.reason
    assert found.source.startswith("learned ") and found.source.endswith("taught.proto:6")


def test_the_same_name_in_another_context_learns_nothing(read: Read) -> None:
    schemas = read(taught=TEACHER, new="message PumpTelemetry { string zorb = 1; // litres of oil left in the tank\n}")
    assert verdict(schemas, "new", learn_from(schemas)).level is Level.PUBLIC


def test_another_name_in_the_same_context_learns_nothing(read: Read) -> None:
    schemas = read(taught=TEACHER, new="message Guest { string zorba = 1; // what the guest earns\n}")
    assert verdict(schemas, "new", learn_from(schemas)).level is Level.PUBLIC


def test_a_name_in_another_style_is_the_same_name(read: Read) -> None:
    body = f"message Guest {{ string zorb_level = 1 {MARK.format('LOW', 'NAME')}; }}"
    schemas = read(taught=body, new="message Guest { string zorbLevel = 1; }")
    assert verdict(schemas, "new", learn_from(schemas)).source.startswith("learned")


def test_a_flag_does_not_learn_from_a_text(read: Read) -> None:
    schemas = read(taught=TEACHER, new="message Guest { bool zorb = 1; // what the guest earns\n}")
    assert verdict(schemas, "new", learn_from(schemas)).level is Level.PUBLIC


def test_of_teachers_that_disagree_the_higher_level_counts(read: Read) -> None:
    low = TEACHER.replace("HIGH", "LOW").replace("SALARY", "NAME")
    schemas = read(a=low, b=TEACHER, c=low, new="message Guest { string zorb = 1; // what the guest earns\n}")
    for order in (schemas, schemas[::-1]):
        found = verdict(order, "new", learn_from(order))
        assert found.level is Level.HIGH and "b.proto" in found.source


def test_rules_go_before_what_was_learned(read: Read) -> None:
    taught = f"message Guest {{ string passport_number = 1 {MARK.format('LOW', 'NAME')}; }}"
    schemas = read(taught=taught, new="message Guest { string passport_number = 1; }")
    assert verdict(schemas, "new", learn_from(schemas)).level is Level.HIGH


def test_a_public_mark_teaches_too(read: Read) -> None:
    taught = "message Guest { string zorb = 1 [(companion.pii.v1.field) = { level: PUBLIC }]; }"
    schemas = read(taught=taught, new="message Guest { string zorb = 1; }")
    found = verdict(schemas, "new", learn_from(schemas))
    assert (found.level, found.pii_type) == (Level.PUBLIC, None) and found.source.startswith("learned")


def test_without_marks_there_is_nothing_to_learn(read: Read) -> None:
    assert len(learn_from(read(a="message Guest { string zorb = 1; }"))) == 0


def test_a_higher_threshold_never_lets_more_in(read: Read) -> None:
    schemas = read(taught=TEACHER, new="message GuestRoom { string zorb = 1; // how many guests\n}")
    learned = [learn_from(schemas, similar=tenths / 10) for tenths in range(-10, 11, 4)]
    taught = [verdict(schemas, "new", each).level.rank for each in learned]
    assert taught == sorted(taught, reverse=True) and taught[0] > taught[-1]


def test_words_compare_contexts_unless_other_vectors_are_given(read: Read) -> None:
    schemas = read(taught=TEACHER)
    assert learn_from(schemas).vectors is embeddings("words")
    others = Vectors("others", hashed_words)
    assert learn_from(schemas, vectors=others).vectors is others


def test_the_threshold_is_on_a_similarity(read: Read) -> None:
    # On a distance it would be the other way round: the same context has distance 0, below any threshold.
    schemas = read(taught=TEACHER, new=TEACHER.replace(MARK.format("HIGH", "SALARY"), ""))
    assert verdict(schemas, "new", learn_from(schemas, similar=1.0)).level is Level.HIGH
    assert 0 < SIMILAR < 1


def test_on_the_corpus_learning_adds_little_to_the_rules_and_alone_beats_only_the_floor(
    corpus: list[LabelledSchema],
) -> None:
    corpus = corpus[::2]  # every other trade: it takes the square of their number
    truth = [each.label.level for each in labelled_fields(corpus)]

    def right(verdicts: list[Verdict]) -> int:
        return sum(verdict.level is level for verdict, level in zip(verdicts, truth, strict=True))

    alone = leave_one_out(corpus, None, vectors=embeddings("words"))
    assert [(each.message, each.field.name) for each in alone] == [
        (each.message.name, each.field.name) for each in labelled_fields(corpus)
    ]
    few = corpus[:5]
    assert leave_one_out(few, None, vectors=embeddings("words")) == leave_one_out(
        few, None, vectors=embeddings("words")
    )
    schemas = [each.schema for each in corpus]
    floor = right(classify(schemas, without_rules(RULES), evidence=STRUCTURE))
    assert floor == truth.count(Level.PUBLIC)
    assert floor < right(alone) < right(classify(schemas, RULES))
    together = leave_one_out(corpus, RULES, vectors=embeddings("words"))
    assert any(verdict.source.startswith("learned") for verdict in together)
