"""Corrections are kept line by line, and what more than three say alike becomes a rule to review."""

from __future__ import annotations

import datetime
import json
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.schemas.pii.evidence.classify import classify
from companion.schemas.pii.learning import corrections as module
from companion.schemas.pii.learning.corrections import (
    Correction,
    CorrectionsError,
    correction_of,
    read_corrections,
    record,
)
from companion.schemas.pii.learning.proposals import Proposal, propose
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.rules.editing import with_entries
from companion.schemas.pii.rules.loading import RulesError, load_rules
from companion.schemas.pii.verdict import Level, MarkedSchema, Verdict

DAY = datetime.date(2026, 3, 1)
SCHEMA = """syntax = "proto3";
message Member { string frob_wick = 1; // wick of the member
  string other = 2; }
message ClubMember { string frobWick = 1; // wick of the member
}
message MemberCard { string frob_wick_x = 1; // wick of the member
}
message NewMember { string new_frob_wick = 1; // wick of the member
}
message MemberNote { string old_frob_wick = 1; // wick of the member
}
message Pump { string frob_wick = 1; // litres of oil in the tank, in steps of ten
}
"""
WICKS = ["Member.frob_wick", "ClubMember.frobWick", "MemberCard.frob_wick_x", "NewMember.new_frob_wick"]


def correction(place: str, level: Level = Level.MEDIUM, kind: str | None = "CUSTOMER_ID", **more: object) -> Correction:
    message, _, field = place.rpartition(".")
    given = {"file": "club.proto", "reason": "opens the door of the club", "was": Level.PUBLIC, "date": DAY} | more
    return Correction(message=message, field=field, level=level, pii_type=kind, **given)  # type: ignore[arg-type]


