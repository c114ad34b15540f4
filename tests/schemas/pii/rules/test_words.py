"""The words that come with the package: which of them speak of a person, by what stands around them.

Each table is a kind of fault that was met in somebody's schemas, with siblings of it that nobody has shown.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import pytest

from companion.schemas.pii.rules.file_format import parse
from companion.schemas.pii.rules.loading import RulesError, load_rules
from companion.schemas.pii.verdict import Level, Verdict

Judge = Callable[..., dict[str, Verdict]]
PUBLIC, LOW, HIGH = Level.PUBLIC, Level.LOW, Level.HIGH


def levels(judge: Judge, message: str, kind: str, names: str) -> dict[str, Level]:
    """Judge fields that stand alone in messages of one name, each in a package of its own."""
    head = 'syntax = "proto3"; package p'
    schemas = {
        f"{number:03}.proto": f"{head}{number}; message {message} {{ {kind} {name} = 1; }}\n"
        for number, name in enumerate(names.split())
    }
    return {name.partition(".")[2]: verdict.level for name, verdict in judge(schemas).items()}


def comment(judge: Judge, message: str, said: str) -> Level:
    """Judge a field of which only a comment says something."""
    return judge(f"message {message} {{\n  // {said}\n  string zone = 1;\n}}")[f"{message}.zone"].level


THINGS = [
    ("Report", "string", "sales sales_country sales_region sales_channel"),
    ("Report", "string", "sales_office sales_tax sales_volume sales_order_id"),
    ("Valuation", "double", "ev_to_sales price_to_sales_ttm"),
    ("Report", "string", "next_gen gen_ai_model code_gen gen_config"),
    ("Report", "string", "med_price med_latency diag_port diag_level diag_data"),
    ("Report", "string", "eth_address eth_mode inc_count ins_count sub_total"),
    ("Report", "string", "sub_task acc_x ph_value hs_code lp_token l4_port"),
    ("Report", "string", "ff_dim tgt_id opc_node_id ki_gain pan_tilt"),
    ("Report", "string", "rfc_number rfc3339_time utr_length nir_band tin_price"),
    ("Report", "string", "vin_voltage build_plate snap_grid csc_matrix salt_water iris_diameter retina_display"),
    ("Report", "string", "earnings_per_share operating_income exposure_compensation bonus_damage race_distance"),
    ("Report", "string", "depression_angle network_diagnosis heat_treatment"),
    ("Report", "string", "experiment_treatment genome_assembly genome_build"),
    ("Delta", "double", "dx dy"),
]  # fmt: skip
PERSONS = [
    ("Employee", "string", "sal sal_amt annual_sal dx_code primary_diag"),
    ("Patient", "string", "dx diag med_hist med_cond diagnosis condition race treatment medications"),
    ("Encounter", "string", "dx drg"),
    ("Loan", "int64", "annual_inc inc_amt mthly_inc"),
    ("MedicalCondition", "string", "code name"),
    ("Condition", "string", "severity"),
]


@pytest.mark.parametrize(("message", "kind", "names"), THINGS)
def test_a_short_word_beside_a_thing_is_not_written_out_as_a_persons(
    judge: Judge, message: str, kind: str, names: str
) -> None:
    assert {name: level for name, level in levels(judge, message, kind, names).items() if level is not PUBLIC} == {}


@pytest.mark.parametrize(("message", "kind", "names"), PERSONS)
def test_the_same_short_words_of_a_person_are_written_out(judge: Judge, message: str, kind: str, names: str) -> None:
    assert {name: level for name, level in levels(judge, message, kind, names).items() if level is not HIGH} == {}


def test_the_gender_of_an_employee_is_still_found(judge: Judge) -> None:
    assert set(levels(judge, "Employee", "string", "emp_gen gen_cd").values()) == {LOW}


NOBODY = [
    ("Update", "bytes", "conflict_token long_poll_token operation_token"),
    ("Update", "bytes", "sync_token change_token continuation_token poll_token"),
    ("Update", "bytes", "cursor_token page_token etag_token version_token"),
    ("Update", "bytes", "consistency_token zookie snapshot_token read_token"),
    ("Update", "string", "commit_token trace_token fence_token"),
    ("Update", "string", "fencing_token idempotency_token request_token dedup_token"),
    ("Update", "string", "watch_token progress_token cancellation_token retry_token next_sequence_token resume_token"),
    ("AuthProvider", "string", "authorization_url jwt_audience api_key_uid"),
    ("AuthProvider", "string", "kek_uri token_type token_uri token_endpoint"),
    ("AuthProvider", "string", "auth_uri issuer_url jwks_uri redirect_uri oauth_scopes audience key_id kid key_uri"),
    ("AuthProvider", "string", "kms_key_name key_ring secret_ref secret_arn access_token_url client_secret_uri"),
    ("Table", "string", "partition_key sort_key routing_key primary_key foreign_key object_key cache_key public_key"),
    ("VaultRef", "string", "secret_key path key"),
    *((message, "string", "token") for message in ("Lexer", "Tokenizer", "ParseError", "SyntaxTree", "LogProb")),
]  # fmt: skip
ADMITS = [
    ("Auth", "string", "access_token refresh_token session_token id_token"),
    ("Auth", "string", "client_secret api_key private_key password jwt"),
    ("Auth", "string", "password_reset_url sso_ticket"),
    ("LoginResponse", "string", "token"),
    ("Session", "string", "resume_token token"),
    ("PublicShare", "string", "token"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "kind", "names"), NOBODY)
def test_tokens_addresses_and_names_of_keys_that_admit_nobody_are_public(
    judge: Judge, message: str, kind: str, names: str
) -> None:
    assert {name: level for name, level in levels(judge, message, kind, names).items() if level is not PUBLIC} == {}


@pytest.mark.parametrize(("message", "kind", "names"), ADMITS)
def test_what_admits_stays_high(judge: Judge, message: str, kind: str, names: str) -> None:
    assert {name: level for name, level in levels(judge, message, kind, names).items() if level is not HIGH} == {}


@pytest.mark.parametrize(
    "said",
    ["Deprecated. Calls across zones are disabled by default since 2.4.", "Illegal state of the machine.",
     "A blind write, without a check.", "Faith in the caller is needed.", "Guards against a race condition.",
     "Execution of a party.", "SQL injection guard.", "Treated as a hint.", "Depression of the key in millimetres.",
     "A healthy node.", "Condition for the branch.", "Prescription of the API.", "Diagnosis of an error.",
     "Diagnosis of the failure.", "Diagnostics of the engine.", "Orientation of the image.", "Convention for names.",
     "Union of two sets.", "Party of a call.", "Gender-neutral form.", "Disabled when empty.",
     "Disabled in production.",
     "Therapy dog mode.", "Denomination of the coin.", "Asylum of the tab."],
)  # fmt: skip
def test_a_word_that_only_happens_to_be_in_a_comment_says_nothing(judge: Judge, said: str) -> None:
    assert comment(judge, "StartRequest", said) is PUBLIC


@pytest.mark.parametrize(
    "said",
    ["Diagnosis.", "Diagnosis of the patient.", "Pregnant, disabled or neither.", "Religion of the guest.",
     "Illness, as the guest states it.", "Allergies of the guest.", "The guest is pregnant.", "Injuries observed.",
     "The congregation whose chaplain visits."],
)  # fmt: skip
def test_a_comment_that_says_what_the_field_holds_is_believed(judge: Judge, said: str) -> None:
    assert comment(judge, "Extra", said) is HIGH


CONDITIONS = ["ProductConditionInfo", "WeatherCondition", "AlertCondition", "JoinCondition", "MatchCondition",
              "RoadCondition", "PodCondition", "BuildCondition", "RuleCondition"]  # fmt: skip
CONTEXTS = [
    *((message, "string", "condition code value name text description reason") for message in CONDITIONS),
    ("Product", "string", "condition item_condition"),
    ("Contest", "string", "race"),
    ("Experiment", "string", "treatment"),
    ("Screen", "string", "orientation"),
    ("Camera", "string", "exposure iris pan"),
    ("Edge", "double", "weight"),
    ("Block", "int64", "height"),
    ("CacheEntry", "int64", "age"),
    ("Connector", "string", "sex gender"),
    ("Certificate", "string", "fingerprint"),
    ("Font", "string", "face"),
    ("Synthesizer", "string", "voice"),
    ("ReferenceGenome", "string", "genome dna"),
    ("LoadBalancer", "string", "balance"),
    ("IncomeStatement", "double", "net_income earnings"),
    ("Dish", "string", "allergens"),
    ("Banknote", "string", "denomination"),
    ("Sprayer", "double", "dose"),
    ("Animal", "string", "passport"),
    ("Incident", "string", "symptoms diagnosis"),
    ("Airport", "string", "passport_control_gate"),
    ("PrintLayout", "string", "address_line_separator"),
    ("PrintLayout", "int32", "day_of_birthday_sale"),
    ("HkdfParams", "bytes", "salt"),
    ("AeadParams", "bytes", "iv nonce"),
    ("Rng", "uint64", "seed random_seed"),
    ("DetectionSensor", "uint32", "monitor_pin ptt_pin inputbroker_pin_press"),
    ("RemotePin", "uint32", "gpio_pin"),
    ("Spi", "uint32", "clock_pin pin data_pin mosi_pin"),
    ("Sensor", "string", "gpio_pin"),
    ("Board", "string", "pin"),
    ("Map", "string", "pins"),
]
SECRET = [
    ("Card", "string", "pin"),
    ("Login", "uint32", "pin"),
    ("User", "string", "pin voicemail_pin trading_pin"),
    ("Lock", "uint32", "door_pin pin"),
    ("BluetoothConfig", "uint32", "fixed_pin"),
    ("PasswordHash", "bytes", "salt"),
    ("Passport", "string", "number"),
]


@pytest.mark.parametrize(("message", "kind", "names"), CONTEXTS)
def test_the_message_around_a_broad_word_tells_that_it_is_a_things(
    judge: Judge, message: str, kind: str, names: str
) -> None:
    assert {name: level for name, level in levels(judge, message, kind, names).items() if level is not PUBLIC} == {}


@pytest.mark.parametrize(("message", "kind", "names"), SECRET)
def test_the_pins_and_papers_of_persons_stay_high(judge: Judge, message: str, kind: str, names: str) -> None:
    assert {name: level for name, level in levels(judge, message, kind, names).items() if level is not HIGH} == {}


@pytest.mark.parametrize(
    ("message", "names"),
    [("UserId", "opaque_id idp id value"), ("PatientRef", "id value"), ("CustomerKey", "value"),
     ("MemberIdentifier", "value"), ("Individual", "id alternate_ids")],
)  # fmt: skip
def test_the_parts_of_a_message_that_is_a_persons_key_refer_to_somebody(judge: Judge, message: str, names: str) -> None:
    assert set(levels(judge, message, "string", names).values()) == {LOW}


@pytest.mark.parametrize(
    ("message", "names"), [("OrderId", "value opaque_id"), ("NodeRef", "id"), ("UserIdPolicy", "namespace")]
)
def test_the_key_of_a_thing_refers_to_nobody(judge: Judge, message: str, names: str) -> None:
    assert set(levels(judge, message, "string", names).values()) == {PUBLIC}


@pytest.mark.parametrize(
    ("message", "kind", "names"),
    [("Encounter", "string", "drg snomed loinc cpt chief_complaint discharge_disposition"),
     ("ServiceLine", "string", "ndc rev_code hcpcs"), ("Defendant", "string", "plea charge sentence verdict"),
     ("Account", "double", "buying_power margin_debit cash_balance unrealized_pnl"),
     ("DopingControl", "string", "substance finding"), ("Athlete", "string", "fitness_certificate medical_clearance"),
     ("Worker", "string", "piece_rate allowance permit"), ("Arrears", "int64", "amount outstanding interest"),
     ("EyePrescription", "string", "sphere cylinder axis"), ("Resident", "string", "care_grade dnr_status"),
     ("Applicant", "string", "ktp cnic snils ghana_card uscis_number"), ("Payment", "string", "pix_key cbu nuban"),
     ("Home", "string", "door_code disarm_code"), ("Wallet", "string", "seed_hex recovery_words"),
     ("Student", "string", "ehc_plan access_arrangements"), ("Inmate", "string", "gang_affiliation bail_amount")],
)  # fmt: skip
def test_the_words_of_a_trade_for_what_can_ruin_somebody_are_known(
    judge: Judge, message: str, kind: str, names: str
) -> None:
    assert {name: level for name, level in levels(judge, message, kind, names).items() if level is not HIGH} == {}


# What an organisation may say


def test_an_organisation_that_writes_a_word_out_itself_knows_what_it_means(judge: Judge) -> None:
    own = load_rules(written="version: mine\nwords: {abbreviations: {gen: gender}}\n")
    assert judge("message Employee { string next_gen = 1; }", by=own)["Employee.next_gen"].level is LOW


def test_an_organisation_may_add_a_clash_and_a_fact_of_one_rule(judge: Judge) -> None:
    own = load_rules(
        written="version: mine\n"
        "words: {clashes: [{word: zap, means: zipped, beside: [file], alone: true, why: it is packed}]}\n"
        "rules: [{id: zap, type: SSN, level: HIGH, why: a zap finds somebody, names: [my zap], facts: [drawer]}]\n"
    )
    found = judge("message M { string my_zap = 1; string my_zap_file = 2; string my_zap_drawer = 3; }", by=own)
    assert [verdict.level for verdict in found.values()] == [HIGH, PUBLIC, PUBLIC]


@pytest.mark.parametrize("how", ["", ", beside: [a], unless: [b]"])
def test_a_clash_says_in_one_way_by_which_neighbours_to_know_it(how: str) -> None:
    with pytest.raises(RulesError, match="either `beside` or `unless`"):
        load_rules(written=f"version: mine\nwords: {{clashes: [{{word: zap, means: zip, why: it is{how}}}]}}\n")


def test_every_clash_gives_a_reason() -> None:
    path = files("companion.schemas.pii.rules") / "rules.yaml"
    parsed = parse(path.read_text(encoding="utf-8"), "rules.yaml", trusted=True)
    assert parsed.words.clashes and all(len(clash.why.split()) >= 2 for clash in parsed.words.clashes)
