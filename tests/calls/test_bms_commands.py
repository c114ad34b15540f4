"""`companion bms`: a template in, a map out, and back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from companion.calls.contracts.bms.screens import example
from companion.cli import app


def run(*arguments: str, given: str | bytes = "") -> tuple[int, str, str]:
    ran = CliRunner().invoke(app, ["bms", *arguments], input=given)
    return ran.exit_code, ran.stdout, ran.stderr


def test_the_example_of_the_help_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _, shown, _ = run("--help")
    assert "companion bms --example > customer.txt" in " ".join(re.sub(r"[│╭╮╰╯─]", "", shown).split())
    code, template, _ = run("--example")
    assert (code, template) == (0, example("customer.txt"))
    Path("customer.txt").write_text(template, "utf-8")
    code, screen, _ = run("customer.txt", "--render")
    assert code == 0 and screen.count("\n") == 24
    assert "    Customer number  ________\n" in screen


def test_a_map_goes_back_to_its_template() -> None:
    code, written, _ = run("-", given=example("customer.txt"))
    assert code == 0 and "LENGTH=00" in written
    assert run("-", "--back", given=written) == (0, example("customer.txt"), "")


def test_without_stoppers_fields_run_on_as_in_the_article() -> None:
    code, bare, _ = run("-", "--no-stoppers", given=example("customer.txt"))
    assert code == 0 and "LENGTH=00" not in bare
    _, screen, _ = run("-", "--no-stoppers", "--render", given=example("customer.txt"))
    assert "_" * 80 in screen
    _, screen, _ = run("-", "--back", "--render", given=example("article.bms"))
    assert screen.count("_") == 159


@pytest.mark.parametrize(
    ("arguments", "given", "error"),
    [
        ((), "", "give a FILE, or --example alone"),
        (("--example", "--back"), "", "give a FILE, or --example alone"),
        (("-", "--back", "--no-stoppers"), "", "a map has its own stoppers or none"),
        (("nowhere.txt",), "", "cannot read nowhere.txt: No such file"),
        ((".",), "", "cannot read .: "),
        (("-",), b"\xff", "- is no text in UTF-8"),
        (("-",), " Id__\nmap A\n", "stdin:1:4: field and label need a blank between"),
        (("-", "--back"), "MAP", "stdin:1:1: no operation"),
        (("-",), " " * 500_000, "stdin:1:1: "),
    ],
)
def test_what_cannot_be_read_is_one_line_and_exit_2(arguments: tuple[str, ...], given: str, error: str) -> None:
    code, shown, said = run(*arguments, given=given)
    assert (code, shown) == (2, "")
    assert said.startswith(f"companion bms: {error}") and said.count("\n") == 1


def test_what_a_map_says_of_looks_is_left_out_and_counted(tmp_path: Path) -> None:
    card = "A        DFHMDF POS=(1,1),LENGTH=1,COLOR=RED,ATTRB=(IC,UNPROT)"
    (tmp_path / "a.bms").write_text(f"M        DFHMSD TYPE=MAP\n         DFHMDI SIZE=(24,80)\n{card}\n")
    code, _, said = run(str(tmp_path / "a.bms"), "--back", "--render")
    assert code == 0
    assert "left out, as the screen here has no place for it: ATTRB IC 1 time, COLOR 1 time" in said
