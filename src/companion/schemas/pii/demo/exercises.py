"""What the last two exercises of chapter 23 are judged by: a key for labels, and an examination of somebody's rules."""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from companion.schemas.pii.demo.try_out import verdicts_on
from companion.schemas.pii.evaluation.benchmark import Judged, judge, score
from companion.schemas.pii.evaluation.corpus import load_corpus
from companion.schemas.pii.evaluation.scores import Score
from companion.schemas.pii.rules.loading import load_rules
from companion.schemas.pii.verdict import Level

# The key of the campsite's fields, in a form that gives nothing away at a glance.
KEY = {
    "booking_ref": 5497,
    "lead_guest": 4307,
    "plate": 7012,
    "barrier_code": 4048,
    "barrier_code_sent": 3644,
    "dietary_reason": 9784,
    "pitch": 493,
    "step_free": 4512,
    "dog_vaccinations": 1102,
    "card_last4": 1690,
    "deposit_cents": 8563,
    "phone_on_site": 7408,
}
LESSONS = ("veterinary", "library")
PRINTED = frozenset(
    {
        "Registration.concussions", "Official.sin", "Patron.proof_of_id_number", "Patron.homebound_reason",
        "Premises.keysafe", "Operative.hepb", "Animal.weight_kg", "Animal.passport_no", "Animal.blood_group",
        "Consultation.surgery",
    }
)  # fmt: skip
"""What the chapter shows of the rules' mistakes in the new trades: to copy it into rules is worth nothing."""
ALLOWED = 2
"""How many labels, none of them HIGH, may differ from the key: another reader may see them otherwise."""

PATIENT = """
message Patient {
  string patient_id = 1;
  string blood_group = 2;
  string diagnosis = 3;
  repeated string allergies = 4;
  string passport_number = 5;
}"""


def what_differs(labels: Mapping[str, str]) -> str | None:
    """Say what is wrong with somebody's labels of the campsite's fields; None when they will do."""
    missing = sorted(KEY.keys() - labels.keys())
    if missing:
        return f"no label for {', '.join(missing)}"
    if unknown := sorted({labels[name] for name in KEY} - set(Level)):
        return f"levels are HIGH, MEDIUM, LOW and PUBLIC, not {', '.join(map(repr, unknown))}"
    said = {name for name in KEY if labels[name] == Level.HIGH}
    high = {name for name in KEY if agrees(name, Level.HIGH)}
    if said - high:
        return (
            f"{len(said - high)} of your HIGH fields can ruin nobody by the guide: a fact about a secret is not the "
            "secret, and an animal is no person"
        )
    if high - said:
        return f"{len(high - said)} HIGH missed; read every comment, and ask what the value says of whom it belongs to"
    others = [name for name in KEY if not agrees(name, labels[name])]
    return f"{len(others)} of the other labels differ from the key's" if len(others) > ALLOWED else None


def agrees(name: str, level: str) -> bool:
    """Whether the key gives a field of the campsite this level."""
    return zlib.crc32(f"{name} {level}".encode()) % 9973 == KEY[name]


def levels_by_rules(fields: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Give the book's own levels for fields of a message `Guest`, each with its type and its comment."""
    lines = [f"{kind} {name} = {number}; // {said}" for number, (name, (kind, said)) in enumerate(fields.items(), 1)]
    source = "message Guest {\n" + "\n".join(lines) + "\n}"
    return {verdict.field.name: verdict.level.value for verdict in verdicts_on(source)}


def drawn_case(n: int, seed: int) -> tuple[dict[str, str], dict[str, str], int, int]:
    """Draw labels and answers of which some LOW ones agree, and count them: labels, answers, hits, and LOW labels."""
    draw = random.Random(f"{n} {seed}")
    truth = {f"x{k}": draw.choice(["HIGH", "LOW", "PUBLIC"]) for k in range(n)} | {"x0": "LOW"}
    guess = {name: draw.choice(["HIGH", "LOW"]) for name in truth if draw.random() < 0.8}
    low = [name for name in truth if truth[name] == "LOW"]
    return truth, guess, sum(guess.get(name) == "LOW" for name in low), len(low)


@dataclass(frozen=True)
class Examined:
    """What somebody's rules, beside the book's, make of the new trades and of the schemas that taught version 4.

    Parameters
    ----------
    home
        The two trades that taught them, without what the chapter shows of them.
    away
        The two that did not, again without it.
    before, after
        The teaching schemas of version 4, by the book's rules alone and by both.
    lost
        HIGH fields of those schemas that were found before, as words.
    patient
        Fields of a patient that are not HIGH any more.
    """

    home: Score
    away: Score
    before: Score
    after: Score
    lost: tuple[str, ...]
    patient: tuple[str, ...]


def examine(written: str) -> Examined:
    """Examine rules, given as the text of a file for ``--rules``.

    Raises
    ------
    RulesError
        If it is none.
    """
    rules = load_rules(written=written)
    new = [each for each in judge(load_corpus("new_trades"), rules) if named(each) not in PRINTED]
    old = load_corpus("development")
    before, after = judge(old), judge(old, rules)
    lost = _high(before) - _high(after)
    return Examined(
        home=score([each for each in new if each.field.trade in LESSONS]),
        away=score([each for each in new if each.field.trade not in LESSONS]),
        before=score(before),
        after=score(after),
        lost=tuple(sorted(lost)),
        patient=tuple(
            verdict.field.name for verdict in verdicts_on(PATIENT, written)[1:] if verdict.level is not Level.HIGH
        ),
    )


def named(judged: Judged) -> str:
    """Give `Message.field`."""
    return f"{judged.field.message.name}.{judged.field.field.name}"


def _high(judged: Sequence[Judged]) -> set[str]:
    return {f"{each.field.trade}'s {named(each)}" for each in judged if each.right and each.verdict.level is Level.HIGH}
