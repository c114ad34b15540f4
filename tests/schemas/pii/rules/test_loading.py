"""The rules are data that a lawyer can read and an organisation extend; what is wrong with a file is said in a line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from companion.schemas.pii.evidence.classify import classify
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.rules.file_format import Rule, RulesFile, parse
from companion.schemas.pii.rules.loading import Rules, RulesError, load_rules
from companion.schemas.pii.verdict import Level, MarkedSchema, Verdict

TEXT = (files("companion.schemas.pii.rules") / "rules.yaml").read_text(encoding="utf-8")
FILE = parse(TEXT, "rules.yaml")
GUIDE = (Path(__file__).parents[4] / "data" / "pii" / "LABELLING.md").read_text(encoding="utf-8")
TYPES = {
    Level.HIGH: "SSN TAX_ID NATIONAL_ID PASSPORT DRIVERS_LICENSE BANK_ACCOUNT CREDIT_CARD MEDICAL_RECORD "
    "HEALTH_INSURANCE "
    "PASSWORD API_KEY CREDENTIAL BIOMETRIC SALARY CREDIT_SCORE BALANCE PROTECTED_TRAIT",
    Level.MEDIUM: "EMAIL_PERSONAL PHONE_PERSONAL ADDRESS_HOME DATE_OF_BIRTH USERNAME IP_ADDRESS DEVICE_ID LOCATION "
    "VEHICLE "
    "EMPLOYEE_ID CUSTOMER_ID PHOTO FREE_TEXT",
    Level.LOW: "NAME GENDER DEMOGRAPHIC EMAIL_WORK PHONE_WORK ADDRESS_WORK JOB REGION USER_AGENT PERSON_ID",
}
LEVEL_OF = {name: level for level, names in TYPES.items() for name in names.split()}
HELD = {"text": "string", "bytes": "bytes", "number": "int64", "flag": "bool", "enum": "Choice", "message": "Blank"}
HEAD = "version: mine\nrules:\n"
BADGE = "  - id: badge\n    type: BADGE\n    level: HIGH\n    why: it opens the doors\n    names: [door badge]\n"


@pytest.fixture
def organisation(tmp_path: Path) -> Callable[[str], Rules]:
    """Give what loads the rules of the package with a file of an organisation's own."""

    def load(text: str) -> Rules:
        path = tmp_path / "mine.yaml"
        path.write_text(text, encoding="utf-8")
        return load_rules([path])

    return load


# The rules that come with the package


def test_every_rule_has_an_id_of_its_own() -> None:
    assert [name for name, count in Counter(rule.id for rule in FILE.rules).items() if count > 1] == []


@pytest.mark.parametrize("rule", FILE.rules, ids=lambda rule: rule.id)
def test_a_rule_gives_a_reason_and_has_something_to_find(rule: Rule) -> None:
    assert len(rule.why.split()) >= 2
    assert rule.names or rule.inside or rule.comments


@pytest.mark.parametrize("rule", FILE.rules, ids=lambda rule: rule.id)
def test_the_level_of_a_rule_is_the_one_that_the_guide_gives_its_type(rule: Rule) -> None:
    parts = {"card-parts": Level.MEDIUM}  # the expiry and the last digits of a card
    assert rule.level is parts.get(rule.id, LEVEL_OF[rule.type])


def test_the_types_of_the_rules_are_those_of_the_labelling_guide() -> None:
    listed = GUIDE.partition("## The types")[2].partition("CREDENTIAL is")[0]
    assert {rule.type for rule in FILE.rules} == set(re.findall(r"[A-Z]+(?:_[A-Z]+)*", listed)) == LEVEL_OF.keys()


def test_every_level_says_what_it_asks_for(rules: Rules) -> None:
    assert rules.protections == {
        Level.HIGH: ("ENCRYPT", "MASK", "AUDIT"),
        Level.MEDIUM: ("MASK", "AUDIT"),
        Level.LOW: ("MASK",),
        Level.PUBLIC: (),
    }


def test_no_phrase_is_both_harmless_and_a_rules(rules: Rules) -> None:
    words = rules.vocabulary.words
    harmless = {words(name) for entry in FILE.public for name in entry.names}
    both = {name for rule in FILE.rules for name in rule.names if words(name) in harmless}
    assert both <= DISPUTED