@pytest.fixture
def club(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[MarkedSchema]:
    monkeypatch.chdir(tmp_path)
    return schemas_of(SCHEMA)


def schemas_of(text: str) -> list[MarkedSchema]:
    Path("club.proto").write_text(text, "utf-8")
    schemas, problems = read_marked([Path("club.proto")])
    assert problems == []
    return schemas


def verdicts(schemas: Sequence[MarkedSchema], rules: Sequence[Path] = ()) -> dict[str, Verdict]:
    return {f"{each.message}.{each.field.name}": each for each in classify(schemas, load_rules(rules))}


def saved(proposal: Proposal, path: Path = Path("own.yaml")) -> list[Path]:
    path.write_text(proposal.rules, "utf-8")
    return [path]


# The file


def test_what_is_recorded_is_read_back_in_order(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "corrections.jsonl"
    made = [correction(place) for place in WICKS]
    record(made[:1], file)
    record(made[1:], file)
    assert read_corrections(file) == made
    assert json.loads(file.read_text("utf-8").splitlines()[0])["field"] == "frob_wick"


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert read_corrections(tmp_path / "corrections.jsonl") == []


@given(st.text(min_size=1, max_size=100))
def test_any_reason_stays_on_its_line(reason: str) -> None:
    made = correction("Member.frob_wick", reason=reason)
    line = made.model_dump_json()
    assert "\n" not in line
    assert Correction.model_validate_json(line) == made


def test_a_malformed_line_is_one_error_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    record([correction("A.b")], file)
    for line, said in [
        ('{"file": "a.proto"', ":2: no correction: Invalid JSON"),
        ('{"file": "a.proto"}', ":2: no correction: message: Field required"),
        (correction("A.b").model_dump_json().replace('"MEDIUM"', '"GREEN"'), ":2: no correction: level: Input should"),
        (correction("A.b").model_dump_json().replace('"MEDIUM"', '"PUBLIC"'), "a type belongs to every level but"),
    ]:
        file.write_text(correction("A.b").model_dump_json() + f"\n{line}\n", "utf-8")
        with pytest.raises(CorrectionsError) as caught:
            read_corrections(file)
        assert said in str(caught.value) and str(file) in str(caught.value) and "\n" not in str(caught.value)


def test_a_line_that_was_cut_short_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    file.write_text('{"file": "a.pro', "utf-8")
    record([correction("A.b")], file)
    assert Correction.model_validate_json(file.read_text("utf-8").splitlines()[1]) == correction("A.b")
    with pytest.raises(CorrectionsError, match=r"corrections\.jsonl:1: no correction"):
        read_corrections(file)


def test_those_who_record_at_once_do_not_mix_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "corrections.jsonl"
    made = [correction(f"M{number}.field", reason="x" * 400) for number in range(80)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: record([each], file), made))
    assert sorted(each.message for each in read_corrections(file)) == sorted(each.message for each in made)


def test_the_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "corrections.jsonl"
    record([correction("A.b")], file)
    before = file.read_bytes()
    monkeypatch.setattr(module, "MAX_BYTES", len(before) + 10)
    with pytest.raises(CorrectionsError, match="is full"):
        record([correction("A.b")], file)
    assert file.read_bytes() == before


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(CorrectionsError, match="cannot be written"):
        record([correction("A.b")], tmp_path / "file" / "corrections.jsonl")


def test_a_correction_needs_a_reason_and_a_type(club: list[MarkedSchema]) -> None:
    verdict = verdicts(club)["Member.frob_wick"]
    assert correction_of(verdict, Level.LOW, "NAME", "a name", DAY).place == ("club.proto", "Member", "frob_wick")
    for level, kind, reason in [(Level.LOW, "NAME", " "), (Level.LOW, None, "why"), (Level.PUBLIC, "NAME", "why")]:
        with pytest.raises(CorrectionsError, match=r"club\.proto:Member\.frob_wick: "):
            correction_of(verdict, level, kind, reason)


# The proposal


def test_four_alike_propose_a_rule_that_loads_and_changes_the_verdicts(club: list[MarkedSchema]) -> None:
    proposal = propose([correction(place) for place in WICKS], club)
    before, after = verdicts(club), verdicts(club, saved(proposal))
    for place in WICKS:
        assert before[place].level is Level.PUBLIC
        assert (after[place].level, after[place].pii_type) == (Level.MEDIUM, "CUSTOMER_ID")
        assert "own.yaml:" in after[place].source and "opens the door of the club" in after[place].reason
    assert replace(after["Member.other"], about=None) == before["Member.other"]  # now in a record that is somebody's
    (group,) = proposal.groups
    assert "frob wick" in group.names and len(group.corrections) == 4 and proposal.without_effect == ()


def test_the_reviewer_sees_every_verdict_that_would_change(club: list[MarkedSchema]) -> None:
    proposal = propose([correction(place) for place in WICKS], club)
    changed = [f"{each.after.message}.{each.after.field.name}" for each in proposal.changed]
    assert changed == [*WICKS, "MemberNote.old_frob_wick", "Pump.frob_wick"]


def test_three_alike_propose_nothing_and_the_same_field_counts_once(club: list[MarkedSchema]) -> None:
    three = [correction(place) for place in WICKS[:3]]
    assert propose([*three, *three], club) == propose(three, club) == Proposal("", "", (), (), (), ())


def test_a_field_in_quite_another_context_is_not_alike(club: list[MarkedSchema]) -> None:
    corrections = [correction(place) for place in [*WICKS[:3], "Pump.frob_wick"]]
    assert propose(corrections, club).groups == ()


def test_other_levels_do_not_count_and_are_named(club: list[MarkedSchema]) -> None:
    other = correction("MemberNote.old_frob_wick", Level.HIGH, "CREDENTIAL")
    proposal = propose([*(correction(place) for place in WICKS), other], club)
    assert [group.against for group in proposal.groups] == [(other,)]
    mixed = [*(correction(place) for place in WICKS[:3]), other]
    assert propose(mixed, club).groups == ()


def test_of_two_corrections_of_one_field_the_later_counts(club: list[MarkedSchema]) -> None:
    wrong = correction(WICKS[0], Level.HIGH, "PASSWORD")
    right = [correction(place) for place in WICKS]
    assert propose([wrong, *right], club) == propose(right, club)


def test_a_correction_of_a_field_that_is_gone_is_named(club: list[MarkedSchema]) -> None:
    gone = correction("Member.gone")
    assert propose([gone], club).unplaced == (gone,)


def test_four_that_say_public_propose_a_harmless_name(club: list[MarkedSchema]) -> None:
    names = ["Blue", "Red", "Pink", "Gold"]
    body = "".join(f"message {name}Door {{ string door_password = 1; // painted on the door\n}}\n" for name in names)
    schemas = schemas_of(f'syntax = "proto3";\n{body}')
    assert verdicts(schemas)["RedDoor.door_password"].level is Level.HIGH
    said = [correction(f"{name}Door.door_password", Level.PUBLIC, None, was=Level.HIGH) for name in names]
    proposal = propose(said, schemas)
    assert proposal.without_effect == ()
    assert {each.level for each in verdicts(schemas, saved(proposal)).values()} == {Level.PUBLIC}


@pytest.mark.parametrize("spoil", [str, lambda text: text.rstrip("\n"), lambda text: text.replace("\n", "\r\n")])
def test_the_diff_applies_whatever_ends_the_lines(club: list[MarkedSchema], spoil: Callable[[str], str]) -> None:
    own = Path("own.yaml")
    own.write_bytes(spoil('version: "7"\n# ours\nfacts: [shade]\n').encode())
    proposal = propose([correction(place) for place in WICKS], club, own)
    Path("proposal.diff").write_bytes(proposal.diff.encode())
    subprocess.run(["git", "apply", "proposal.diff"], check=True)
    assert own.read_bytes() == proposal.rules.encode()
    assert proposal.rules.count("\r\n") in (0, proposal.rules.count("\n"))
    assert load_rules([own]).rules[-1].id == "corrected-customer-id-frob-wick"


def test_the_diff_applies_to_the_rules_file_and_gives_the_proposal(club: list[MarkedSchema]) -> None:
    own = Path("own.yaml")
    mine = "rules:\n- id: mine\n  type: NAME\n  level: LOW\n  why: ours\n  names: [zonk]\n"
    own.write_text(f'# ours\nversion: "7"\n{mine}\n# what we never look at\nfacts: [shade]\n', "utf-8")
    proposal = propose([correction(place) for place in WICKS], club, own)
    Path("proposal.diff").write_text(proposal.diff, "utf-8")
    subprocess.run(["git", "apply", "proposal.diff"], check=True)
    assert own.read_text("utf-8") == proposal.rules
    assert proposal.rules.startswith("# ours\n") and "# what we never look at" in proposal.rules
    assert [rule.id for rule in load_rules([own]).rules][-2:] == ["mine", "corrected-customer-id-frob-wick"]
    again = propose([correction(place) for place in WICKS], club, own)
    assert again.groups[0].id == "corrected-customer-id-frob-wick-2" and again.changed == ()


def test_the_diff_makes_a_new_file(club: list[MarkedSchema]) -> None:
    proposal = propose([correction(place) for place in WICKS], club, Path("new.yaml"))
    assert not Path("new.yaml").exists()
    Path("proposal.diff").write_text(proposal.diff, "utf-8")
    subprocess.run(["git", "apply", "proposal.diff"], check=True)
    assert Path("new.yaml").read_text("utf-8") == proposal.rules


def test_a_hostile_reason_stays_a_reason(club: list[MarkedSchema]) -> None:
    reason = 'x"\nrules: []\nversion: {evil: 1} # \x85\u2028 \U0001f600 & * ! | > %'
    proposal = propose([correction(place, reason=reason) for place in WICKS], club)
    (rule,) = [each for each in load_rules(saved(proposal)).rules if each.id.startswith("corrected-")]
    assert rule.why.startswith('x" rules: []') and "\U0001f600" in rule.why
    assert propose([correction(place) for place in WICKS], club).changed != ()


def test_a_lone_word_counts_only_in_its_messages(club: list[MarkedSchema]) -> None:
    messages = ["DoorVisitor", "GateVisitor", "RoomVisitor", "HallVisitor"]
    body = "".join(f"message {name} {{ string frobbel = 1; // shown at the door\n}}\n" for name in messages)
    schemas = schemas_of(f'syntax = "proto3";\n{body}message Pump {{ string frobbel = 1; string x_frobbel = 2; }}\n')
    proposal = propose([correction(f"{name}.frobbel") for name in messages], schemas)
    assert [f"{each.after.message}.{each.after.field.name}" for each in proposal.changed] == [
        f"{name}.frobbel" for name in messages
    ]
    assert proposal.without_effect == ()


def test_what_would_still_be_judged_otherwise_is_named(club: list[MarkedSchema]) -> None:
    names = ["frobbel", "new_frobbel", "old_frobbel", "my_frobbel"]
    body = "".join(f"message Visitor{n} {{ string {name} = 1; }}\n" for n, name in enumerate(names))
    marked = body.replace("my_frobbel = 1", "my_frobbel = 1 [(companion.pii.v1.field) = { level: HIGH }]")
    schemas = schemas_of(f'syntax = "proto3";\nimport "companion/pii/v1/pii.proto";\n{marked}')
    places = [f"Visitor{n}.{name}" for n, name in enumerate(names)]
    proposal = propose([correction(place) for place in places], schemas)
    assert [each.field for each in proposal.without_effect] == ["my_frobbel"]


# The file of rules as text


def test_a_list_on_one_line_is_told_not_rewritten() -> None:
    with pytest.raises(RulesError, match=r"own\.yaml:2: `rules` must be a list with one entry a line"):
        with_entries('version: "1"\nrules: []\n', {"rules": [["id: a"]]}, shown="own.yaml")


def test_an_entry_goes_behind_the_last_one_whatever_follows() -> None:
    text = 'version: "1"\nrules:\n    - id: a\n      names: [x,\n        y]  # two\n# end\npublic:\n- why: b\n'
    assert with_entries(text, {"rules": [["id: c", "why: d"]], "public": [["why: e"]]}) == (
        'version: "1"\nrules:\n    - id: a\n      names: [x,\n        y]  # two\n    - id: c\n      why: d\n# end\n'
        "public:\n- why: b\n- why: e\n"
    )
