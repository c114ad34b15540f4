"""The article's ladder: three prompts, from "find it" to a list of names, and how far each gets with each model.

The steps are the article's, and so are the names and levels of the third; the words are ours. The article reports 0 %,
45 % and 92.3 % for them. Our figures are others: another corpus, other models, and fields that the list does not name.
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from companion.measure import Measurement, measure, records_folder
from companion.models import chat_model
from companion.schemas.pii.evaluation.corpus import LabelledField, Part, corpus_number, labelled_fields, load_corpus
from companion.schemas.pii.evaluation.scores import Score, counts, recorded
from companion.schemas.pii.llm.asking import Answers, AskedField, RetryPolicy, ask

NAIVE = "These are fields of Protocol Buffer messages. Say which of them hold personal data, and how sensitive it is."

BASIC = """You are given fields of Protocol Buffer messages, one JSON object a line. Give each a sensitivity:

HIGH: very sensitive data
MEDIUM: somewhat sensitive data
LOW: less sensitive data
PUBLIC: not sensitive data
"""

EXPLICIT = """You are given fields of Protocol Buffer messages, one JSON object a line. Give every one of them a
sensitivity and, if it is personal, a type. Where its name stands in this list, the list decides:

- ssn, social_security_number -> HIGH + SSN
- tax_id, tin -> HIGH + TAX_ID
- passport_number, passport -> HIGH + PASSPORT
- drivers_license, driving_license -> HIGH + DRIVERS_LICENSE
- bank_account_number -> HIGH + BANK_ACCOUNT
- credit_card_number, credit_card_cvv -> HIGH + CREDIT_CARD
- medical_record_number, medical_conditions, prescriptions -> HIGH + MEDICAL_RECORD
- health_insurance_id -> HIGH + HEALTH_INSURANCE
- password_hash, password -> HIGH + PASSWORD
- api_key -> HIGH + API_KEY
- salary, annual_income -> HIGH
- email, personal_email -> MEDIUM + EMAIL_PERSONAL
- phone, mobile_phone -> MEDIUM + PHONE_PERSONAL
- home_address -> MEDIUM + ADDRESS_HOME
- date_of_birth, dob -> MEDIUM + DATE_OF_BIRTH
- username -> MEDIUM + USERNAME
- ip_address -> MEDIUM + IP_ADDRESS
- device_id -> MEDIUM + DEVICE_ID
- geolocation, latitude, longitude -> MEDIUM
- first_name, last_name, middle_name -> LOW + NAME
- gender -> LOW + GENDER
- work_email -> LOW + EMAIL_WORK
- work_phone -> LOW + PHONE_WORK
- job_title, employer_name -> LOW
- id, status, created_at, updated_at -> PUBLIC
- PUBLIC: counts, totals, metrics
"""

LADDER: Mapping[str, str] = {"naive": NAIVE, "basic": BASIC, "explicit": EXPLICIT}

SAMPLE, SEED = 60, 23
"""How many fields a slow model is asked about with each prompt, and the seed that chooses them."""


OWN = "pii.own."
"""How the names of a reader's own records begin."""


@dataclass(frozen=True)
class Step:
    """What one prompt achieved: the answers, in the order of the fields."""

    prompt: str
    answers: Answers


def climb(fields: Sequence[LabelledField], model: str = "offline", retry: RetryPolicy | None = None) -> list[Step]:
    """Ask a model about fields with each prompt of the ladder.

    Parameters
    ----------
    fields
        Their labels are not shown to the model.
    model
        As `companion.models.chat_model` takes it.
    retry
        How often to try.
    """
    chat = chat_model(model)
    asked = [AskedField.of(each.message.name, each.field) for each in fields]
    return [Step(name, ask(prompt, asked, chat, retry)) for name, prompt in LADDER.items()]


