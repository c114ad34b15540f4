"""A name is cut into the words that rules know, however its author wrote them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.rules.name_words import Vocabulary, Words, first_clause, plain_words

RULES = load_rules()
WORDS = sorted(word for word in RULES.vocabulary.known if word.isascii() and word.isalpha() and len(word) > 1)
PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)


def vocabulary(*known: str) -> Vocabulary:
    return Vocabulary(
        set(known),
        expansions={"dob": ("birth", "date"), "acct": ("account",), "no": ("number",)},
        languages={
            "de": {"strasse": ("street",), "vorname": ("first", "name"), "land": ("country",), "ort": ("city",)},
            "fr": {"rue": ("street",), "nom": ("name",), "ville": ("city",)},
        },
        ambiguous={"land", "ort", "nom"},
        short={"no"},
        joining={"of", "the", "de"},
    )


BIRTH = vocabulary("customer", "birth", "date", "name", "first", "street", "country", "phone", "number", "account")


@pytest.mark.parametrize(
    "name",
    ["customer_birth_date", "customerBirthDate", "CustomerBirthDate", "CUSTOMER_BIRTH_DATE", "customer-birth-date"],
)
def test_every_way_to_write_a_name_gives_the_same_words(name: str) -> None:
    assert BIRTH.words(name) == ("customer", "birth", "date")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("line1", ("line", "1")),
        ("last4", ("last", "4")),
        ("address_line_2", ("address", "line", "2")),
        ("SSNLast4", ("ssn", "last", "4")),
        ("HTTPServer", ("http", "server")),
        ("__name__", ("name",)),
    ],
)
def test_digits_and_capitals_part_words(name: str, words: Words) -> None:
    assert BIRTH.words(name) == words


def test_a_word_with_a_digit_that_a_rule_uses_stays_whole() -> None:
    assert vocabulary("ipv4", "address").words("ipv4_address") == ("ipv4", "address")
    assert vocabulary("address").words("ipv4_address") == ("ipv", "4", "address")


@pytest.mark.parametrize(
    ("name", "words"), [("birthdate", ("birth", "date")), ("phonenumber", ("phone", "number")), ("acctno", ("acctno",))]
)
def test_glued_words_are_cut_where_both_halves_are_known_and_long_enough(name: str, words: Words) -> None:
    assert BIRTH.words(name) == words


def test_a_word_that_a_rule_uses_is_not_cut() -> None:
    assert vocabulary("birth", "date", "birthdate").words("birthdate") == ("birthdate",)


def test_three_glued_words_are_cut_twice() -> None:
    assert BIRTH.words("customerbirthdate") == ("customer", "birth", "date")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("phones", ("phone",)),
        ("addresses", ("address",)),
        ("diagnoses", ("diagnoses",)),
        ("countries", ("country",)),
        ("status", ("status",)),
        ("class", ("class",)),
        ("gas", ("gas",)),
    ],
)
def test_a_plural_is_taken_back_only_to_a_word_that_rules_use(name: str, words: Words) -> None:
    assert vocabulary("phone", "address", "country").words(name) == words


def test_abbreviations_are_written_out_singular_or_plural() -> None:
    assert BIRTH.words("acct_no") == ("account", "number")
    assert BIRTH.words("accts") == ("account",)
    assert BIRTH.words("custDob") == ("cust", "birth", "date")


def test_a_foreign_word_that_means_nothing_in_english_always_counts() -> None:
    assert BIRTH.words("vorname") == ("first", "name")


def test_a_foreign_word_that_means_something_in_english_counts_only_in_its_language() -> None:
    assert BIRTH.words("land") == ("land",)
    assert BIRTH.words("land", frozenset({"de"})) == ("country",)
    assert BIRTH.words("land", frozenset({"fr"})) == ("land",)


@pytest.mark.parametrize(
    ("names", "spoken"),
    [
        (["vorname", "strasse"], {"de"}),
        (["vorname"], set()),
        (["vorname", "land", "ort"], set()),  # two of three also mean something in English
        (["vorname", "rue"], set()),
        (["vorname", "strasse", "rue", "ville"], {"de", "fr"}),
    ],
)
def test_a_file_speaks_a_language_of_which_it_uses_two_words_that_are_not_english(
    names: list[str], spoken: set[str]
) -> None:
    assert BIRTH.spoken(names) == spoken


@pytest.mark.parametrize("name", ["date_of_birth", "dateOfTheBirth", "date de birth"])
def test_joining_words_say_nothing(name: str) -> None:
    assert BIRTH.words(name) == ("date", "birth")


def test_a_name_of_joining_words_keeps_them() -> None:
    assert BIRTH.words("of_the") == ("of", "the")


def test_letters_of_other_alphabets_are_kept() -> None:
    assert BIRTH.words("Straße_名") == ("straße", "名")


@pytest.mark.parametrize("name", ["", "_", "__", "--"])
def test_a_name_without_a_letter_or_a_digit_has_no_words(name: str) -> None:
    assert BIRTH.words(name) == ()


@given(PHRASES)
def test_the_words_of_a_phrase_do_not_depend_on_the_style_it_is_written_in(phrase: list[str]) -> None:
    words = RULES.vocabulary.words
    expected = words(" ".join(phrase))
    assert words("_".join(phrase)) == expected
    assert words("-".join(phrase)) == expected
    assert words("_".join(phrase).upper()) == expected
    pascal = "".join(word.capitalize() for word in phrase)
    if not glued(RULES, pascal):
        assert words(pascal) == expected
        assert words(pascal[0].lower() + pascal[1:]) == expected


def glued(rules: Rules, name: str) -> bool:
    """Whether a rule uses the whole name as one word: `UserName` is `username`, for which there is a rule."""
    return name.lower() in rules.vocabulary.known | rules.vocabulary.expansions.keys()


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_any_name_has_words_that_are_lower_case_and_not_empty(name: str) -> None:
    words = RULES.vocabulary.words(name)
    assert all(words)
    assert RULES.vocabulary.words(name) == words


def test_a_sentence_has_plain_words() -> None:
    assert plain_words("The patient's e-mail, as printed (ICD-10).") == [
        "the",
        "patient",
        "e",
        "mail",
        "as",
        "printed",
        "icd",
        "10",
    ]


@pytest.mark.parametrize("phrase", ["api key", "access token", "auth token", "key pair", "sign in", "user agent"])
def test_a_message_is_found_by_its_camel_case_name_though_a_rule_also_uses_the_glued_word(phrase: str) -> None:
    words = RULES.vocabulary.words
    assert words(phrase.title().replace(" ", "")) == words(phrase)


@pytest.mark.parametrize(
    ("name", "words"), [("userIDs", ("user", "id")), ("memberIPs", ("member", "ip")), ("SSNs", ("ssn",))]
)
def test_the_plural_of_an_acronym_is_one_word(name: str, words: Words) -> None:
    assert RULES.vocabulary.words(name) in (words, ("".join(words),))


@pytest.mark.parametrize("name", ["IPv4Address", "ipv4Address", "ipv6addr", "clientIPv4"])
def test_a_version_of_ip_keeps_its_digit(name: str) -> None:
    assert {"ipv4", "ipv6", "ip"} & set(RULES.vocabulary.words(name))


@pytest.mark.parametrize("stop", [". ", "; ", ": ", ", ", " (", ".\n", "."])
def test_the_first_clause_ends_at_the_first_stop(stop: str) -> None:
    assert first_clause(f"the number{stop}and, more. of it") == (
        ["the", "number"] if stop != "." else ["the", "number", "and"]
    )


def test_a_known_word_that_a_language_uses_too_is_read_as_that_language_only_where_it_is_spoken() -> None:
    both = vocabulary("land", "ort", "country", "city", "phones")
    assert both.words("lands") == ("land",)
    assert both.words("land", frozenset({"de"})) == ("country",)
    assert both.words("ipv4") == ("ipv", "4")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("WhatsApp_phone", ("whatsapp", "phone")),
        ("Whats_App_Phone", ("whatsapp", "phone")),
        ("phone_whats", ("phone", "whats")),
        ("foo_whats_app", ("foo", "whatsapp")),
        ("phone_no", ("phone", "number")),
    ],
)
def test_two_pieces_are_joined_if_nobody_knows_the_first_and_rules_use_both_together(name: str, words: Words) -> None:
    assert vocabulary("whatsapp", "phone", "phoneno").words(name) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("birthdaycare", ("birthday", "care")),  # the longest first half that leaves a word, and not birth, daycare
        ("nophone", ("number", "phone")),
        ("phoneno", ("phone", "number")),
        ("nofooz", ("nofooz",)),
        ("namecar", ("namecar",)),  # three letters alone might be the end of another word
        ("carname", ("carname",)),
        ("namecare", ("name", "care")),
        ("carenam", ("carenam",)),
        ("nocare", ("nocare",)),  # six letters are too few to tell
        ("phonesbirth", ("phone", "birth")),
        ("acctphone", ("account", "phone")),
        ("villephone", ("city", "phone")),
        ("phonestrasse", ("phone", "street")),
        ("nobirthname", ("number", "birth", "name")),
        ("birthfoophone", ("birthfoophone",)),
    ],
)
def test_a_glued_name_is_cut_only_where_every_part_is_a_word_that_stands_alone(name: str, words: Words) -> None:
    known = vocabulary("birth", "birthday", "daycare", "care", "phone", "name", "car", "account", "number")
    assert known.words(name) == words


@pytest.mark.parametrize(
    ("known", "name", "word"),
    [
        ("movie", "movies", "movie"),
        ("bus", "buses", "bus"),
        ("box", "boxes", "box"),
        ("lady", "ladies", "lady"),
        ("clas", "class", "class"),
        ("ga", "gas", "gas"),
        ("bond", "bonds", "bond"),
        ("date", "data", "data"),
        ("foot", "feet", "feet"),
    ],
)
def test_a_plural_ends_in_s_es_or_ies(known: str, name: str, word: str) -> None:
    assert vocabulary(known).words(name) == (word,)
    assert vocabulary(known).singular(name) == word


def test_a_plural_of_an_abbreviation_is_written_out_and_one_that_is_itself_an_abbreviation_first() -> None:
    short = vocabulary("account")
    short.expansions = {"acct": ("account",), "gps": ("location",), "gp": ("doctor",)}
    assert short.words("gps") == ("location",)
    assert short.words("gp") == ("doctor",)
    assert short.words("gpss") == ("gpss",)
    assert short.singular("accts") == "acct"


def test_the_plural_of_an_acronym_and_a_version_of_ip_are_seen_before_a_name_is_cut() -> None:
    small = vocabulary("user", "id", "ipv4", "address", "ssn")
    assert small.words("userIDs") == ("user", "id")
    assert small.words("SSNsOfUser") == ("ssn", "user")
    assert small.words("IPv4Address") == small.words("IpV4Address"[:2] + "v4Address") == ("ipv4", "address")


def test_a_word_of_two_languages_is_read_in_the_one_that_is_spoken() -> None:
    both = Vocabulary(
        {"name", "after"},
        expansions={},
        languages={"fr": {"nom": ("name",), "sur": ("after",)}, "es": {"nom": ("last", "name"), "mas": ("more",)}},
        ambiguous={"nom"},
    )
    assert both.words("nom") == ("nom",)
    assert both.words("nom", frozenset({"fr"})) == ("name",)
    assert both.words("nom", frozenset({"es"})) == ("last", "name")
    assert both.words("mas") == ("more",)
    assert both.spoken(["nom_sur", "mas"]) == frozenset()
    assert both.spoken(["surMas"]) == frozenset()
    assert Vocabulary(set(), {}, both.languages, set()).spoken(["nom", "sur"]) == {"fr"}


def test_a_sentence_loses_its_genitive_and_its_capitals_and_a_clause_its_spaces() -> None:
    assert plain_words("A User's   ID_2") == ["a", "user", "id", "2"]
    assert first_clause("  The\n  Owner's name,  or none. Never") == ["the", "owner", "name"]
    assert first_clause("name (a,b)") == ["name"]
    assert first_clause("version 1.2") == ["version", "1", "2"]
