"""Words that are two words: the neighbours, the message and the rest of a comment tell which of them is meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.schemas.pii.verdict import Level, Verdict

Judge = Callable[..., dict[str, Verdict]]


def levels(judge: Judge, message: str, names: str, kind: str = "string") -> dict[str, Level]:
    """Judge fields of one kind in a message, by their names."""
    body = " ".join(f"{kind} {name} = {number};" for number, name in enumerate(names.split(), 1))
    return {key.rpartition(".")[2]: found.level for key, found in judge(f"message {message} {{ {body} }}").items()}


def all_of(level: Level, names: str) -> dict[str, Level]:
    return dict.fromkeys(names.split(), level)


@pytest.mark.parametrize(
    ("message", "kind", "names"),
    [
        ("Report", "string", "sales_country sales_region sales_channel sales_order sales_territory"),
        ("Report", "double", "sales sales_tax sales_amount total_sales monthly_sales"),
        ("Interface", "string", "eth eth_port eth_interface eth_network eth_price"),
        ("Modem", "string", "diag_port diag_log diag_level diag_info obd_diag diag_msg"),
        ("Stats", "double", "lat_ms avg_lat p99_lat lat_us lat_seconds"),
        ("Run", "string", "next_gen code_gen gen_ai_model power_gen gen_id gen_seed"),
        ("Probe", "double", "soil_ph water_ph ph_level ph_value"),
        ("Counter", "int64", "inc inc_count inc_by auto_inc inc_value"),
        ("Deck", "string", "ppt ppt_url ppt_file co2_ppt"),
        ("Sock", "int64", "rcv_bytes rcv_buf snd_buf rcv_wnd snd_nxt"),
        ("Game", "string", "mob_id mob_spawn mob_type mob_level"),
        ("Deb", "string", "apt_repo apt_package apt_source apt_key"),
        ("Amm", "string", "lp_token lp_address lp_supply"),
        ("Rule", "string", "l4_proto l4_port l4_protocol"),
        ("Radio", "double", "tx_pw pw_dbm peak_pw"),
        ("Cpu", "string", "preg preg_id combat_medic medic"),
        ("Image", "string", "zip_path zip_url zip_archive"),
    ],
)
def test_an_abbreviation_is_not_written_out_beside_a_word_that_makes_it_another(
    judge: Judge, message: str, kind: str, names: str
) -> None:
    assert levels(judge, message, names, kind) == all_of(Level.PUBLIC, names)


@pytest.mark.parametrize(
    ("message", "kind", "level", "names"),
    [
        ("Row", "double", Level.HIGH, "sal monthly_sal sal_amt emp_sal annual_inc net_inc"),
        ("Row", "string", Level.HIGH, "eth_cd eth_grp diag_cd prim_diag dx_code pw usr_pw pw_hash ppt_no"),
        ("Row", "string", Level.MEDIUM, "ph_no home_ph tel_no mob_no zip zip_cd apt apt_no"),
        ("Row", "string", Level.LOW, "gen gen_cd"),
    ],
)
def test_an_abbreviation_is_written_out_where_its_neighbours_allow_it(
    judge: Judge, message: str, kind: str, level: Level, names: str
) -> None:
    assert levels(judge, message, names, kind) == all_of(level, names)


def test_a_step_along_an_axis_is_no_diagnosis(judge: Judge) -> None:
    assert set(levels(judge, "Move", "dx dy", "double").values()) == {Level.PUBLIC}
    assert levels(judge, "Visit", "dx reason")["dx"] is Level.HIGH


ADMIT_NOBODY = (
    "conflict_token long_poll_token next_sequence_token operation_token sync_token change_token continuation_token "
    "cursor_token page_token etag_token version_token consistency_token zookie_token snapshot_token read_token "
    "commit_token trace_token fence_token fencing_token idempotency_token request_token dedup_token watch_token "
    "progress_token cancellation_token revision_token wait_token concurrency_token checkpoint_token delta_token "
    "offset_token shard_token partition_token stop_tokens token_type token_uri token_endpoint "
    "task_token activity_task_token"
)
OF_AUTHORISATION = (
    "authorization_url authorization_uri authorization_endpoint jwt_audience jwt_issuer jwt_claim api_key_uid "
    "api_key_name api_key_header kek_uri kek_arn auth_uri issuer_url jwks_uri redirect_uri oauth_scopes audience "
    "key_id kid key_uri kms_key_name key_ring secret_ref secret_arn secret_urn access_token_url "
    "secret_location "
    "password_url credentials_uri private_key_uri private_key_path bearer_audience token_audience "
    "partition_key sort_key "
    "routing_key primary_key foreign_key object_key cache_key public_key"
)
ADMIT = (
    "token access_token refresh_token id_token bearer_token session_token csrf_token reset_token join_token "
    "session_resume_token auth_token admin_token private_key secret_key api_key "
    "signing_key kek jwt authorization authorization_header database_url connection_uri signed_url "
    "presigned_url credentials password "
)


@pytest.mark.parametrize("names", [ADMIT_NOBODY, OF_AUTHORISATION])
def test_a_token_of_a_version_and_the_address_of_a_secret_admit_nobody(judge: Judge, names: str) -> None:
    assert levels(judge, "Update", names) == all_of(Level.PUBLIC, names)


def test_what_lets_somebody_in_stays_high(judge: Judge) -> None:
    assert levels(judge, "Grant", ADMIT) == all_of(Level.HIGH, ADMIT)


@pytest.mark.parametrize("message", ["Lexer", "Parser", "SyntaxNode", "Sentence", "Completion", "TokenPagination"])
def test_a_token_of_a_text_is_a_word(judge: Judge, message: str) -> None:
    assert levels(judge, message, "token tokens next_token") == all_of(Level.PUBLIC, "token tokens next_token")


@pytest.mark.parametrize("message", ["LoginResponse", "Invite", "Webhook", "Share"])
def test_a_token_of_anything_else_admits(judge: Judge, message: str) -> None:
    assert levels(judge, message, "token")["token"] is Level.HIGH


def test_where_a_feed_was_left_is_public_and_what_takes_a_session_up_again_is_not(judge: Judge) -> None:
    assert levels(judge, "WatchRequest", "resume_token")["resume_token"] is Level.PUBLIC
    assert levels(judge, "Session", "resume_token")["resume_token"] is Level.HIGH


def said(judge: Judge, comment: str, message: str = "Start") -> Level:
    return judge(f"message {message} {{\n  // {comment}\n  string zone = 1;\n}}")[f"{message}.zone"].level


@pytest.mark.parametrize(
    "comment",
    [
        "Deprecated. Calls across zones are disabled by default since 2.4.",
        "Disabled by default.", "This feature is disabled in production.", "If disabled, nothing is sent.",
        "Illegal state of the machine.", "Blind write of the value.", "Faith in the caller.", "A good faith effort.",
        "Guards against a race condition.", "Execution of a party.", "Injection of a dependency.",
        "Treated as a string.", "Depression of the key.", "A healthy node.", "Condition of the machine.",
        "Prescription of the API.", "Diagnosis of an error.", "Diagnostics of the run.", "Symptoms of the outage.",
        "Orientation of the image.", "Convention of the names.", "Union of two sets.", "Party of a call.",
        "Gender-neutral form of the noun.", "Opens the file for writing.", "The button that opens the dialog.",
        "Unlocks the mutex.", "Trans-coding settings.", "Religious use of mutexes.", "Wheelchair symbol glyph.",
        "Handicap of the horse.", "Medication for the flaky test.", "Denomination of the coin.",
        "Vaccination of the cache.", "Access token endpoint.", "The API key's name.", "Do not log in twice.",
    ],
)  # fmt: skip
def test_a_word_that_happens_to_be_in_a_comment_decides_nothing(judge: Judge, comment: str) -> None:
    assert said(judge, comment) is Level.PUBLIC


@pytest.mark.parametrize(
    "comment",
    [
        "Diagnosis", "Religion of the member.", "Severely disabled, degree in percent.", "Disabled person's card.",
        "Faith", "Prescription of the doctor.", "Allergies", "Church or faith",
        "Opens the door.", "Unlocks the front door.", "Illness of the guest.", "Never log.",
        "Access token of the caller",
    ],
)  # fmt: skip
def test_what_a_comment_says_that_the_field_holds_decides(judge: Judge, comment: str) -> None:
    assert said(judge, comment) is Level.HIGH


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("ProductConditionInfo", "condition"), ("Listing", "condition item_condition"), ("Weather", "condition"),
        ("JoinClause", "condition join_condition"), ("AlertRule", "condition"), ("Experiment", "treatment"),
        ("Wastewater", "treatment"), ("VcfFile", "genome genome_assembly reference_genome"),
        ("Airport", "passport_control_gate passport_office passport_lane"),
        ("PrintLayout", "address_line_separator phone_separator birthday_sale day_of_birthday_sale"),
        ("Race", "race race_name race_condition"), ("Screen", "orientation screen_orientation"),
        ("CallLeg", "party"), ("SetOperation", "union"), ("Camera", "iris exposure face"), ("Connector", "sex gender"),
        ("TlsCert", "fingerprint"), ("Build", "fingerprint"), ("FontFile", "face"), ("Synthesizer", "voice"),
        ("LoadBalancer", "balance health_status"), ("Battery", "balance health condition"), ("I18n", "culture"),
        ("CompanyReport", "income earnings net_income"), ("Fundamentals", "debts earnings_per_share"),
        ("Recipe", "allergens dose"), ("CacheEntry", "age"), ("RandomConfig", "seed iv nonce"),
        ("SecretKeyRef", "secret_key key"), ("Particle", "born_at"),
    ],
)  # fmt: skip
def test_a_broad_name_of_a_thing_is_nobodys(judge: Judge, message: str, names: str) -> None:
    assert levels(judge, message, names) == all_of(Level.PUBLIC, names)


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("Patient", "medical_condition genome treatment diagnosis"),
        ("Person", "race religion iris income fingerprint"),
        ("Employee", "income salary passport"), ("PasswordHash", "salt hash"), ("Grant", "secret_key"),
        ("Traveler", "passport passport_no"),
    ],
)  # fmt: skip
def test_the_same_name_of_a_person_is_not(judge: Judge, message: str, names: str) -> None:
    assert levels(judge, message, names) == all_of(Level.HIGH, names)


@pytest.mark.parametrize(
    ("message", "kind", "names"),
    [
        ("DetectionSensor", "uint32", "monitor_pin ptt_pin inputbroker_pin_press pin"),
        ("RemotePin", "uint32", "gpio_pin pin"), ("Spi", "uint32", "clock_pin pin miso_pin cs_pin"),
        ("Board", "int32", "rx_pin irq_pin cpu_pin any_other_pin"), ("Gpio", "string", "pin gpio_pin"),
        ("MapView", "string", "pin map_pin"), ("Chat", "bool", "pinned"),
    ],
)  # fmt: skip
def test_a_pin_of_a_board_is_no_secret(judge: Judge, message: str, kind: str, names: str) -> None:
    assert levels(judge, message, names, kind) == all_of(Level.PUBLIC, names)


def test_a_pin_that_somebody_types_is_a_secret(judge: Judge) -> None:
    assert levels(judge, "Pairing", "pin fixed_pin user_pin", "uint32") == all_of(Level.HIGH, "pin fixed_pin user_pin")
    assert levels(judge, "Door", "pin monitor_code_pin card_pin") == all_of(Level.HIGH, "pin monitor_code_pin card_pin")


def test_what_is_in_the_key_of_a_person_is_an_id_and_so_is_a_field_of_that_type(judge: Judge) -> None:
    found = judge(
        "message UserId { string idp = 1; string opaque_id = 2; }"
        "message Grant { UserId user_id = 1; UserId boss = 2; }"
        "message Individual { string id = 1; repeated string alternate_ids = 2; }"
        "message PatientRef { string value = 1; } message CustomerKey { string realm = 1; string value = 2; }"
    )
    assert {(found[key].level, found[key].pii_type) for key in found} == {(Level.LOW, "PERSON_ID")}


def test_what_is_in_the_key_of_a_thing_is_not(judge: Judge) -> None:
    found = judge(
        "message OrderId { string opaque_id = 1; string value = 2; } message GroupRef { string opaque_id = 1; }"
    )
    assert {verdict.level for verdict in found.values()} == {Level.PUBLIC}
