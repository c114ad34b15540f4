"""What the rules on words say of sentences in many registers: those that the lists of words were fitted to.

They show that a change of the lists breaks nothing; how good the lists are, only other sentences can tell.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from companion.operations.postmortems.reading.read import parse
from companion.operations.postmortems.rules.catalogue import rules
from companion.operations.postmortems.rules.outcome import Verdict

SENTENCES = [json.loads(line) for line in Path(__file__).with_name("words.jsonl").read_text("utf-8").splitlines()]
CHECKS = {rule.id: rule.check for rule in rules()}
PLACES = {
    "detection": "Detection",
    "diagnosis": "Diagnosis",
    "mitigation": "Mitigation",
    "blast-radius": "Blast radius",
    "lesson": "Lessons learned",
    "action": "Action items",
    "communication": "Communication",
}


def around(rule: str, place: str, text: str) -> str:
    """Write a document in which the sentence is the only one in its place."""
    top = "# Users could not check out for 44 minutes\n\n**Date:** 2026-03-02\n\n"
    if rule == "whys-first":
        return f"{top}## Five whys\n\n1. {text}\n   -> It was.\n2. Why was that?\n   -> Nothing prevents it.\n"
    if place == "why":
        return f"{top}## Five whys\n\n1. Why did users see errors?\n   -> They did.\n2. Why?\n   -> {text}\n"
    return f"{top}## {PLACES[place]}\n\n{'1. ' if place in ('lesson', 'action') else ''}{text}\n"


@pytest.mark.parametrize("rule", sorted({sentence["rule"] for sentence in SENTENCES}))
def test_a_rule_finds_what_was_labelled_and_nothing_else(rule: str) -> None:
    wrong = [
        sentence["text"]
        for sentence in SENTENCES
        if sentence["rule"] == rule
        and (CHECKS[rule](parse(around(rule, sentence["place"], sentence["text"]))).verdict is Verdict.NOT_MET)
        != sentence["finding"]
    ]
    assert wrong == []