def test_two_rules_share_a_phrase_only_where_they_hold_different_things_or_say_the_same(rules: Rules) -> None:
    users = defaultdict(list)
    for rule in FILE.rules:
        for name in rule.names:
            users[rules.vocabulary.words(name)].append(rule)
    disputed = {
        " ".join(words)
        for words, those in users.items()
        if len({rule.level for rule in those}) > 1 and len(those) > len({rule.holds[0] for rule in those})
    }
    assert disputed <= {"love language"}  # the higher level decides: free text, where a profile does not have a list


def test_what_a_foreign_word_means_is_a_word_that_rules_use(rules: Rules) -> None:
    vocabulary = rules.vocabulary
    meanings = {word for words in vocabulary.languages.values() for same in words.values() for word in same}
    used = vocabulary.known | vocabulary.expansions.keys() | {"of", "with", "to"}
    unused = {word for word in meanings if word not in used and vocabulary.singular(word) not in used}
    assert len(unused) <= 0.1 * len(meanings), sorted(unused)


# What a rule promises: its own words are found


def verdicts_on_names(
    read: Callable[..., tuple[list[MarkedSchema], list[object]]], rules: Rules, chosen: list[Rule], message: str
) -> list[tuple[Rule, str, Verdict]]:
    """Judge each name of some rules as the one field of a message, each in a file of its own."""
    places = [(rule, name) for rule in chosen for name in rule.names]
    lines = []
    for index, (rule, name) in enumerate(places):
        field = re.sub(r"[^a-z0-9]+", "_", name.lower())
        field = f"_{field}" if field[0].isdigit() else field
        lines.append(f"message {message.format(index)} {{ {HELD[rule.holds[0]]} {field} = 1; }}\n")
    head = 'syntax = "proto3"; package test; enum Choice { NONE = 0; }\nmessage Blank {}\n'
    schemas, problems = read(head + "".join(lines))
    assert problems == []
    own = [each for each in schemas[0].messages if each.name != "Blank"]
    apart = [replace(schemas[0], path=f"{index}.proto", messages=(each,)) for index, each in enumerate(own)]
    return [(*place, verdict) for place, verdict in zip(places, classify(apart, rules), strict=True)]


# A harmless phrase of the same words: a service is a program as often as it is a visit, and so is a driver; the phone
# of a depot is one person's or the house's.
DISPUTED = {"service address", "driver name", "depot phone"}


@pytest.mark.parametrize("message", ["Zq{}w", "Zq{}Order"])
def test_a_name_that_counts_for_anyone_has_at_least_the_rules_level_wherever_it_stands(
    read: Callable[..., tuple[list[MarkedSchema], list[object]]], rules: Rules, message: str
) -> None:
    chosen = [rule for rule in FILE.rules if rule.about == "anyone"]
    judged = verdicts_on_names(read, rules, chosen, message)
    assert len(judged) > 700
    assert [name for rule, name, verdict in judged if verdict.level.rank < rule.level.rank] == []


def test_every_name_of_every_rule_has_at_least_the_rules_level_in_a_message_about_a_person(
    read: Callable[..., tuple[list[MarkedSchema], list[object]]], rules: Rules
) -> None:
    judged = verdicts_on_names(read, rules, FILE.rules, "Q{}User")
    missed = {name for rule, name, verdict in judged if verdict.level.rank < rule.level.rank}
    assert missed <= DISPUTED


def test_a_phrase_with_a_word_of_purpose_in_it_is_found(judge: Callable[..., dict[str, Verdict]]) -> None:
    found = judge("message Checkup { int32 cigarettes_per_day = 1; int32 drinks_per_week = 2; }")
    assert {verdict.level for verdict in found.values()} == {Level.HIGH}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ("message LoginCredential { string digest = 1; }", "PASSWORD"),
        ("message FingerprintTemplate { bytes fingerprint = 1; }", "BIOMETRIC"),
        ("message Handset { string fingerprint = 1; }", "DEVICE_ID"),
        ("message BankTransfer { string branch_code = 1; }", "BANK_ACCOUNT"),
        ("message Employment { string company_name = 1; }", "JOB"),
    ],
)
def test_a_broad_name_inside_the_message_that_its_rule_names_is_not_harmless(
    judge: Callable[..., dict[str, Verdict]], schema: str, kind: str
) -> None:
    (verdict,) = judge(schema).values()
    assert verdict.pii_type == kind


