"""`companion pii`: what each command prints where, how it ends, and what it leaves on the disk."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from companion.cli import app
from companion.schemas.pii.cli import commands
from companion.schemas.pii.cli.commands import RegimeName
from companion.schemas.pii.reports.regimes import read_regimes

SHOP = """\
syntax = "proto3";
package shop.v1;

// A person who buys.
message Customer {
  string email = 1;
  string ssn = 2; // as on the form
  int64 created_at = 3;
}

message Parcel {
  string slot = 1;
}

service Shop {
  rpc ListCustomers(Empty) returns (Customers);
}
message Empty {}
message Customers { repeated Customer customers = 1; }
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with one schema."""
    (tmp_path / "shop.proto").write_text(SHOP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path


def pii(*words: str) -> Result:
    return CliRunner().invoke(app, ["pii", *words])


def schema(name: str) -> Any:
    return json.loads((files("companion.schemas.pii.reports") / name).read_text("utf-8"))


# ------------------------------------------------------------------------------------------------- scan


def test_the_table_is_the_default_and_goes_to_stdout(folder: Path) -> None:
    found = pii("scan", "shop.proto")
    assert (found.exit_code, found.stderr) == (0, "")
    assert "Customer.ssn" in found.stdout and "HIGH" in found.stdout
    assert "created_at" not in found.stdout
    assert "list-returns-high" in found.stdout


def test_public_fields_are_listed_when_asked_for(folder: Path) -> None:
    assert "created_at" in pii("scan", "shop.proto", "--all").stdout


def test_json_on_stdout_is_exactly_the_documented_json(folder: Path) -> None:
    found = pii("scan", ".", "--json", "-")
    report = json.loads(found.stdout)
    jsonschema.validate(report, schema("scan.schema.json"))
    assert {field["file"] for field in report["fields"]} == {"shop.proto"}


def test_reports_go_into_files_and_the_table_stays(folder: Path) -> None:
    found = pii("scan", ".", "--json", "a.json", "--sarif", "a.sarif", "--markdown", "a.md")
    assert found.exit_code == 0
    assert found.stderr.splitlines() == ["wrote a.json", "wrote a.sarif", "wrote a.md"]
    assert "Customer.ssn" in found.stdout
    assert json.loads((folder / "a.sarif").read_text())["version"] == "2.1.0"
    assert "Customer.ssn" in (folder / "a.md").read_text()


@pytest.mark.parametrize(("option", "beginning"), [("--sarif", "{"), ("--markdown", "<!-- companion")])
def test_another_report_on_stdout_stands_alone(folder: Path, option: str, beginning: str) -> None:
    assert pii("scan", ".", option, "-").stdout.startswith(beginning)


def test_stdout_takes_one_report(folder: Path) -> None:
    found = pii("scan", ".", "--json", "-", "--sarif", "-")
    assert found.exit_code == 2
    assert found.stderr == "companion pii: --json and --sarif cannot both go to stdout; write one into a file\n"


@pytest.mark.parametrize(("level", "status"), [("HIGH", 1), ("MEDIUM", 1), ("LOW", 1), (None, 0)])
def test_a_field_without_a_mark_fails_the_build_from_its_level_on(folder: Path, level: str | None, status: int) -> None:
    assert pii("scan", ".", *(["--fail-on", level] if level else [])).exit_code == status


def test_a_field_below_the_level_fails_nothing(folder: Path) -> None:
    (folder / "shop.proto").write_text(SHOP.replace("string ssn", "string colour"))
    assert pii("scan", ".", "--fail-on", "HIGH").exit_code == 0


def test_an_unknown_level_is_wrong_usage(folder: Path) -> None:
    found = pii("scan", ".", "--fail-on", "GREAT")
    assert found.exit_code == 2
    assert "GREAT" in found.stderr


def test_an_earlier_report_is_a_baseline(folder: Path) -> None:
    pii("scan", ".", "--json", "base.json")
    assert pii("scan", ".", "--fail-on", "LOW", "--baseline", "base.json").exit_code == 0
    (folder / "more.proto").write_text('syntax = "proto3";\nmessage Login { string password = 1; }\n')
    assert pii("scan", ".", "--fail-on", "HIGH", "--baseline", "base.json").exit_code == 1


def test_a_scan_of_some_schemas_calls_no_entry_of_others_stale(folder: Path) -> None:
    (folder / "more.proto").write_text('syntax = "proto3";\nmessage Login { string password = 1; }\n')
    pii("scan", ".", "--json", "base.json")
    assert "accepts nothing" not in pii("scan", "more.proto", "--baseline", "base.json").stdout
    (folder / "shop.proto").unlink()
    assert "accepts nothing any more: shop.proto" in pii("scan", ".", "--baseline", "base.json").stdout


def test_what_a_baseline_accepts_is_listed_when_asked_for(folder: Path) -> None:
    pii("scan", ".", "--json", "base.json")
    (folder / "more.proto").write_text('syntax = "proto3";\nmessage Login { string password = 1; }\n')
    said = pii("scan", ".", "--baseline", "base.json", "--sarif", "new.sarif").stdout
    assert "Login.password" in said and "ListCustomers" not in said and "Customer.ssn" not in said
    assert "accepted finding; --accepted lists them" in said
    results = json.loads((folder / "new.sarif").read_text())["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["pii/PASSWORD"]
    said = pii("scan", ".", "--baseline", "base.json", "--sarif", "all.sarif", "--accepted").stdout
    assert all(name in said for name in ("Login.password", "ListCustomers", "Customer.ssn", "accepted: "))
    kept = json.loads((folder / "all.sarif").read_text())["runs"][0]["results"]
    assert kept[0] == results[0] | {"ruleIndex": kept[0]["ruleIndex"]} and all(one["suppressions"] for one in kept[1:])


def test_a_reason_in_the_schema_accepts_a_field(folder: Path) -> None:
    (folder / "shop.proto").write_text(SHOP.replace("as on the form", "pii:ignore test data only"))
    open_ones = json.loads(pii("scan", ".", "--sarif", "-").stdout)["runs"][0]["results"]
    assert open_ones and not any(one["message"]["text"].startswith("Customer.ssn ") for one in open_ones)
    fields = json.loads(pii("scan", ".", "--sarif", "-", "--accepted").stdout)["runs"][0]["results"]
    reasons = [one["justification"] for each in fields for one in each["suppressions"]]
    assert reasons == ["test data only"]
    report = json.loads(pii("scan", ".", "--json", "-").stdout)
    assert [each["reason"] for each in report["summary"]["ignored"]] == ["test data only"]


def test_rules_of_ones_own_are_read(folder: Path) -> None:
    own = "version: own\nrules:\n  - id: slot\n    type: LOCATION\n    level: HIGH\n    why: ours\n    names: [slot]\n"
    (folder / "own.yaml").write_text(own)
    report = json.loads(pii("scan", ".", "--rules", "own.yaml", "--json", "-").stdout)
    (slot,) = [field for field in report["fields"] if field["field"] == "slot"]
    assert (slot["sensitivity"], slot["source"]) == ("HIGH", "slot (own.yaml:3)")


def test_imports_are_looked_for_where_include_says(folder: Path) -> None:
    (folder / "lib").mkdir()
    (folder / "lib" / "inner").mkdir()
    (folder / "lib" / "inner" / "money.proto").write_text(
        'syntax = "proto3";\nmessage Card { string card_number = 1; }\n'
    )
    (folder / "pay.proto").write_text(
        'syntax = "proto3";\nimport "inner/money.proto";\nmessage Pay { Card card = 1; }\n'
    )
    assert "warning" in pii("scan", "pay.proto").stderr
    found = pii("scan", "pay.proto", "-I", "lib", "--json", "-")
    assert found.stderr == ""
    (card,) = json.loads(found.stdout)["fields"]
    assert card["sensitivity"] == "HIGH"


# ------------------------------------------------------------------------------------------------- explain


def test_an_explanation_names_all_that_was_asked(folder: Path) -> None:
    found = pii("scan", ".", "--explain", "Customer.ssn")
    assert found.exit_code == 0
    for said in (
        "shop.proto:7",
        "HIGH SSN",
        "rules.yaml:",
        "about a person",
        "its comment",
        "as on the form",
        "annotate",
    ):
        assert said in found.stdout


def test_a_name_alone_and_a_full_name_will_do(folder: Path) -> None:
    assert pii("scan", ".", "--explain", "slot").stdout == pii("scan", ".", "--explain", "shop.v1.Parcel.slot").stdout


def test_the_explanation_of_what_is_not_there_names_what_is_near(folder: Path) -> None:
    found = pii("scan", ".", "--explain", "Customer.emial")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "Customer.email" in found.stderr


def test_an_explanation_says_what_is_left_to_do(folder: Path) -> None:
    pii("annotate", ".")
    assert "it is marked, and asks for encrypt, mask, audit" in pii("scan", ".", "--explain", "ssn").stdout


# ------------------------------------------------------------------------------------------------- git


@pytest.fixture
def repository(folder: Path) -> Path:
    """Commit the schema."""
    commit(folder, "init", "-q")
    return folder


def commit(folder: Path, *first: str) -> None:
    git = ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in ([list(first)] if first else []) + [["add", "."], ["commit", "-q", "-m", "change"]]:
        subprocess.run([*git, *words], check=True, capture_output=True)


def keys(found: Result) -> list[str]:
    return [f"{each['file']}:{each['message']}.{each['field']}" for each in json.loads(found.stdout)["fields"]]


def test_a_commit_is_scanned_without_checking_it_out(repository: Path) -> None:
    (repository / "shop.proto").write_text(SHOP.replace("string ssn", "string colour"))
    assert "shop.proto:Customer.ssn" in keys(pii("scan", ".", "--ref", "HEAD", "--json", "-"))
    assert "colour" in (repository / "shop.proto").read_text()


def test_files_of_a_commit_are_called_as_the_user_calls_them(repository: Path) -> None:
    (repository / "below").mkdir()
    (repository / "below" / "a.proto").write_text(
        'syntax = "proto3";\nimport "shop.proto";\nmessage A { shop.v1.Customer c = 1; }\n'
    )
    commit(repository)
    assert keys(pii("scan", "below", "--ref", "HEAD", "--json", "-")) == ["below/a.proto:A.c"]
    absolute = str(repository / "below" / "a.proto")
    assert keys(pii("scan", absolute, "--ref", "HEAD", "--json", "-")) == [f"{absolute}:A.c"]


def test_what_is_broken_in_a_commit_is_named(repository: Path) -> None:
    (repository / "shop.proto").write_text("message {\n")
    commit(repository)
    (repository / "shop.proto").write_text(SHOP)
    found = pii("scan", ".", "--ref", "HEAD")
    assert found.exit_code == 2
    assert found.stderr.startswith("shop.proto:1: ")


def test_only_what_changed_is_reported(repository: Path) -> None:
    assert pii("scan", ".", "--changed-since", "HEAD").stderr == (
        "no field is new, or judged or marked differently, since HEAD\n"
    )
    text = SHOP.replace("string slot = 1;", "string slot = 1;\n  string phone_number = 2;")
    (repository / "shop.proto").write_text(text.replace("string email", "string e_mail"))
    changed = keys(pii("scan", ".", "--changed-since", "HEAD", "--json", "-"))
    assert changed == ["shop.proto:Customer.e_mail", "shop.proto:Parcel.phone_number"]
    assert pii("scan", ".", "--changed-since", "HEAD", "--fail-on", "HIGH").exit_code == 0


def test_a_field_whose_verdict_changes_elsewhere_is_reported(repository: Path) -> None:
    (repository / "a.proto").write_text(
        'syntax = "proto3";\npackage a;\nimport "b.proto";\nmessage A { b.B thing = 1; }\n'
    )
    (repository / "b.proto").write_text(
        'syntax = "proto3";\npackage b;\nmessage B { string colour = 1; int32 n = 2; }\n'
    )
    commit(repository)
    (repository / "b.proto").write_text('syntax = "proto3";\npackage b;\nmessage B { string ssn = 1; int32 n = 2; }\n')
    assert keys(pii("scan", ".", "--changed-since", "HEAD", "--json", "-")) == ["a.proto:A.thing", "b.proto:B.ssn"]


# ------------------------------------------------------------------------------------------------- annotate


def test_annotate_writes_marks_and_their_definitions(folder: Path) -> None:
    found = pii("annotate", ".")
    assert (found.exit_code, found.stdout) == (0, "")
    assert found.stderr.splitlines()[0] == "marked shop.proto"
    assert (folder / "companion" / "pii" / "v1" / "pii.proto").is_file()
    assert "(companion.pii.v1.field)" in (folder / "shop.proto").read_text()
    assert pii("scan", "shop.proto", "--fail-on", "LOW").exit_code == 0


def test_a_second_run_changes_nothing(folder: Path) -> None:
    pii("annotate", ".")
    before = (folder / "shop.proto").read_text()
    found = pii("annotate", ".")
    assert found.stderr == "nothing to mark in 1 schema\n"
    assert (folder / "shop.proto").read_text() == before
    assert pii("annotate", ".", "--check").exit_code == 0


def test_the_definitions_that_annotate_wrote_are_no_schema_of_the_team(folder: Path) -> None:
    before = len(json.loads(pii("scan", ".", "--json", "-").stdout)["fields"])
    pii("annotate", ".")
    definitions = folder / "companion" / "pii" / "v1" / "pii.proto"
    written = definitions.read_bytes()
    assert len(json.loads(pii("scan", ".", "--json", "-").stdout)["fields"]) == before
    (folder / "shop.proto").write_text(SHOP)
    assert pii("annotate", ".").stderr == "marked shop.proto\n"
    assert definitions.read_bytes() == written
    found = pii("scan", "companion", "--fail-on", "LOW")  # as a hook does that is given the files of a commit
    assert (found.exit_code, found.stderr) == (0, "")


def test_a_diff_is_printed_and_nothing_written(folder: Path) -> None:
    found = pii("annotate", ".", "--diff")
    assert found.exit_code == 0
    assert found.stdout.startswith("--- a/shop.proto\n+++ b/shop.proto\n")
    assert "would mark shop.proto" in found.stderr
    assert (folder / "shop.proto").read_text() == SHOP
    assert not (folder / "companion").exists()


def test_check_fails_when_something_would_change(folder: Path) -> None:
    found = pii("annotate", ".", "--check")
    assert found.exit_code == 1
    assert (folder / "shop.proto").read_text() == SHOP


# ------------------------------------------------------------------------------------------------- inventory


def test_an_inventory_says_what_lives_where(folder: Path) -> None:
    found = pii("inventory", ".")
    assert found.exit_code == 0
    assert "shop.v1" in found.stdout and "GDPR" in found.stdout and "Shop.ListCustomers" in found.stdout


def test_an_inventory_under_one_law_has_only_what_it_speaks_of(folder: Path) -> None:
    taken = json.loads(pii("inventory", ".", "--regime", "HIPAA", "--json", "-").stdout)
    jsonschema.validate(taken, schema("inventory.schema.json"))
    assert {each["regime"] for each in taken["regimes"]} == {"HIPAA"}


def test_an_inventory_can_be_asked_about_every_law_that_we_know_of() -> None:
    assert [name.value for name in RegimeName] == [regime.id for regime in read_regimes().regimes]


def test_an_inventory_says_what_changed(folder: Path) -> None:
    pii("scan", ".", "--json", "before.json")
    (folder / "shop.proto").write_text(SHOP.replace("string slot", "string password"))
    taken = json.loads(pii("inventory", ".", "--since", "before.json", "--json", "-").stdout)
    assert [(each["change"], each["field"]) for each in taken["changes"]] == [("added", "password")]


# ------------------------------------------------------------------------------------------------- learn


def test_a_correction_is_recorded(folder: Path) -> None:
    found = pii("learn", ".", "--field", "Parcel.slot", "--level", "LOW", "--type", "LOCATION", "--reason", "at home")
    assert found.exit_code == 0
    (line,) = (folder / ".companion" / "corrections.jsonl").read_text().splitlines()
    assert json.loads(line)["field"] == "slot"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--field", "slot", "--propose"],
        ["--field", "slot"],
        ["--field", "slot", "--level", "LOW", "--type", "LOCATION"],
        ["--field", "nothing", "--level", "PUBLIC", "--reason", "x"],
        ["--field", "slot", "--level", "PUBLIC", "--type", "SSN", "--reason", "x"],
    ],
)
def test_half_a_correction_is_wrong_usage(folder: Path, words: list[str]) -> None:
    found = pii("learn", ".", *words)
    assert found.exit_code == 2
    assert len(found.stderr.splitlines()) == 1
    assert not (folder / ".companion").exists()


def test_four_corrections_that_are_alike_propose_a_rule_and_apply_nothing(folder: Path) -> None:
    pytest.importorskip("faiss")
    names = [f"warehouse_slot_{n}" for n in "abcd"]
    fields = "".join(f"  string {name} = {n + 1};\n" for n, name in enumerate(names))
    (folder / "store.proto").write_text(f'syntax = "proto3";\nmessage Store {{\n{fields}}}\n')
    for name in names:
        pii(
            "learn",
            ".",
            "--field",
            name,
            "--level",
            "LOW",
            "--type",
            "LOCATION",
            "--reason",
            "the drawer of one person",
        )
    before = sorted(folder.rglob("*"))
    found = pii("learn", ".", "--propose", "--rules", "own.yaml")
    assert found.exit_code == 0
    assert "+++ b/own.yaml" in found.stdout and "warehouse slot" in found.stdout
    assert "would change store.proto:Store.warehouse_slot_a" in found.stderr
    assert sorted(folder.rglob("*")) == before


def test_without_corrections_nothing_is_proposed(folder: Path) -> None:
    found = pii("learn", ".", "--propose")
    assert (found.exit_code, found.stdout) == (0, "")
    assert "nothing to propose" in found.stderr


# ------------------------------------------------------------------------------------------------- a model


def test_a_model_says_what_it_thinks_and_changes_no_verdict(folder: Path) -> None:
    pytest.importorskip("langchain_core")
    plain = pii("scan", ".", "--json", "-").stdout
    found = pii("scan", ".", "--json", "-", "--model", "offline")
    assert found.exit_code == 0
    assert found.stdout == plain
    assert "second opinion of offline" in found.stderr


def test_a_model_that_is_not_there_is_one_line(folder: Path) -> None:
    found = pii("scan", ".", "--json", "a.json", "--model", "nobody")
    assert found.exit_code == 2
    assert "--model nobody" in found.stderr


# ----------------------------------------------------------------------------------------------- defaults and start-up


def test_a_pyproject_sets_defaults_and_the_command_line_comes_first(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.companion.pii.scan]\nfail-on = "HIGH"\n')
    assert pii("scan", ".").exit_code == 1
    (folder / "shop.proto").write_text(SHOP.replace("string ssn", "string colour"))
    assert pii("scan", ".").exit_code == 0
    assert pii("scan", ".", "--fail-on", "LOW").exit_code == 1


def test_a_pyproject_with_a_typing_error_is_one_line(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.companion.pii.scan]\nfail_on = "HIGH"\n')
    found = pii("scan", ".")
    assert (found.exit_code, len(found.stderr.splitlines())) == (2, 1)
    assert found.stderr.startswith("companion: pyproject.toml: [tool.companion.pii.scan] has `fail_on`")


@pytest.mark.parametrize("command", ["scan", "inventory", "annotate", "learn"])
def test_the_examples_of_a_command_run_in_an_empty_folder(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = inspect.getdoc(getattr(commands, command)) or ""
    *examples, make = [" ".join(each.split()) for each in re.findall(r"`([^`]*)`", text.partition("Example:")[2])]
    assert [each for each in examples if f"companion pii {command}" in each]
    monkeypatch.chdir(tmp_path)
    subprocess.run(["bash", "-c", make], check=True)
    for example in examples:
        program, name, *words = shlex.split(example)
        assert (program, name) == ("companion", "pii")
        found = pii(*words)
        assert (found.exit_code, found.exception) == (0, None), (example, found.stderr)
    shown = " ".join(pii(command, "--help").stdout.replace("│", " ").split())
    assert "Example: companion pii" in shown and "message Parcel { string slot = 1; string ssn = 2; }" in shown


HEAVY = {
    "google.protobuf",
    "langgraph",
    "langchain_core",
    "faiss",
    "numpy",
    "pandas",
    "jsonschema",
    "grpc",
    "rich.table",
}


def loaded(*words: str, folder: Path | None = None) -> set[str]:
    program = (
        "import sys\nfrom companion.cli import app\n"
        f"try: app({list(words)!r})\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [["pii", "--help"], ["pii", "scan", "--help"]])
def test_help_loads_nothing_of_this_part(words: list[str]) -> None:
    found = loaded(*words)
    assert found & (HEAVY - {"rich.table"}) == set()
    assert {name for name in found if name.startswith("companion.schemas.")} == {
        "companion.schemas.pii",
        "companion.schemas.pii.cli",
        "companion.schemas.pii.cli.commands",
    }


def test_a_scan_loads_only_what_it_needs(folder: Path) -> None:
    assert loaded("pii", "scan", "shop.proto", "--json", "-", folder=folder) & HEAVY == {"google.protobuf"}
