"""Chapter 23: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import (  # noqa: F401 - the tests, which read the table below
    test_a_plausible_wrong_answer_is_told_what_is_wrong,
    test_every_exercise_has_been_answered_wrongly_at_least_twice,
    test_most_wrong_answers_fail_by_the_checks_that_a_student_can_see,
    test_no_decoy_passes,
    test_page_and_grader_judge_wrong_answers_alike,
    test_the_solution_passes_and_no_answer_fails,
    test_the_solution_passes_in_any_variant_and_an_answer_that_is_frozen_in_none,
)

RANKED = "RANK = ['PUBLIC', 'LOW', 'MEDIUM', 'HIGH']\n\n\ndef highest(message, fields):\n"
LABELS = """labels = dict(zip(
    ["booking_ref", "lead_guest", "plate", "barrier_code", "barrier_code_sent", "dietary_reason", "pitch", "step_free",
     "dog_vaccinations", "card_last4", "deposit_cents", "phone_on_site"],
    "MEDIUM LOW MEDIUM HIGH PUBLIC HIGH PUBLIC HIGH PUBLIC MEDIUM PUBLIC MEDIUM".split()))


def found(labels, said, level):
    wanted = [name for name in labels if labels[name] == level]
    if not wanted:
        return None, 0, 1
    n, hits = len(wanted), sum(said.get(name) == level for name in wanted)
    s = hits / n
"""
WALD = "    half = 1.96 * (s * (1 - s) / n) ** 0.5\n    return s, s - half, s + half\n"
TAUGHT = "taught = '''\nversion: t-1\nrules:\n"
RULE = "  - {id: all, type: X, level: HIGH, why: w, holds: [text, number, flag, bytes, message], names: [%s]}\n"
ENOUGH = (
    "owing, owing pence, money owed, money owed cents, plan account, pay to account, benefit, on benefit, "
    "vulnerability, pass digest, consent signature, proof of id number, homebound reason, talking books, "
    "reading history, interests, security digits"
)
PRINTED = "sin, hepb, concussions, keysafe, proof of id number, homebound reason"
METER = "mine = '''\nversion: mine-1\nrules:\n  - id: meter\n    type: METER_READING\n    level: MEDIUM\n    why: w\n"
FINE = '{tuple(e[k] for k in keys) for e in accepted if e["reason"].strip()}'
WHEN = 'not f["annotated"] and tuple(f[k] for k in keys) not in fine and rank(f["sensitivity"]) >= rank(level)'
GATE = """def gate(report, accepted, level):
    rank = ["PUBLIC", "LOW", "MEDIUM", "HIGH"].index
    keys = ("file", "message", "field", "sensitivity", "pii_type")
    fine = FINE
    return [f"{f['message']}.{f['field']}" for f in report["fields"] if WHEN]