# Where a rule stands


@pytest.mark.parametrize("rule", FILE.rules, ids=lambda rule: rule.id)
def test_the_source_of_a_rule_is_its_line_in_the_file(rule: Rule) -> None:
    place = re.fullmatch(rf"{rule.id} \(rules\.yaml:(\d+)\)", rule.source)
    assert place is not None
    assert TEXT.splitlines()[int(place[1]) - 1].strip() == f"- id: {rule.id}"


def test_the_source_of_harmless_names_is_the_line_of_their_reason() -> None:
    lines = TEXT.splitlines()
    for entry in FILE.public:
        place = re.fullmatch(r"public \(rules\.yaml:(\d+)\)", entry.source)
        assert place is not None
        assert entry.why in lines[int(place[1]) - 1]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEAD + "# the doors\n" + BADGE, 4),
        (HEAD + BADGE.replace("id: badge", 'id: "badge"'), 3),
        (HEAD + BADGE.replace("id: badge", "id: badge  # new"), 3),
        (HEAD + "  - {id: badge, type: BADGE, level: HIGH, why: doors, names: [door badge]}\n", 3),
        (HEAD + "  - type: BADGE\n    id: badge\n    level: HIGH\n    why: doors\n    names: [door badge]\n", 3),
        (HEAD + BADGE + BADGE.replace("HIGH", "LOW"), 8),
        (HEAD + BADGE.replace("why: it opens the doors", "why: >\n      id: badge\n      of old"), 3),
        ("facts: [a]\n" + HEAD + BADGE, 4),
    ],
)
def test_the_source_of_an_organisations_rule_is_the_line_at_which_it_stands(text: str, line: int) -> None:
    rule = {rule.id: rule for rule in parse(text, "mine.yaml").rules}["badge"]
    assert rule.source == f"badge (mine.yaml:{line})"


# What an organisation adds


def test_an_organisation_adds_a_rule(
    organisation: Callable[[str], Rules], judge: Callable[..., dict[str, Verdict]]
) -> None:
    schema = "message Visit { string door_badge = 1; string ssn = 2; }"
    assert judge(schema)["Visit.door_badge"].level is Level.PUBLIC
    found = judge(schema, by=organisation(HEAD + BADGE))
    assert (found["Visit.door_badge"].pii_type, found["Visit.ssn"].pii_type) == ("BADGE", "SSN")
    assert found["Visit.door_badge"].source == "badge (mine.yaml:3)"


def test_an_organisation_replaces_a_rule_of_the_same_id(
    organisation: Callable[[str], Rules], judge: Callable[..., dict[str, Verdict]]
) -> None:
    text = (
        HEAD
        + "  - id: vehicle\n    type: PLATE\n    level: HIGH\n    why: we sell parking\n    names: [number plate]\n"
    )
    found = judge("message Stay { string number_plate = 1; string vin = 2; }", by=organisation(text))
    assert (found["Stay.number_plate"].level, found["Stay.number_plate"].pii_type) == (Level.HIGH, "PLATE")
    assert found["Stay.vin"].level is Level.PUBLIC


def test_the_later_of_two_files_wins(tmp_path: Path) -> None:
    for name, level in (("one", "LOW"), ("two", "MEDIUM")):
        (tmp_path / f"{name}.yaml").write_text(HEAD.replace("mine", name) + BADGE.replace("HIGH", level))
    loaded = load_rules([tmp_path / "one.yaml", tmp_path / "two.yaml"])
    assert [rule.level for rule in loaded.rules if rule.id == "badge"] == [Level.MEDIUM]
    assert loaded.version == f"{FILE.version}+one+two"


def test_an_organisation_says_what_is_harmless(
    organisation: Callable[[str], Rules], judge: Callable[..., dict[str, Verdict]]
) -> None:
    text = "version: mine\npublic:\n  - why: our name for a rack\n    names: [rack passport]\n"
    found = judge("message Rack { string rack_passport = 1; string passport = 2; }", by=organisation(text))
    assert (found["Rack.rack_passport"].level, found["Rack.passport"].level) == (Level.PUBLIC, Level.HIGH)
    assert found["Rack.rack_passport"].reason == "our name for a rack"


