"""Rules for classifying fields, read from a prompt and applied to the letter.

Two forms of line are rules; bullets, numbers, backticks and bold do not matter, and every other line is ignored:

    ssn, social_security_number -> HIGH + SSN     a field of one of these names (case aside) is HIGH, of type SSN
    HIGH: social security number, passwords       a field is HIGH when all words of a phrase are in its name or comment

An arrow may also be →, and "+ TYPE" may be left out. A level is any word in capitals: which levels there are, the
prompt says. Rules that name fields go before rules that describe them; among equals the first in the prompt decides.
Words are compared letter by letter: "passwords" does not find `password`, and "very sensitive data" finds next to
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companion.models.reading import words

_BULLET = re.compile(r"^\s*(?:[-*•+]|\d+[.)])\s+")
_NAMED = re.compile(
    r"(?P<names>\w+(?:\s*,\s*\w+)*)\s*(?:->|→)\s*(?P<level>[A-Z][A-Z_]*)(?:\s*\+\s*(?P<pii_type>\w[\w -]*))?\s*[.;]?"
)
_DESCRIBED = re.compile(r"(?P<level>[A-Z][A-Z_]*)\s*:\s*(?P<phrases>.+)")


@dataclass(frozen=True)
class Rule:
    """One rule of a prompt.

    Attributes
    ----------
    text : str
        The line as it stands in the prompt, without its bullet.
    level : str
        What a field that it matches is given.
    pii_type : str or None
        The type that goes with it, if the rule names one.
    names : frozenset of str
        Field names in lower case; empty for a rule that describes.
    phrases : tuple of frozenset of str
        The words of each phrase; empty for a rule that names.
    """

    text: str
    level: str
    pii_type: str | None = None
    names: frozenset[str] = frozenset()
    phrases: tuple[frozenset[str], ...] = ()

    def matches(self, field: str, comment: str) -> bool:
        """Say whether the rule speaks of this field."""
        seen = {*words(field), *words(comment)}
        return field.lower() in self.names or any(phrase <= seen for phrase in self.phrases)


def parse_rules(prompt: str, levels: Collection[str] = ()) -> list[Rule]:
    """Read the rules out of a prompt, those that name fields first.

    Parameters
    ----------
    prompt : str
        Any text.
    levels : collection of str
        Where given, the only levels that may be answered: a line such as "NOTE: be careful" is then no rule.
    """
    rules = [rule for line in prompt.splitlines() if (rule := _parse(line)) and (not levels or rule.level in levels)]
    return sorted(rules, key=lambda rule: not rule.names)


def _parse(line: str) -> Rule | None:
    text = _BULLET.sub("", line).replace("`", "").replace("**", "").strip()
    if found := _NAMED.fullmatch(text):
        names = frozenset(name.strip().lower() for name in found["names"].split(","))
        return Rule(text, found["level"], found["pii_type"] and found["pii_type"].strip(), names=names)
    if found := _DESCRIBED.fullmatch(text):
        phrases = (frozenset(words(phrase)) for phrase in re.split(r"[,;()]", found["phrases"]))
        return Rule(text, found["level"], phrases=tuple(phrase for phrase in phrases if phrase))
    return None


def apply_rules(rules: Sequence[Rule], items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Classify the items that a rule matches, and leave out the others.

    Parameters
    ----------
    rules : sequence of Rule
        In the order in which they decide.
    items : sequence of mapping
        Each with ``n`` and ``field``, and perhaps ``comment``.

    Returns
    -------
    list of dict
        ``n``, ``sensitivity``, ``pii_type`` (None where the rule names none) and ``reasoning``, which quotes the rule.
    """
    answers = []
    for item in items:
        field, comment = str(item["field"]), str(item.get("comment") or "")
        rule = next((rule for rule in rules if rule.matches(field, comment)), None)
        if rule:
            reasoning = f"the prompt says: {rule.text}"
            answers.append(
                {"n": item["n"], "sensitivity": rule.level, "pii_type": rule.pii_type, "reasoning": reasoning}
            )
    return answers
