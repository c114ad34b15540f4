"""Schemas that nobody wrote in good faith: each is one clear line, and the file beside it is judged all the same."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from companion.cli import app

COMPANION = Path(sys.executable).with_name("companion")
GOOD = 'syntax = "proto3";\npackage good;\nmessage Person {\n  string ssn = 1;\n}\n'
SECONDS = 60


@dataclass(frozen=True)
class Ran:
    """What a run of the command said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()

    @property
    def fields(self) -> list[str]:
        return [f"{each['message']}.{each['field']}" for each in json.loads(self.out)["fields"]]


def run(folder: Path, *words: str, apart: bool = False) -> Ran:
    """Run a command in `folder`; `apart`, in a process of its own, what may hang or spoil a terminal."""
    if apart:
        done = subprocess.run([COMPANION, "pii", *words], cwd=folder, capture_output=True, timeout=SECONDS, check=False)
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err, err
        return Ran(done.returncode, out, err)
    with contextlib.chdir(folder):
        found = CliRunner(env={"COLUMNS": "120"}).invoke(app, ["pii", *words])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return Ran(found.exit_code, found.stdout, found.stderr)


def seen(folder: Path) -> dict[str, str]:
    """Everything on the disk, by its hash."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with one good schema, which every scan must judge."""
    (tmp_path / "good.proto").write_text(GOOD)
    (tmp_path / ".git").mkdir()  # its root: nothing above is looked at
    return tmp_path


def scan(folder: Path, *words: str, apart: bool = False) -> Ran:
    """Scan the folder; nothing on the disk changes, and the good schema is judged."""
    before = seen(folder)
    found = run(folder, "scan", ".", "--json", "-", *words, apart=apart)
    assert seen(folder) == before
    assert "Person.ssn" in found.fields
    return found


# ------------------------------------------------------------------------------------------------- malformed schemas

HEAD = 'syntax = "proto3";\n'
MALFORMED: dict[str, tuple[str, int | None]] = {
    "a brace that is never closed": (HEAD + "message A {\n  string b = 1;\n", 4),
    "a brace too many": (HEAD + "message A {}\n}\n", 3),
    "a field without a number": (HEAD + "message A {\n  string b;\n}\n", 3),
    "a field without a name": (HEAD + "message A {\n  string = 1;\n}\n", 3),
    "a field number that is there twice": (HEAD + "message A {\n  string b = 1;\n  string c = 1;\n}\n", 4),
    "a field name that is there twice": (HEAD + "message A {\n  string b = 1;\n  string b = 2;\n}\n", 4),
    "a field number of nothing": (HEAD + "message A {\n  string b = 0;\n}\n", 3),
    "a field number of forty digits": (HEAD + f"message A {{\n  string b = {'9' * 40};\n}}\n", 3),
    "a field number beyond what is allowed": (HEAD + "message A {\n  string b = 536870912;\n}\n", 3),
    "a type that is not there": (HEAD + "message A {\n  Nothing b = 1;\n}\n", 3),
    "a string that is never closed": ('syntax = "proto3\nmessage A {}\n', 1),
    "a comment that is never closed": (HEAD + "message A {}\n/* and so on\n", 4),
    "a syntax of the future": ('syntax = "proto9";\nmessage A {}\n', 1),
    "an option of no meaning": (HEAD + "message A {\n  string b = 1 [(none) = true];\n}\n", 3),
    "an enum without values": (HEAD + "enum A {\n}\nmessage B { A a = 1; }\n", 2),
    "another language": ("def main():\n    print('hello')\n", 1),
    "a page of HTML": ("<!DOCTYPE html>\n<html></html>\n", 1),
    "a message called like a keyword without braces": (HEAD + "message message message\n", 2),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_schema_is_one_line_with_its_place(folder: Path, name: str) -> None:
    content, line = MALFORMED[name]
    (folder / "bad.proto").write_text(content)
    found = scan(folder)
    (said,) = [each for each in found.lines if each.startswith("bad.proto")]
    if "warning" in said:  # protoc refuses it, and it can be read in part
        assert found.status == 0
    else:
        assert found.status == 2
    assert said.startswith(f"bad.proto:{line}: ")
    assert len(found.lines) == 1


# ------------------------------------------------------------------------------------------------- imports


def test_a_cycle_of_imports_is_named(folder: Path) -> None:
    (folder / "a.proto").write_text(HEAD + 'import "b.proto";\nmessage A { string email = 1; }\n')
    (folder / "b.proto").write_text(HEAD + 'import "a.proto";\nmessage B { string email = 1; }\n')
    found = scan(folder)
    assert found.status == 2
    assert any("imports itself" in line for line in found.lines)
    assert all(line.startswith(("a.proto:2: ", "b.proto:2: ")) for line in found.lines)
    assert "companion/files" not in found.err


def test_a_schema_that_imports_itself_is_named(folder: Path) -> None:
    (folder / "a.proto").write_text(HEAD + 'import "a.proto";\nmessage A { string email = 1; }\n')
    found = scan(folder)
    assert found.status == 2
    assert [line for line in found.lines if line.startswith("a.proto:2: ")] == found.lines


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "../secret.proto", "a\\\\b.proto", "", "."])
def test_an_import_leads_nowhere_outside(folder: Path, name: str) -> None:
    (folder.parent / "secret.proto").write_text(HEAD + "message Secret { string password = 1; }\n")
    (folder / "a.proto").write_text(HEAD + f'import "{name}";\nmessage A {{ string email = 1; }}\n')
    found = scan(folder)
    assert "root:" not in found.out + found.err
    assert "Secret" not in found.out
    assert any(line.startswith("a.proto:2: ") for line in found.lines)
    assert found.status in (0, 2)