def test_an_organisation_adds_abbreviations_languages_and_whom_a_message_is_about(
    organisation: Callable[[str], Rules], judge: Callable[..., dict[str, Verdict]]
) -> None:
    text = (
        "version: mine\nentities: {person: [lodger]}\n"
        "words: {abbreviations: {zgd: birth date}, foreign: {cy: {cyfenw: last name}}}\n"
    )
    schema = "message Lodger { string name = 1; string zgd = 2; string cyfenw = 3; }"
    assert {verdict.level for verdict in judge(schema).values()} == {Level.PUBLIC}
    found = judge(schema, by=organisation(text))
    assert [verdict.pii_type for verdict in found.values()] == ["NAME", "DATE_OF_BIRTH", "NAME"]


def test_an_organisation_adds_a_word_to_a_language_that_the_package_knows(organisation: Callable[[str], Rules]) -> None:
    words = organisation("version: mine\nwords: {foreign: {de: {lohnart: wage}}}\n").vocabulary.words
    assert words("lohnart") == ("wage",)
    assert words("nachname") == ("last", "name")


def test_an_organisation_adds_an_option_of_its_own_that_says_secret(
    organisation: Callable[[str], Rules], judge: Callable[..., dict[str, Verdict]]
) -> None:
    text = "version: mine\nmarks: {options: [crown_jewels], types: [], level: HIGH, type: CREDENTIAL}\n"
    schema = (
        "extend google.protobuf.FieldOptions { bool crown_jewels = 50001; }\n"
        "message Box { string blend = 1 [(crown_jewels) = true]; }"
    )
    assert judge(schema, by=organisation(text))["Box.blend"].level is Level.HIGH


WELL_KNOWN = 'import "google/protobuf/descriptor.proto";'