"""

GOOD_GATE = GATE.replace("FINE", FINE).replace("WHEN", WHEN)

WRONG: dict[str, list[tuple[str, str]]] = {
    "inside": [
        (RANKED + "    every = [w for inside in fields.values() for _, w in inside if w in RANK]\n"
         "    return max(every, key=RANK.index, default='PUBLIC')", "is not inside A"),
        ("def highest(message, fields): return max(what for _, what in fields[message])", "do not sort by harm"),
        (RANKED + "    return max([w for _, w in fields[message] if w in RANK], key=RANK.index, default='PUBLIC')",
         "two messages deep"),
        (RANKED + "    found = ['PUBLIC']\n    for _, w in fields[message]:\n"
         "        found.append(w if w in RANK else highest(w, fields))\n    return max(found, key=RANK.index)",
         "recursion"),
        (RANKED.replace("fields)", "fields, seen=set())") + "    found = ['PUBLIC']\n    for _, w in fields[message]:\n"
         "        if w in RANK:\n            found.append(w)\n        elif w not in seen:\n            seen.add(w)\n"
         "            found.append(highest(w, fields, seen))\n    return max(found, key=RANK.index)", "starts anew"),
        (RANKED + "    def go(m, left):\n        if not left:\n            return 'PUBLIC'\n"
         "        every = [w if w in RANK else go(w, left - 1) for _, w in fields[m]]\n"
         "        return max(every, key=RANK.index, default='PUBLIC')\n    return go(message, 4)", "a circle of"),
    ],
    "rule": [
        (METER + "    names: [meter reading, reading wh]\n'''", "do you hold numbers"),
        (METER + "    names: [meter reading]\n    holds: [number]\n'''", "among your names"),
        (METER + "    names: [meter reading, reading wh, meter reading at]\n    holds: [number]\n'''", "too much"),
        (METER.replace("MEDIUM", "HIGH") + "    names: [meter reading, reading wh]\n    holds: [number]\n'''",
         "and not MEDIUM"),
        (METER + "    names: [reading]\n    holds: [number]\n'''", "a lone word"),
        (METER + "    names: ['*reading*']\n    holds: [number]\n'''", "a lone word"),
        (METER + "    names: [meter reading, quarter reading wh]\n    whole: true\n    holds: [number]\n'''",
         "spelling"),
        ("mine = 'version: mine-1\\nrules:\\n  - {id: meter, level: MEDIUM}\\n'", "rules.0.type"),
    ],
    "gate": [
        (GATE.replace("FINE", FINE).replace("WHEN", 'not f["annotated"] and f["sensitivity"] == level'),
         "HIGH is above"),
        (GATE.replace("FINE", FINE).replace("WHEN", 'f["sensitivity"] >= level and not f["annotated"]'), "at HIGH"),
        (GATE.replace("FINE", FINE.partition(" if")[0] + "}").replace("WHEN", WHEN), "without a reason"),
        (GATE.replace("FINE", '{e["field"] for e in accepted if e["reason"].strip()}')
         .replace("WHEN", WHEN.replace("tuple(f[k] for k in keys)", 'f["field"]')), "nobody has accepted HIGH"),
        (GATE.replace("FINE", FINE).replace("WHEN", WHEN)
         .replace('("file", "message", "field", "sensitivity", "pii_type")', '("file", "sensitivity")'),
         "it is for another message"),
        (GOOD_GATE.replace('rank(f["sensitivity"]) >= rank(level)', 'f["sensitivity"] <= level'), "LOW is below"),
        (GOOD_GATE.replace('["PUBLIC", "LOW"', '["LOW"'), "ValueError"),
        (GOOD_GATE.replace("return [", "return sorted([").replace("rank(level)]", "rank(level)])"),
         "the order is the report's"),
    ],
    "examiner": [
        (LABELS.replace("HIGH PUBLIC HIGH", "HIGH HIGH HIGH", 1) + WALD, "is not the secret"),
        (LABELS.replace("PUBLIC HIGH PUBLIC HIGH", "PUBLIC MEDIUM PUBLIC HIGH") + WALD, "missed"),
        (LABELS.replace("PUBLIC", "LOW") + WALD, "other labels differ"),
        (LABELS + WALD, "do not prove"),
        (LABELS + "    s = hits / max(1, sum(said[name] == level for name in said))\n" + WALD, "count over the labels"),
        (LABELS + "    s = sum(said.get(name) == labels[name] for name in labels) / len(said)\n" + WALD,
         "count over the labels"),
    ],
    "taught": [
        ("taught = 'version: t-1\\nrules: []\\n'", "read what is missed"),
        (TAUGHT + RULE % f"{ENOUGH}, name, title, status, code, date, barcode, colour, breed, surgery, room" + "'''",
         "mean something else"),
        (TAUGHT + RULE % PRINTED + "public:\n  - {why: w, names: [weight kg, blood group, surgery]}\n'''",
         "does not count"),
        (TAUGHT + RULE % ENOUGH + "public:\n  - {why: w, names: [home surgery, bad debt letters, blood group, "
         "weight kg, allergies, diagnosis, dose, heart rate, complaint, surgery, "
         "passport number]}\n'''", "may do so elsewhere"),
    ],
}  # fmt: skip
