"""What a field's name says: the last phrase of it decides, and a fact about a thing is not the thing.

The rules are about words that nobody uses, so that nothing but the way they are read decides.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.verdict import Verdict

Judge = Callable[..., dict[str, Verdict]]

OWN = """\
version: mine
facts: [zfact, zpart, znofact]
lowered: [quite fake]
grammar: {same_thing: [zsame], no_facts: [znofact]}
types: {contact: [MAIL]}
rules:
  - {id: one, type: ONE, level: MEDIUM, why: the first, names: [zapa]}
  - {id: two, type: TWO, level: MEDIUM, why: the second, names: [zapb, a zapper], parts: [zpart]}
  - {id: long, type: LONG, level: LOW, why: the longer, names: [long zapa]}
  - {id: low, type: LOWER, level: LOW, why: the lower, names: [zapc]}
  - {id: high, type: HIGHER, level: HIGH, why: the higher, names: [zapc]}
  - {id: per, type: PER, level: HIGH, why: how much, names: [zapd per day]}
  - {id: whole, type: WHOLE, level: HIGH, why: all of it, names: [zape], whole: true}
  - {id: mail, type: MAIL, level: HIGH, why: it reaches somebody, names: [zapf, zapf zapf]}
  - {id: box, type: BOX, level: LOW, why: what is in it, inside: [{message: [zbox, big zbox], names: [zcode, z tag]}]}
  - {id: kind, type: KIND, level: HIGH, why: which kind, names: [zapg, zaph], holds: [enum]}
public:
  - {why: a rack, names: [rack zapa, zaph, zapi]}
  - {why: a broad word, names: [zapj], broad: true}