# What an organisation writes, a schema, and the type of its first field without it and with it.
LISTS = [
    ("facts: [weight]", "message A { string ssn_weight = 1; }", "SSN", None),
    ("facts: [-status]", "message A { string ssn_status = 1; }", None, "SSN"),
    ("intents: [has]\ngrammar: {states: [-has]}", "message User { bool has_diabetes = 1; }", "MEDICAL_RECORD", None),
    ("intents: [-show]", "message User { bool show_diabetes = 1; }", None, "MEDICAL_RECORD"),
    ("entities: {person: [lodger]}", "message Lodger { string name = 1; }", None, "NAME"),
    ("entities: {person: [-tutor], role: [-tutor]}", "message Tutor { string name = 1; }", "NAME", None),
    ("lowered: [on paper]", "message A { string ssn = 1; // only on paper\n}", "SSN", None),
    ("lowered: [-no secret]", "message A { string password = 1; // this is no secret\n}", None, "PASSWORD"),
    ("marks: {options: [-secret], types: [], level: HIGH, type: X}", "message A { string x = 1 [(secret) = true]; }\n"
     "extend google.protobuf.FieldOptions { bool secret = 50001; }", "CREDENTIAL", None),
    ("grammar: {qualifiers: [zeta]}", "message User { string zeta_document_number = 1; }", None, "NATIONAL_ID"),
    ("grammar: {qualifiers: [-official]}", "message User { string official_id_number = 1; }", "NATIONAL_ID", None),
    ("grammar: {purposes: [beside]}", "message A { string ticket_beside_password = 1; }", "PASSWORD", None),
    ("grammar: {purposes: [-for]}", "message A { string ticket_for_password = 1; }", None, "PASSWORD"),
    ("grammar: {same_thing: [weight]}", "message A { string email_weight = 1; }", None, "EMAIL_PERSONAL"),
    ("grammar: {same_thing: [-backup]}", "message A { string email_backup = 1; }", "EMAIL_PERSONAL", None),
    ("grammar: {no_facts: [policy]}", "message PassportPolicy { string serial = 1; }", None, "PASSPORT"),
    ("grammar: {no_facts: [-form]}", "message PassportForm { string serial = 1; }", "PASSPORT", None),
    ("grammar: {protocol: [clone]}", "message CloneAccountRequest { string name = 1; }\n"
     "message Account { string ssn = 1; }", None, "NAME"),
    ("grammar: {protocol: [-get]}", "message GetAccountRequest { string name = 1; }\n"
     "message Account { string ssn = 1; }", "NAME", None),
    ("grammar: {states: [show]}", "message User { bool show_diabetes = 1; }", None, "MEDICAL_RECORD"),
    ("grammar: {negations: [hardly]}", "message A { string x = 1; // hardly the passport number\n}", "PASSPORT", None),
    ("grammar: {negations: [-not]}", "message A { string x = 1; // not a passport number\n}", None, "PASSPORT"),
    ("grammar: {prose: [beside]}", "message A { string x = 1; // beside the passport number\n}", "PASSPORT", None),
    ("grammar: {prose: [-bundled]}", "message A { string x = 1; // bundled passport number\n}",
     None, "PASSPORT"),
    ("grammar: {in_names: [like]}", "message A { string x = 1; // like a passport number\n}", None, "PASSPORT"),
    ("grammar: {references: [-id]}", "message A { string partner_id = 1; // The other member.\n}", "PERSON_ID", None),
    ("grammar: {at_work: [guild]}", "message Guild { string email = 1; }", "EMAIL_PERSONAL", "EMAIL_WORK"),
    ("grammar: {at_work: [-employment]}", "message Employment { string email = 1; }", "EMAIL_WORK", "EMAIL_PERSONAL"),
    ("grammar: {at_work_comment: [guild]}", "message A { string email = 1; // at the guild\n}", "EMAIL_PERSONAL",
     "EMAIL_WORK"),
    ("grammar: {at_work_comment: [-firm]}", "message A { string email = 1; // at the firm\n}", "EMAIL_WORK",
     "EMAIL_PERSONAL"),
    ("grammar: {not_own: [tutor]}", "message A { string tutor_id = 1; }", "PERSON_ID", None),
    ("grammar: {not_own: [-lead]}", "message A { string lead_id = 1; }", None, "PERSON_ID"),
    ("grammar: {short: [pan]}", "message A { string cellpan = 1; }", None, "CREDIT_CARD"),
    ("grammar: {short: [-no]}", "message A { string passportno = 1; }", "PASSPORT", None),
    ("grammar: {joining: [xx]}", "message A { string passport_xx_number = 1; }", "PASSPORT", "PASSPORT"),
    ("grammar: {of_a_person: {person-reference: [tag]}}", "message A { string tutor_tag = 1; }", None, "PERSON_ID"),
    ("grammar: {of_a_person: {person-reference: [-id]}}", "message A { string tutor_id = 1; }", "PERSON_ID", None),
    ("types: {contact: [SALARY]}", "message A { string salary_weight = 1; }", "SALARY", None),
    ("types: {contact: [-EMAIL_PERSONAL]}", "message A { string email_weight = 1; }", None, "EMAIL_PERSONAL"),
    ("types: {traces: [SALARY]}", "message A { string city = 1; string salary = 2; }", None, "REGION"),
    ("types: {traces: [-EMAIL_PERSONAL]}", "message A { string city = 1; string email = 2; }", "REGION", None),
    ("types: {at_work: {IP_ADDRESS: IP_WORK}}", "message Work { string ip_address = 1; }", "IP_ADDRESS", "IP_WORK"),
    ("types: {places: [SSN]}", "message Shop { Spot spot = 1; }\nmessage Spot { string ssn = 1; }", "SSN", None),
]  # fmt: skip


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MarkedSchema]:
    """Read the schemas of `LISTS` at once, each in a package of its own."""
    folder = tmp_path_factory.mktemp("lists")
    for number, (_, schema, *_) in enumerate(LISTS):
        head = f'syntax = "proto3"; package list{number}; {WELL_KNOWN}\n'
        (folder / f"{number:02}.proto").write_text(head + schema.replace("50001", str(50001 + number)))
    schemas, problems = read_marked([folder])
    assert problems == []
    return {own: schema for (own, *_), schema in zip(LISTS, schemas, strict=True)}


@pytest.mark.parametrize(
    ("own", "_schema", "before", "after"), LISTS, ids=[own.replace("\n", " ") for own, *_ in LISTS]
)
def test_an_organisation_adds_to_a_list_of_the_package_or_takes_a_word_out_of_it(
    rules: Rules, listed: dict[str, MarkedSchema], own: str, _schema: str, before: str | None, after: str | None
) -> None:
    for used, kind in ((rules, before), (load_rules(written=f"version: mine\n{own}\n"), after)):
        verdicts = [verdict for verdict in classify([listed[own]], used) if verdict.message]  # extensions have none
        assert verdicts[0].pii_type == kind