def test_a_thousand_imports_that_are_missing_are_a_few_lines(folder: Path) -> None:
    lines = "".join(f'import "gone/number_{n}.proto";\n' for n in range(1000))
    (folder / "a.proto").write_text(HEAD + lines + "message A { string email = 1; gone.Thing thing = 2; }\n")
    found = scan(folder)
    assert found.status == 0
    assert {"A.email", "A.thing"} <= set(found.fields)
    assert len(found.lines) < 30
    assert "more warnings" in found.lines[-1]
    assert len(json.loads(found.out)["summary"]["problems"]) == 1000


def test_one_missing_import_of_many_files_is_one_line(folder: Path) -> None:
    for n in range(40):
        (folder / f"a{n}.proto").write_text(HEAD + f'import "gone.proto";\nmessage A{n} {{ string email = 1; }}\n')
    found = scan(folder)
    (said,) = found.lines
    assert 'import "gone.proto" was not found' in said and "and in 39 more places" in said
    assert len(found.fields) == 41


# ------------------------------------------------------------------------------------------------- what is in a file


@pytest.mark.parametrize(
    "content", [b"\x7fELF\0\0\0", b"\x89PNG\r\n\x1a\n\0", b"\0" * 4096, os.urandom(20_000) + b"\0"]
)
def test_a_binary_file_is_named(folder: Path, content: bytes) -> None:
    (folder / "bad.proto").write_bytes(content)
    found = scan(folder)
    assert found.status == 2
    (said,) = found.lines
    assert said.startswith("bad.proto:") and "binary" in said


def test_a_file_of_ten_megabytes_is_named_and_not_read(folder: Path) -> None:
    (folder / "bad.proto").write_bytes(HEAD.encode() + b"// and so on\n" * 800_000)
    found = scan(folder)
    assert (found.status, len(found.lines)) == (2, 1)
    assert found.lines[0].startswith("bad.proto: ") and "5 MB" in found.lines[0]


def test_a_comment_of_a_megabyte_is_read(folder: Path) -> None:
    (folder / "long.proto").write_text(HEAD + f"message A {{\n  // {'and so on ' * 100_000}\n  string email = 1;\n}}\n")
    found = scan(folder)
    assert (found.status, found.err) == (0, "")
    assert "A.email" in found.fields


def test_text_that_is_not_utf8_is_read(folder: Path) -> None:
    (folder / "old.proto").write_bytes(
        HEAD.encode() + "// Prénom\nmessage A {\n  string email = 1;\n}\n".encode("latin-1")
    )
    found = scan(folder)
    assert (found.status, found.err) == (0, "")
    assert "A.email" in found.fields


def test_a_name_that_is_not_utf8_is_refused_in_one_line(folder: Path) -> None:
    (folder / "bad.proto").write_bytes(HEAD.encode() + b"message A {\n  string pr\xe9nom = 1;\n}\n")
    found = scan(folder)
    assert (found.status, len(found.lines)) == (2, 1)
    assert found.lines[0].startswith("bad.proto:3: ")


