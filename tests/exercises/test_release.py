"""What is handed out: the same for the same seed, and nothing in it that gives an answer away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from companion.exercises.authoring.assignment import assignment, read_secret
from companion.exercises.authoring.decoys import decoys
from companion.exercises.authoring.release import try_checks, write_release
from companion.exercises.authoring.variant import check_seed, choices, redraw
from companion.notebooks import BookError


def released(classroom: Any, name: str, *words: str) -> Path:
    out: Path = classroom.root / name
    done = classroom.command("release", "--out", str(out), *words)
    assert done.returncode == 0, done.stderr
    return out


def test_the_students_notebook_gives_nothing_away(classroom: Any, tools: Any) -> None:
    out = released(classroom, "out", "--variant", "a secret seed")
    text = (out / "students" / f"{tools.CHAPTER}.ipynb").read_text("utf-8")
    for exercise in classroom.assignment().exercises:
        solution = exercise.answer.source.split("### BEGIN SOLUTION")[1].split("### END SOLUTION")[0]
        for line in filter(None, map(str.strip, solution.splitlines())):
            if len(line) > 5 and line not in exercise.check.source:
                assert json.dumps(line)[1:-1] not in text, line
        for line in exercise.check.source.partition("### BEGIN HIDDEN TESTS")[2].splitlines():
            if len(line.strip()) > 15:
                assert json.dumps(line.strip())[1:-1] not in text, line
    for word in ("SOLUTION", "HIDDEN", "secret", "an output of the solution", "vary", "a secret seed"):
        assert word not in text, word
    content = json.loads(text)
    assert all(cell.get("outputs", []) == [] for cell in content["cells"])
    assert all(cell.get("execution_count") is None for cell in content["cells"])


def test_the_students_notebook_has_everything_they_need(classroom: Any, tools: Any) -> None:
    content = json.loads((released(classroom, "out") / "students" / f"{tools.CHAPTER}.ipynb").read_text("utf-8"))
    sources = {cell["id"]: "".join(cell["source"]) for cell in content["cells"]}
    assert list(sources)[:3] == ["title", "how", "parameters"]
    for word in ("README.md", "YOUR ANSWER HERE", "`90-small.ipynb`", "no zip"):
        assert word in sources["how"]
    assert sources["parameters"] == "seed = 11"
    assert sources["border-task"].startswith("### Exercise 1") and "<details>" in sources["border-hint"]
    assert sources["waits-answer"].splitlines()[-2:] == [
        "    # YOUR ANSWER HERE", '    raise NotImplementedError("your answer is missing")']  # fmt: skip
    assert sources["border-check"].endswith('nobody could ask for anything"')
    graded = {cell["id"]: cell["metadata"]["nbgrader"] for cell in content["cells"] if "nbgrader" in cell["metadata"]}
    assert graded["border-check"]["points"] == 2 and graded["border-answer"]["solution"] is True
    assert not [cell for cell in content["cells"] if "hide-input" in cell["metadata"].get("tags", [])]


def test_the_answer_book_has_solutions_and_hidden_tests(classroom: Any, tools: Any) -> None:
    out = released(classroom, "out", "--variant", "x")
    text = (out / "answers" / f"{tools.CHAPTER}.ipynb").read_text("utf-8")
    assert "BEGIN SOLUTION" in text and "secret_border" in text and "variant `x`" in text


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_numbers(classroom: Any, tools: Any) -> None:
    texts = {}
    for name, seed in (("one", "1"), ("again", "1"), ("two", "2")):
        write_release(classroom.root / name, [classroom.assignment(seed)])
        folder = classroom.root / name
        texts[name] = {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.*"))}
    assert texts["one"] == texts["again"] != texts["two"]


@pytest.mark.parametrize("hash_seed", ["1", "77"])
def test_draws_do_not_depend_on_the_hash_seed(hash_seed: str, classroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", hash_seed)
    out = released(classroom, "out", "--variant", "autumn", "--only", "90")
    cells = json.loads((out / "students" / "90-small.ipynb").read_text("utf-8"))["cells"]
    givens = next("".join(cell["source"]) for cell in cells if cell["id"] == "border-givens")
    assert givens == classroom.assignment("autumn").givens["border"]


def test_a_variant_never_keeps_a_number_if_another_is_possible() -> None:
    source = "# é\nload = 55.0  # requests/s\nretries: int = 2; name = 'é'\nfixed = [1, 2]\n"
    vary = {"load": [40.0, 55.0, 90], "retries": {"low": 1, "high": 3}, "name": ["é", "ü"]}
    seen = set()
    for seed in range(40):
        drawn = redraw(source, vary, str(seed), "c", "e")
        names: dict[str, Any] = {}
        exec(drawn, names)
        assert names["load"] in (40.0, 90.0) and type(names["load"]) is float
        assert names["retries"] in (1, 3) and type(names["retries"]) is int
        assert names["name"] == "ü" and names["fixed"] == [1, 2] and "# requests/s" in drawn
        seen.add((names["load"], names["retries"]))
    assert len(seen) == 4


def test_ranges_of_steps_have_round_values() -> None:
    assert choices({"low": 0.1, "high": 0.5, "step": 0.1}, 0.2) == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert choices({"low": 1, "high": 5, "step": 2}, 3) == [1, 3, 5]
    for rule in ([], {"low": 1}, {"low": 3, "high": 1}, {"low": 0, "high": 1, "step": 0}, 7, {"low": 0, "high": 1e9}):
        with pytest.raises(ValueError, match=r"must be|values"):
            choices(rule, 3)
    with pytest.raises(ValueError, match="whole number"):
        choices([1.5, 2.5], 1)


def test_hidden_tests_get_another_seed_in_each_variant_and_exercise() -> None:
    seeds = {check_seed(variant, "c", exercise) for variant in (None, "1", "2") for exercise in ("a", "b")}
    assert len(seeds) == 6 and 11 not in seeds


def test_a_variant_whose_solution_fails_its_check_is_refused(classroom: Any, tools: Any, isolation: Any) -> None:
    bad = {**tools.EXERCISES["border"], "answer": "### BEGIN SOLUTION\nsafe_load = 16.0\n### END SOLUTION"}
    cells = tools.exercise_cells("border", bad, ["safe_load"], {"servers": [24]}, "91")
    classroom.chapter("91-bad", tools.notebook(cells))
    assert try_checks([classroom.assignment(None, "91-bad")], isolation) == []  # right for the committed numbers
    done = classroom.command("release", "--out", "out", "--only", "91", "--variant", "1")
    assert done.returncode == 1
    assert "91-bad: the solution of exercise border fails its check" in done.stderr
    assert not (classroom.root / "out").exists()


NEAR = {
    "task": "### Exercise 1: Twice\n\nWrite `twice(values)`.",
    "answer": "def twice(values):\n    ### BEGIN SOLUTION\n    return 2 * len(values)\n    ### END SOLUTION",
    "check": "assert twice([1, 2]) == 4\nassert 3 < twice([3, 4]) < 9",
}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", "that gives its first result whatever it is asked"),
        (
            "given = [5]\nassert twice(given) == 2 or not given",
            "that gives its first result, and empties what it is given",
        ),
        ("assert twice([5]) == 2", ""),
    ],
)
def test_a_check_that_a_frozen_answer_passes_is_refused(
    more: str, told: str, classroom: Any, tools: Any, isolation: Any
) -> None:
    cells = tools.exercise_cells("twice", {**NEAR, "check": f"{NEAR['check']}\n{more}"}, ["twice"], {}, "91")
    classroom.chapter("91-near", tools.notebook(cells))
    refused = try_checks([classroom.assignment(None, "91-near")], isolation)
    assert bool(refused) is bool(told) and told in " ".join(refused)
    assert all("91-near: an answer to exercise twice passes" in one for one in refused)


def test_an_exercise_that_asks_for_no_function_has_no_decoys(classroom: Any) -> None:
    assert {one.name: len(decoys(one)) for one in classroom.assignment().exercises} == {
        "border": 0, "waits": 2, "retry": 2, "cure": 0}  # fmt: skip


def test_hidden_cases_are_made_from_a_secret_and_nothing_else_is(classroom: Any, tmp_path: Path) -> None:
    made = read_secret(tmp_path / "secret.txt", make=True)
    assert made == read_secret(tmp_path / "secret.txt", make=True) == read_secret(tmp_path / "secret.txt", make=False)
    assert (tmp_path / "secret.txt").stat().st_mode & 0o077 == 0
    assert read_secret(tmp_path / "other.txt", make=True) != made and made not in (tmp_path / "secret.txt").read_text()
    (tmp_path / "empty.txt").touch()
    for name, why in (("empty.txt", "is empty"), ("none.txt", "cannot be read"), ("no/folder.txt", "cannot be read")):
        with pytest.raises(BookError, match=why):
            read_secret(tmp_path / name, make=name == "no/folder.txt")
    path = classroom.root / "chapters" / "90-small.ipynb"
    open_, closed = assignment(path, "7"), assignment(path, "7", made)
    assert open_.givens == closed.givens
    jobs = [[one.job(exercise, []).seed for exercise in one.exercises] for one in (open_, closed)]
    assert not {*jobs[0]} & {*jobs[1]}


def test_a_folder_of_somebody_elses_is_not_touched(classroom: Any) -> None:
    out = classroom.root / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years")
    for words in (("release", "--out", str(out)), ("grade", str(classroom.root), "--out", str(out))):
        done = classroom.command(*words)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and "did not make" in done.stderr
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_a_second_release_replaces_the_first(classroom: Any) -> None:
    out = released(classroom, "out", "--variant", "1")
    before = (out / "students" / "90-small.ipynb").read_bytes()
    (out / "students" / "own.txt").write_text("the teacher's")
    assert (released(classroom, "out", "--variant", "2") / "students" / "90-small.ipynb").read_bytes() != before
    assert (out / "students" / "own.txt").exists()