def figures(fields: Sequence[LabelledField], steps: Sequence[Step]) -> dict[str, float]:
    """Count what was answered, as numbers that `companion.measure.measure` can record.

    Returns
    -------
    dict of str to float
        The confusion matrices as `scores.counts` writes them, from which `ladder_scores` makes the scores again; a
        field without an answer counts as PUBLIC there, since nobody will look at it. Beside them for each prompt ``no
        answer``, ``dropped`` (answers to what was not asked) and ``failed`` (batches without a valid answer).
    """
    truth = [each.label.level for each in fields]
    found: dict[str, float] = {}
    for step in steps:
        answers = step.answers
        found |= counts(step.prompt, truth, answers.levels)
        found[f"{step.prompt}/no answer"] = float(answers.levels.count(None))
        found[f"{step.prompt}/dropped"] = float(answers.dropped)
        found[f"{step.prompt}/failed"] = float(len(answers.failures))
    return found


def ladder_scores(figures: Mapping[str, float]) -> dict[str, Score]:
    """Make the score of each prompt again from recorded figures."""
    scores = recorded(figures)
    return {name: scores[name] for name in LADDER}


def sample(fields: Sequence[LabelledField], size: int = SAMPLE, seed: int = SEED) -> list[LabelledField]:
    """Draw fields at random within each level, as many of each as its share of all; in the order of the corpus."""
    by_level = defaultdict(list)
    for index, each in enumerate(fields):
        by_level[each.label.level].append(index)
    exact = {level: size * len(by_level[level]) / len(fields) for level in sorted(by_level)}
    wanted = {level: int(share) for level, share in exact.items()}
    for level in sorted(exact, key=lambda level: wanted[level] - exact[level])[: size - sum(wanted.values())]:
        wanted[level] += 1  # what rounding down left over goes to those that lost most
    draw = random.Random(seed)
    chosen = [index for level in sorted(by_level) for index in draw.sample(by_level[level], wanted[level])]
    return [fields[index] for index in sorted(chosen)]


def measure_offline() -> dict[str, float]:
    """The ladder with the literal reader on the whole development corpus; the record is ``pii.prompts.offline``.

    Beside what `figures` counts, ``corpus`` tells which state of the corpus it was (`corpus_number`).
    """
    corpus = load_corpus("development")
    fields = labelled_fields(corpus)
    return figures(fields, climb(fields, "offline")) | {"corpus": float(corpus_number(corpus))}


def measure_smollm2() -> dict[str, float]:
    """The ladder with smollm2 on a sample of `SAMPLE` fields; the record is ``pii.prompts.smollm2``.

    A sample, since the model writes some fifty tokens a second; and one attempt, since it repeats its answers.
    """
    corpus = load_corpus("development")
    fields = sample(labelled_fields(corpus))
    steps = climb(fields, "smollm2", RetryPolicy(attempts=1, give_up_after=None))
    return figures(fields, steps) | {"corpus": float(corpus_number(corpus))}


def record_ladder(model: str, part: Part = "development") -> Measurement:
    """Ask a model of your own about a sample of a part of the corpus, and keep the answers beside the book's records.

        record_ladder("ollama/llama3.1:8b")

    Parameters
    ----------
    model
        As `companion.models.chat_model` takes it.
    part
        As `load_corpus` takes it; the book's smollm2 was asked about ``development``.
    """

    def measure_own() -> dict[str, float]:
        corpus = load_corpus(part)
        fields = sample(labelled_fields(corpus))
        return figures(fields, climb(fields, model)) | {"corpus": float(corpus_number(corpus))}

    name = re.sub(r"[^a-z0-9]+", "-", model.lower()).strip("-")
    return measure(f"{OWN}{part}.{name}", measure_own, runs=1, record=True)


def own_ladders(part: Part) -> dict[str, Score]:
    """Give what the models of your own made of the list of names, by the name of the record."""
    found = sorted(records_folder().glob(f"{OWN}{part}.*.json"))
    return {
        f"{file.stem.removeprefix(f'{OWN}{part}.')}, {SAMPLE} fields": ladder_scores(
            json.loads(file.read_text("utf-8"))["figures"]
        )["explicit"]
        for file in found
    }


def names_in(line: str) -> list[str]:
    """The field names that one line of the explicit prompt maps to a level."""
    left, arrow, _ = line.removeprefix("- ").partition(" -> ")
    return left.split(", ") if arrow else []