@pytest.mark.parametrize("content", ["", "\n\n\n", "// nothing\n", HEAD])
def test_an_empty_schema_is_no_fault(folder: Path, content: str) -> None:
    (folder / "empty.proto").write_text(content)
    found = scan(folder)
    assert (found.status, found.err) == (0, "")


def test_an_empty_schema_alone_is_said_to_have_no_fields(tmp_path: Path) -> None:
    (tmp_path / "empty.proto").write_text("")
    found = run(tmp_path, "scan", "empty.proto")
    assert found.status == 0
    assert found.out == "judged nothing: no fields in 1 file\n"


def test_twenty_thousand_nested_braces_spoil_no_other_file(folder: Path) -> None:
    (folder / "bad.proto").write_text(HEAD + "message A {" * 20_000 + "}" * 20_000)
    found = scan(folder, apart=True)
    assert (found.status, len(found.lines)) == (2, 1)
    assert found.lines[0].startswith("bad.proto:2: ")


@pytest.mark.parametrize("opening", ["{", "[", "(", "<", "option (a) = {", "oneof a {"])
def test_twenty_thousand_of_any_bracket_spoil_no_other_file(folder: Path, opening: str) -> None:
    (folder / "bad.proto").write_text(HEAD + "message A {\n  string a = 1 [(b) = " + opening * 20_000)
    found = scan(folder)
    assert found.status == 2
    assert all(line.startswith("bad.proto") for line in found.lines) and len(found.lines) == 1


def test_messages_forty_deep_are_read_or_named(folder: Path) -> None:
    opening = "".join(f"message M{n} {{ string email = 1; " for n in range(40))
    (folder / "deep.proto").write_text(HEAD + opening + "}" * 40 + "\n")
    found = scan(folder)
    assert (found.status, len(found.lines)) == (2, 1)
    assert found.lines[0].startswith("deep.proto:2: ") and "recursion" in found.lines[0]


def test_messages_that_hold_each_other_end(folder: Path) -> None:
    (folder / "round.proto").write_text(HEAD + "message A { B b = 1; }\nmessage B { A a = 1; string ssn = 2; }\n")
    found = scan(folder)
    assert (found.status, found.err) == (0, "")


def test_a_chain_of_a_hundred_messages_ends(folder: Path) -> None:
    chain = "".join(f"message M{n} {{ M{n + 1} next = 1; }}\n" for n in range(100))
    calls = "service S { rpc Get(M0) returns (M0); rpc List(M1) returns (stream M0); }\n"
    (folder / "chain.proto").write_text(HEAD + chain + "message M100 { string ssn = 1; }\n" + calls)
    found = scan(folder)
    assert (found.status, found.err) == (0, "")
    assert len(found.fields) == 102


def test_two_thousand_options_that_nobody_defines_are_passed_over(folder: Path) -> None:
    fields = "".join(f"  string email_{n} = {n + 1} [(gone.a) = 1, (gone.b).c = {{x: [1, 2]}}];\n" for n in range(2000))
    (folder / "a.proto").write_text(HEAD + 'import "gone.proto";\nmessage A {\n' + fields + "}\n")
    found = scan(folder)
    assert found.status == 0
    assert len(found.fields) == 2001


def test_names_and_comments_reach_no_terminal_as_they_are(folder: Path) -> None:
    (folder / "[red]a\x1b[31m\n.proto").write_text(HEAD + "message A {\n  string b\n}\n")
    (folder / "b.proto").write_text(
        HEAD + "message B {\n  // \x1b]0;title\x07 password [bold]x[/bold]\n  string password = 1;\n}\n"
    )
    found = run(folder, "scan", ".", apart=True)
    assert found.status == 2
    assert "\x1b" not in found.out + found.err
    assert len(found.lines) == 1 and "[red]a" in found.lines[0]
    explained = run(folder, "scan", ".", "--explain", "password")
    assert "\x1b" not in explained.out + explained.err
    assert "[bold]x[/bold]" in explained.out


# ------------------------------------------------------------------------------------------------- what is no file