"""


@pytest.fixture(scope="module")
def own() -> Rules:
    """Give the rules of the package and those above."""
    return load_rules(written=OWN)


def fields(judge: Judge, own: Rules, messages: dict[str, str]) -> dict[str, Verdict]:
    """Judge messages, each in a package of its own, by `Message.field`."""
    files = {f"{number:02}.proto": f'syntax = "proto3"; package p{number};\nmessage {name} {{ {body} }}\n'
             for number, (name, body) in enumerate(messages.items())}  # fmt: skip
    return judge(files, by=own)


NAMES = {
    "zapa": ("ONE", "the first"),
    "zapa_zapb": ("TWO", '"zapa zapb": the second'),
    "zapb_zapa": ("ONE", '"zapb zapa": the first'),
    "long_zapa": ("LONG", '"long zapa": the longer'),
    "zapc": ("HIGHER", "the higher"),
    "rack_zapa": (None, "a rack"),
    "rack_zapb": ("TWO", '"rack zapb": the second'),
    "zapi": (None, "a rack"),
    # a fact about it, and what is part of it
    "zapa_zfact": (None, '"zfact" makes it a fact about the thing, not the thing itself'),
    "zapa_qqx_zfact": (None, '"zfact" makes it a fact about the thing, not the thing itself'),
    "zfact_zapa": ("ONE", '"zfact zapa": the first'),
    "zapb_zpart": ("TWO", '"zapb zpart": the second'),
    "zapb_zpart_zfact": (None, '"zfact" makes it a fact about the thing, not the thing itself'),
    "zapa_zpart": (None, '"zpart" makes it a fact about the thing, not the thing itself'),
    "zapa_zfact_zapb": ("TWO", '"zapa zfact zapb": the second'),
    # what only tells a purpose
    "zapa_for_ticket": ("ONE", '"zapa for ticket": the first'),
    "ticket_for_zapa": (None, ""),
    "for_zapa": ("ONE", '"for zapa": the first'),
    "zapb_for_zapa": ("TWO", '"zapb for zapa": the second'),
    "zapd_per_day": ("PER", '"zapd per day": how much'),
    # a kind of other thing
    "zapf_passport": ("PASSPORT", ""),
    "zapf_weight": (None, ""),
    "zapf_zsame": ("MAIL", '"zapf zsame": it reaches somebody'),
    "zapf_2": ("MAIL", '"zapf 2": it reaches somebody'),
    "zapf_qqx": ("MAIL", '"zapf qqx": it reaches somebody'),
    "zapf_zapf_zapa_zpart": (None, ""),
    "zapa_weight": ("ONE", '"zapa weight": the first'),
}


def test_the_last_phrase_of_a_name_decides_then_the_longer_then_the_higher(judge: Judge, own: Rules) -> None:
    found = fields(judge, own, {f"Q{number}": f"string {name} = 1;" for number, name in enumerate(NAMES)})
    told = {verdict.field.name: (verdict.pii_type, verdict.reason) for verdict in found.values()}
    assert {name: kind for name, (kind, _) in told.items()} == {name: kind for name, (kind, _) in NAMES.items()}
    assert {name: why for name, (_, why) in told.items() if NAMES[name][1]} == {
        name: why for name, (_, why) in NAMES.items() if why
    }


def test_a_prefix_that_the_fields_of_a_message_share_says_nothing(judge: Judge, own: Rules) -> None:
    messages = {
        "Alone": "string qq_zape = 1;",
        "Shared": "string qq_zape = 1; string qq_one = 2; string qq_two = 3;",
        "Other": "string qr_zape = 1; string qq_one = 2; string qq_two = 3; string qq_three = 4;",
        "Letter": "string a_zape = 1;",
        "Copies": "string qq_zape_a = 1; string qq_zape_b = 2; string qq_zape_bb = 3;",
        "Last": "string zape_a = 1;",
    }
    found = fields(judge, own, messages)
    assert {place: verdict.pii_type for place, verdict in found.items() if "zape" in place} == {
        "Alone.qq_zape": None, "Shared.qq_zape": "WHOLE", "Other.qr_zape": None, "Letter.a_zape": "WHOLE",
        "Copies.qq_zape_a": "WHOLE", "Copies.qq_zape_b": "WHOLE", "Copies.qq_zape_bb": None, "Last.zape_a": None,
    }  # fmt: skip


def test_a_broad_name_counts_inside_the_messages_that_its_rule_names(judge: Judge, own: Rules) -> None:
    messages = {
        "Zbox": "string zcode = 1; string z_tag = 2; string zcode_plan = 3; string plan_zcode = 4;",
        "NiceZboxInfo": "string zcode = 1;",
        "ZboxZfact": "string zcode = 1;",
        "ZboxZnofact": "string zcode = 1;",
        "Crate": "string zcode = 1;",
        "Zboxes": "message Inner { string zcode = 1; }",
        "ZfactZbox": "string zcode = 1; bool has_zcode = 2; bool zcode2 = 3;",
    }
    found = {place: verdict.pii_type for place, verdict in fields(judge, own, messages).items()}
    assert found == {
        "Zbox.zcode": "BOX", "Zbox.z_tag": "BOX", "Zbox.zcode_plan": None, "Zbox.plan_zcode": None,
        "NiceZboxInfo.zcode": "BOX", "ZboxZfact.zcode": None, "ZboxZnofact.zcode": "BOX", "Crate.zcode": None,
        "Zboxes.Inner.zcode": "BOX", "ZfactZbox.zcode": "BOX", "ZfactZbox.has_zcode": None, "ZfactZbox.zcode2": None,
    }  # fmt: skip


def test_a_comment_that_says_that_it_is_none_is_believed(judge: Judge, own: Rules) -> None:
    found = fields(judge, own, {
        "A": "string zapa = 1; // a quite fake one\n", "B": "string zapa = 1; // quite the fake\n",
        "C": "string zapa = 1; // Quite-fake!\n", "D": "string zapa = 1; // it is fake, quite\n",
    })  # fmt: skip
    assert [verdict.pii_type for verdict in found.values()] == [None, "ONE", None, "ONE"]
    assert found["A.zapa"].reason == 'its comment says "quite fake"'


def test_the_name_of_a_type_tells_if_it_ends_with_what_a_rule_knows(judge: Judge, own: Rules) -> None:
    kinds = ["Zapg", "NiceZapg", "ZapgNice", "ZapgZfact", "Zaph", "Plan"]
    enums = "".join(f"enum {kind} {{ {kind.upper()}_NONE = 0; }}\n" for kind in kinds)
    held = " ".join(f"{kind} x{number} = {number};" for number, kind in enumerate(kinds, start=1))
    found = judge(f'syntax = "proto3"; package p;\n{enums}message Q {{ {held} }}\n', by=own)
    assert [verdict.pii_type for verdict in found.values()] == ["KIND", "KIND", None, None, None, None]
    assert found["Q.x2"].reason == "its type NiceZapg: which kind"
    assert found["Q.x2"].source.startswith("kind (")