def test_an_organisation_says_which_types_may_hold_anything(
    organisation: Callable[[str], Rules], judge: Callable[..., dict[str, Verdict]]
) -> None:
    schema = "message A { google.protobuf.FileDescriptorSet one = 1; google.protobuf.Struct two = 2; }"
    own = HEAD + BADGE.replace("[door badge]", "[file descriptor set, struct]") + "    holds: [message]\n"
    assert [each.pii_type for each in judge(schema, by=organisation(own)).values()] == ["BADGE", None]
    own += "open_boxes: [google.protobuf.FileDescriptorSet, -google.protobuf.Struct]\n"
    assert [each.pii_type for each in judge(schema, by=organisation(own)).values()] == [None, "BADGE"]


def test_the_words_on_off_yes_and_no_are_words_and_not_truth_values() -> None:
    loaded = parse("version: mine\ngrammar: {prose: [on, off, yes, no]}\nrules: []\n", "mine.yaml")
    assert loaded.grammar.prose == {"on", "off", "yes", "no"}
    with pytest.raises(RulesError, match=r"facts\.0: Value error, must be a word or a phrase"):
        parse("version: mine\nfacts: [true]\n", "mine.yaml")


# What a file may not say


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + BADGE + "    nmes: [x]\n", "mine.yaml: rules.0.nmes: Extra inputs are not permitted"),
        (HEAD + BADGE.replace("HIGH", "VERY"), "mine.yaml: rules.0.level: Input should be 'HIGH', 'MEDIUM' or 'LOW'"),
        (HEAD + BADGE.replace("badge\n    type", "Door Badge\n    type"), "mine.yaml: rules.0.id: String should match"),
        (HEAD + BADGE + "    about: pets\n", "mine.yaml: rules.0.about: Input should be 'anyone'"),
        (HEAD + BADGE + "    holds: [music]\n", "mine.yaml: rules.0.holds.0: Input should be 'text'"),
        (HEAD + "  - id: badge\n", "mine.yaml: rules.0.type: Field required"),
        ("rules: []\n", "mine.yaml: version: Field required"),
        (HEAD + "  - {id: badge,\n    foo: [\n", "mine.yaml:5: not YAML: "),
        ("version: !!python/object/apply:os.getcwd []\n", "mine.yaml:1: not YAML: could not determine a constructor"),
        ("- badge\n", "mine.yaml: must be a mapping with `version` and `rules`"),
        ("", "mine.yaml: must be a mapping"),
        (f"version: {'[' * 5000}", "not YAML: "),
    ],
)
def test_a_file_that_cannot_be_used_is_named_in_one_line_with_the_place(text: str, said: str) -> None:
    with pytest.raises(RulesError) as caught:
        parse(text, "mine.yaml")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"), [(b"version: \xff\xfe", "not UTF-8 text"), (b"#" * 1_000_001, "over 1,000,000 bytes")]
)
def test_a_file_that_is_no_text_or_too_long_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(RulesError, match=f"mine.yaml: .*{said}"):
        load_rules([path])


def test_a_file_that_is_not_there_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"gone\.yaml: cannot be read: no such file"):
        load_rules([tmp_path / "gone.yaml"])
    with pytest.raises(RulesError, match=f"{tmp_path.name}: cannot be read: is a directory"):
        load_rules([tmp_path])


@pytest.mark.parametrize(
    "text",
    [
        HEAD + BADGE.replace("[door badge]", "[[door badge]]"),
        HEAD + BADGE.replace("[door badge]", "[{door: badge}]"),
        HEAD + BADGE.replace("[door badge]", '[""]'),
        HEAD + BADGE + '    comments: ["!!"]\n',
        'version: mine\nentities: {person: [""]}\n',
        'version: mine\nintents: ["-"]\n',
        "version: [mine]\n",
    ],
)
def test_a_phrase_that_is_none_is_named(organisation: Callable[[str], Rules], text: str) -> None:
    with pytest.raises(RulesError, match=r"mine\.yaml"):
        organisation(text)