def test_loops_of_links_are_named_or_passed_over(folder: Path) -> None:
    (folder / "loop.proto").symlink_to("loop.proto")
    (folder / "one.proto").symlink_to("two.proto")
    (folder / "two.proto").symlink_to("one.proto")
    (folder / "below").mkdir()
    (folder / "below" / "above").symlink_to("..")
    found = scan(folder)
    assert found.status == 2
    assert sorted(line.partition(":")[0] for line in found.lines) == ["loop.proto", "one.proto", "two.proto"]
    assert all("link" in line for line in found.lines)


LINK = "a symbolic link to nowhere.proto, where there is nothing; --exclude leaves it out"


def test_a_link_to_nowhere_is_named(folder: Path) -> None:
    (folder / "bad.proto").symlink_to("nowhere.proto")
    found = scan(folder)
    assert (found.status, found.lines) == (2, [f"bad.proto: {LINK}"])


def test_a_pipe_holds_nothing_up(folder: Path) -> None:
    os.mkfifo(folder / "bad.proto")
    found = scan(folder, apart=True)
    assert (found.status, found.lines) == (2, ["bad.proto: not a regular file"])


def test_a_pipe_that_is_imported_holds_nothing_up(folder: Path) -> None:
    (folder / "below").mkdir()
    os.mkfifo(folder / "below" / "pipe.proto")
    (folder / "a.proto").write_text(HEAD + 'import "below/pipe.proto";\nmessage A { string email = 1; }\n')
    found = scan(folder, apart=True)
    assert found.status == 2
    assert "A.email" in found.fields


def test_a_folder_called_like_a_schema_is_searched(folder: Path) -> None:
    (folder / "bad.proto").mkdir()
    found = scan(folder)
    assert (found.status, found.err) == (0, "")


@pytest.mark.parametrize("name", ["--help.proto", "-x.proto", "--fail-on.proto", "@file.proto", "a b.proto", "-"])
def test_a_file_called_like_an_option_is_a_file(folder: Path, name: str) -> None:
    (folder / name).write_text(HEAD + "message A { string email = 1; }\n")
    found = scan(folder) if name.endswith(".proto") else run(folder, "scan", "--json", "-", "--", name)
    assert (found.status, found.err) == (0, "")
    assert "A.email" in found.fields
    named = run(folder, "scan", "--json", "-", "--", name)
    assert (named.status, named.fields) == (0, ["A.email"])


def test_a_file_called_like_an_option_may_be_broken(folder: Path) -> None:
    (folder / "-I.proto").write_text("message A {\n")
    found = scan(folder)
    assert found.status == 2
    assert found.lines[0].startswith("-I.proto:")


def test_what_may_not_be_read_is_named(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0)
    (folder / "bad.proto").write_text(GOOD)
    (folder / "bad.proto").chmod(0)
    if os.access(folder / "bad.proto", os.R_OK):
        pytest.skip("root may read everything")
    found = run(folder, "scan", ".", "closed", "--json", "-")
    (folder / "closed").chmod(0o700)
    assert (found.status, found.fields) == (2, ["Person.ssn"])
    assert {line.partition(":")[0] for line in found.lines} == {"closed", "bad.proto"}


@pytest.mark.parametrize("name", ["nowhere", "nowhere.proto", "good.proto/inside", "a" * 5000, ""])
def test_a_path_that_does_not_exist_is_named(folder: Path, name: str) -> None:
    found = scan(folder, name)
    assert (found.status, len(found.lines)) == ((0, 0) if name == "" else (2, 1))


