"""Marks in the layout that `buf format` would give them, held by buf itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from companion.schemas.pii.annotation.buf_layout import BufLayout, spread, uses_buf
from companion.schemas.pii.annotation.definitions import DEFINITIONS
from companion.schemas.pii.annotation.marking import annotate
from companion.schemas.protobuf.insertion_points import apply
from companion.schemas.protobuf.sources import bundled_roots

CONFIG = "version: v2\nlint:\n  use: [STANDARD]\n"
USER = """\
syntax = "proto3";

package acme.v1;

import "google/protobuf/timestamp.proto";

option go_package = "example.org/acme/v1;acmev1";

// A user.
message User {
  // How to reach them.
  string email = 1;
  string ssn = 2 [deprecated = true];
  string password = 3; // secret
  string phone = 4 [
    deprecated = true,
    json_name = "tel"
  ];
  oneof way {
    string iban = 5;
  }
  google.protobuf.Timestamp date_of_birth = 6;
  map<string, string> first_names = 7;
  message Inner {
    string home_address = 1;
    string username = 2;
    string favourite_colour = 3;
    string gender = 4; // theirs
  }
}

// Get.
message GetUserRequest {
  string email = 1;
}

message GetUserResponse {
  User user = 1;
}

message PutUserRequest {
  User user = 1;
}

message PutUserResponse {}

service UserService {
  // Get one.
  rpc GetUser(GetUserRequest) returns (GetUserResponse);
  rpc PutUser(PutUserRequest) returns (PutUserResponse) {
    option deprecated = true;
  }
}
"""


@pytest.fixture
def buf() -> str:
    found = shutil.which("buf") or shutil.which("buf", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("there is no buf here: pip install 'companion[test]'")
    return found


def run(buf: str, folder: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run([buf, *words], cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def team(folder: Path, source: str = USER) -> Path:
    """A team's folder with `buf.yaml` and one schema; gives the schema."""
    schema = folder / "acme" / "v1" / "user.proto"
    schema.parent.mkdir(parents=True)
    schema.write_text(source)
    (folder / "buf.yaml").write_text(CONFIG)
    return schema


def test_what_is_inserted_into_the_files_of_a_team_that_uses_buf_passes_lint_format_and_build(
    tmp_path: Path, buf: str
) -> None:
    schema = team(tmp_path)
    commands = (["format", "--diff", "--exit-code"], ["lint"], ["build"])
    for command in commands:
        assert run(buf, tmp_path, *command) == (0, "")
    annotate(tmp_path).write()
    assert schema.read_text().count("companion.pii.v1.") > 15
    for command in commands:
        assert run(buf, tmp_path, *command) == (0, "")


def test_the_file_of_a_message_alone_without_any_import_passes_too(tmp_path: Path, buf: str) -> None:
    schema = team(
        tmp_path, 'syntax = "proto3";\n\npackage acme.v1;\n\n// A user.\nmessage User {\n  string ssn = 1;\n}\n'
    )
    annotate(tmp_path).write()
    assert "level: HIGH" in schema.read_text()
    assert run(buf, tmp_path, "format", "--diff", "--exit-code") == (0, "")


def test_a_second_run_changes_nothing_vendored_files_included(tmp_path: Path, buf: str) -> None:
    schema = team(tmp_path)
    vendored = tmp_path / "third_party" / DEFINITIONS
    vendored.parent.mkdir(parents=True)
    vendored.write_bytes((bundled_roots()[0] / DEFINITIONS).read_bytes())
    other = tmp_path / "third_party" / "vendor" / "v1" / "person.proto"
    other.parent.mkdir(parents=True)
    other.write_text('syntax = "proto3";\n\npackage vendor.v1;\n\nmessage Person {\n  string ssn = 1;\n}\n')
    annotate(tmp_path).write()
    files = {path: path.read_bytes() for path in tmp_path.rglob("*.proto")}
    assert b"level: HIGH" in files[schema] and b"level: HIGH" in files[other]
    assert files[vendored] == (bundled_roots()[0] / DEFINITIONS).read_bytes()
    said = annotate(tmp_path).write()
    assert len(said) == 1 and said[0].startswith("nothing to mark")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.proto")} == files


def test_other_teams_keep_one_line_a_field(tmp_path: Path) -> None:
    schema = team(tmp_path)
    (tmp_path / "buf.yaml").unlink()
    annotate(tmp_path).write()
    assert '[(companion.pii.v1.field) = { level: MEDIUM, type: "EMAIL_PERSONAL", ' in schema.read_text()


def test_a_configuration_counts_from_any_folder_above(tmp_path: Path) -> None:
    schema = team(tmp_path)
    assert uses_buf(schema)
    (tmp_path / "buf.yaml").unlink()
    assert not uses_buf(schema)


@pytest.mark.parametrize(
    ("option", "wanted"),
    [
        (b"(x) = { level: LOW }", b"(x) = {level: LOW}"),
        (b"(x) = { level: LOW, protect: [MASK] }", b"(x) = {\n  level: LOW\n  protect: [MASK]\n}"),
        (b'(x) = { type: "a, b: [c]", by: "d" }', b'(x) = {\n  type: "a, b: [c]"\n  by: "d"\n}'),
        (b"(x) = true", b"(x) = true"),
    ],
)
def test_a_literal_is_spread_over_lines(option: bytes, wanted: bytes) -> None:
    assert spread(option, b"") == wanted


def test_an_import_comes_where_the_alphabet_wants_it() -> None:
    source = b'syntax = "proto3";\n\n/*\nimport "z.proto";\n*/\nimport "a.proto";\nimport "d.proto";\n'
    new = apply(source, BufLayout(source).after_imports(b'import "c.proto";'))
    assert new.endswith(b'import "a.proto";\nimport "c.proto";\nimport "d.proto";\n')