def test_a_number_among_phrases_stays_a_number() -> None:
    assert parse("version: 1\nfacts: [0, 1, 2]\n", "mine.yaml").version == "1"


def test_yes_and_no_among_phrases_are_words() -> None:
    assert parse("version: mine\nfacts: [no, yes, 2]\n", "mine.yaml").facts == ["no", "yes", "2"]


def test_a_rule_cannot_be_public_since_it_has_a_type(organisation: Callable[[str], Rules]) -> None:
    with pytest.raises(RulesError):
        organisation(HEAD + BADGE.replace("HIGH", "PUBLIC"))


def test_an_unknown_kind_of_entity_is_named(organisation: Callable[[str], Rules]) -> None:
    with pytest.raises(RulesError):
        organisation("version: mine\nentities: {persn: [lodger]}\n")


def bomb(levels: int, last: str) -> str:
    """Give a file of a few hundred bytes whose aliases, written out, are ten to the power of `levels` long."""
    lines = ["x0: &x0 [a, a, a, a, a, a, a, a, a, a]"]
    lines += [f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 10)}]" for level in range(1, levels)]
    return "\n".join(["version: mine", *lines, last.format(levels - 1)]) + "\n"


@pytest.mark.parametrize(
    "last",
    [
        "",
        "open_boxes: *x{}",
        "facts: *x{}",
    ],
)
def test_an_alias_bomb_is_refused_at_once(tmp_path: Path, last: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(bomb(9, last))
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from companion.schemas.pii.rules.file_format import RulesError, parse\n"
        "resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20))\n"
        "try: parse(Path(sys.argv[1]).read_text(), 'mine.yaml')\n"
        "except RulesError as error: print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=5, check=False
    )
    assert run.returncode == 0, run.stderr[-200:]
    assert run.stdout.startswith("mine.yaml: ")


def test_a_rules_file_of_nothing_but_a_version_changes_nothing(organisation: Callable[[str], Rules]) -> None:
    loaded = organisation("version: mine\n")
    assert isinstance(parse("version: mine\n", "mine.yaml"), RulesFile)
    assert [rule.id for rule in loaded.rules] == [rule.id for rule in FILE.rules]


def test_the_packages_own_rules_are_found_at_the_lines_at_which_they_stand() -> None:
    """Its file is trusted to be written in one way; the slower reader of anybody's file comes to the same."""
    trusted = parse(TEXT, "rules.yaml", trusted=True)
    assert [rule.source for rule in trusted.rules] == [rule.source for rule in FILE.rules]
    assert [entry.source for entry in trusted.public] == [entry.source for entry in FILE.public]
    lines = TEXT.splitlines()
    for rule in trusted.rules:
        name, line = rule.source.removesuffix(")").split(" (rules.yaml:")
        assert lines[int(line) - 1] == f"  - id: {name}"
    assert len(trusted.public) > 1
    for entry in trusted.public:
        line = entry.source.removeprefix("public (rules.yaml:").removesuffix(")")
        assert lines[int(line) - 1] == f"  - why: {entry.why}"


def test_what_an_organisation_calls_harmless_has_its_line_too() -> None:
    own = "version: mine\npublic:\n  - why: a lamp\n    names: [lamp]\n\n  - why: a lock\n    names: [lock]\n"
    assert [entry.source for entry in parse(own, "mine.yaml").public] == [
        "public (mine.yaml:3)",
        "public (mine.yaml:6)",
    ]


def test_an_entry_that_a_merge_key_brings_is_said_to_stand_at_the_beginning() -> None:
    one = "  - {id: badge, type: BADGE, level: HIGH, why: doors, names: [door badge]}\n"
    assert [rule.source for rule in parse(f"<<:\n  rules:\n  {one}version: mine\n", "m.yaml").rules] == [
        "badge (m.yaml:1)"
    ]


def test_a_file_is_read_as_utf_8_whatever_the_locale(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_bytes("version: mine\npublic:\n  - why: für alle\n    names: [lamp]\n".encode())
    shown = "import sys; from pathlib import Path; from companion.schemas.pii.rules.file_format import read_text"
    shown += "; sys.stdout.buffer.write(read_text(Path(sys.argv[1])).encode())"
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", shown, str(mine)], capture_output=True, env=env, check=True)
    assert "für alle" in done.stdout.decode()