def test_a_folder_without_schemas_is_no_green_scan(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Nothing\n")
    found = run(tmp_path, "scan", ".")
    assert found.status == 2
    assert found.lines == [".: no schemas (*.proto) here"]
    assert "judged nothing" in found.out


# ------------------------------------------------------------------------------------------------- what is given beside

BOMB = "version: '1'\n" + "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)  # fmt: skip
RULES: dict[str, str | bytes] = {
    "no YAML": "rules: [\n",
    "a list": "- a\n",
    "nothing": "",
    "a key of no meaning": "version: '1'\nrulez: []\n",
    "a level of no meaning": "version: '1'\nrules:\n  - {id: a, type: A, level: GREAT, why: x, names: [a]}\n",
    "a bomb of aliases": BOMB,
    "a bomb of aliases where names are": BOMB.replace("a0: &a0", "open_boxes: &a0", 1),
    "an object of Python": "!!python/object/apply:os.system ['touch owned']\n",
    "a binary file": b"\0\xff\xfe",
    "nothing but brackets": "[" * 50_000,
}


@pytest.mark.parametrize("name", RULES)
def test_rules_that_are_none_are_one_line(folder: Path, name: str) -> None:
    content = RULES[name]
    (folder / "own.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    found = run(folder, "scan", ".", "--rules", "own.yaml", apart=name.startswith(("a bomb", "nothing but")))
    assert found.status == 2
    (said,) = found.lines
    assert "own.yaml" in said and len(said) < 1000
    assert not (folder / "owned").exists()


@pytest.mark.parametrize("option", ["--rules", "--baseline"])
@pytest.mark.parametrize("name", ["nowhere", ".", "pipe"])
def test_a_file_that_is_none_is_one_line(folder: Path, option: str, name: str) -> None:
    if name == "pipe":
        os.mkfifo(folder / "pipe")
    found = run(folder, "scan", ".", option, name, apart=name == "pipe")
    assert (found.status, len(found.lines)) == (2, 1)
    assert name in found.lines[0]


BASELINES = {
    "no JSON": "{",
    "a list": "[]",
    "nothing": "",
    "another object": '{"a": 1}',
    "deeply nested": "[" * 100_000,
    "an entry without a reason": '{"accepted": [{"file": "good.proto", "message": "Person", "field": "ssn"}]}',
    "a report of nothing": '{"fields": 3, "summary": {"rules_version": "1"}}',
    "numbers for texts": '{"accepted": [{"file": 1, "message": 2, "field": 3, "sensitivity": 4}]}',
}


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_that_is_none_is_one_line(folder: Path, name: str) -> None:
    (folder / "base.json").write_text(BASELINES[name])
    found = run(folder, "scan", ".", "--baseline", "base.json", apart=name == "deeply nested")
    assert (found.status, len(found.lines)) == (2, 1)
    assert "base.json" in found.lines[0]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a repository with one commit."""
    (tmp_path / "good.proto").write_text(GOOD)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    return tmp_path


@pytest.mark.parametrize(
    "ref", ["--output=owned", "-x", "--upload-pack=touch owned", "", "nothing", "HEAD:good.proto", "a\nb", "HEAD~9"]
)
@pytest.mark.parametrize("option", ["--ref", "--changed-since"])
def test_what_is_no_commit_is_one_line(repository: Path, option: str, ref: str) -> None:
    found = run(repository, "scan", ".", f"{option}={ref}")
    assert (found.status, len(found.lines)) == (2, 1)
    assert not (repository / "owned").exists()


def test_a_commit_without_a_repository_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "good.proto").write_text(GOOD)
    found = run(tmp_path, "scan", ".", "--ref", "HEAD")
    assert (found.status, found.lines) == (2, ["companion pii: .: not in a git repository"])


def test_a_link_in_a_commit_is_not_followed(repository: Path, tmp_path: Path) -> None:
    (repository / "link.proto").symlink_to("/etc/passwd")
    git = ["git", "-C", str(repository), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["add", "."], ["commit", "-q", "-m", "two"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    found = run(repository, "scan", ".", "--ref", "HEAD", "--json", "-")
    assert (found.status, found.fields) == (0, ["Person.ssn"])


# ------------------------------------------------------------------------------------------------- the other commands


@pytest.mark.parametrize(
    "words", [["annotate", "."], ["annotate", ".", "--diff"], ["annotate", ".", "--check"], ["inventory", "."]]
)
def test_the_other_commands_name_what_they_cannot_read(folder: Path, words: list[str]) -> None:
    (folder / "bad.proto").write_text("message A {\n")
    os.mkfifo(folder / "pipe.proto")
    found = run(folder, *words, apart=True)
    assert found.status == 2
    assert {"bad.proto", "pipe.proto"} <= {line.partition(":")[0] for line in found.lines}
    assert (folder / "bad.proto").read_text() == "message A {\n"


@pytest.mark.parametrize("make", [lambda folder: "nowhere/report.json", lambda folder: str(folder)])
@pytest.mark.parametrize("option", ["--json", "--sarif", "--markdown"])
def test_a_report_that_cannot_be_written_is_one_line(folder: Path, option: str, make: Callable[[Path], str]) -> None:
    found = run(folder, "scan", ".", option, make(folder))
    assert (found.status, len(found.lines)) == (2, 1)
    assert option in found.lines[0]
