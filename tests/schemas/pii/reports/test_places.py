"""A report means the same files, wherever it was written and wherever it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from companion.schemas.pii.reports.baseline import new_since, read_baseline, stale
from companion.schemas.pii.reports.earlier import read_earlier
from companion.schemas.pii.reports.places import place, places
from companion.schemas.pii.verdict import Scan, Verdict

FILES = ("protos/v1/user.proto", "protos/v1/order.proto", "other.proto")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository with three files, and go there."""
    made = tmp_path / "repo"
    for name in (*FILES, "ci/.keep", ".git/HEAD"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text("")
    monkeypatch.chdir(made)
    return made


def test_a_path_is_called_as_seen_from_here(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for said in ("protos/v1/user.proto", "./protos/v1/../v1/user.proto", str(root / "protos/v1/user.proto")):
        assert place(said) == "protos/v1/user.proto"
    monkeypatch.chdir(root / "protos")
    assert place("v1/user.proto") == "v1/user.proto"
    assert place(str(root / "other.proto")) == place("../other.proto") == (root / "other.proto").as_posix()


@pytest.mark.parametrize("here", [".", "protos", "protos/v1", "ci", ".."])
@pytest.mark.parametrize("report", ["b.json", "ci/b.json", "protos/b.json"])
@pytest.mark.parametrize("kind", ["relative", "absolute", "Windows", "of another machine", "of another Windows"])
def test_paths_from_the_root_hold_wherever_the_command_runs(
    here: str, report: str, kind: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / here)
    ways: dict[str, Callable[[str], str]] = {
        "relative": lambda name: name,
        "absolute": lambda name: str(root / name),
        "Windows": lambda name: name.replace("/", "\\"),
        "of another machine": lambda name: f"/builds/team/repo/{name}",
        "of another Windows": lambda name: "C:\\work\\repo\\" + name.replace("/", "\\"),
    }
    written = ways[kind]
    said = {written(name): name for name in FILES}
    found = places(said, root / report)
    assert found == {text: place(str(root / name)) for text, name in said.items()}


@pytest.mark.parametrize(
    ("written_in", "here", "scanned"),
    [("protos", "protos", "."), ("protos", ".", "protos"), ("protos/v1", ".", "protos/v1")],
)
def test_paths_from_below_hold_there_and_above(
    written_in: str, here: str, scanned: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / here)
    user = (root / "protos/v1/user.proto").relative_to(root / written_in).as_posix()
    assert places([user], root / "b.json", [Path(scanned)]) == {user: place(str(root / "protos/v1/user.proto"))}


def test_the_folder_with_most_of_the_files_is_meant_and_what_is_gone_from_it_is_gone(root: Path) -> None:
    (root / "protos" / "other.proto").write_text("")
    said = ["v1/user.proto", "v1/order.proto", "gone.proto", "other.proto"]
    found = places(said, root / "protos" / "b.json", [Path()])
    assert found == {name: f"protos/{name}" for name in said}


def test_a_file_of_the_same_name_below_is_another_one(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "protos" / "other.proto").write_text("")
    monkeypatch.chdir(root / "protos")
    assert places(["other.proto"], root / "b.json", [Path()]) == {"other.proto": (root / "other.proto").as_posix()}


@pytest.mark.parametrize("odd", ["a\0b", "x" * 10_000, "", "/", "\\", "../" * 50, "/gone/a.proto", "C:\\"])
def test_a_path_that_no_file_can_have_does_no_harm(odd: str, root: Path) -> None:
    found = places([odd, "other.proto"], root / "b.json")
    assert found["other.proto"] == "other.proto" and odd in found


def test_a_baseline_and_an_earlier_report_are_read_so(
    root: Path, verdict: Callable[..., Verdict], scan_of: Callable[..., Scan], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = {"file": "protos\\v1\\user.proto", "message": "Person", "field": "ssn", "sensitivity": "HIGH",
             "pii_type": "SSN", "reason": "a test number"}  # fmt: skip
    (root / "b.json").write_text(json.dumps({"accepted": [entry]}))
    (root / "r.json").write_text(json.dumps({"fields": [entry], "summary": {"rules_version": "1"}}))
    for here, path in (
        (".", "protos/v1/user.proto"), (".", str(root / "protos/v1/user.proto")), ("protos", "v1/user.proto"),
        ("protos/v1", "user.proto"), ("ci", "../protos/v1/user.proto"),
    ):  # fmt: skip
        monkeypatch.chdir(root / here)
        found = scan_of(verdict(path=path))
        for report in ("b.json", "r.json"):
            baseline = read_baseline(root / report)
            assert new_since(found, baseline) == [] and stale(found, baseline) == []
        assert [entry.file for entry in read_earlier(root / "r.json").entries] == [place(path)]
        assert len(new_since(scan_of(verdict(path=str(root / "other.proto"))), baseline)) == 1
