"""What is handed out gives nothing away, and has all that students need."""

from __future__ import annotations

import json
from pathlib import Path

from companion.exercises.authoring.release import try_checks, write_release
from companion.exercises.sandbox.isolation import Isolation
from tests.exercises.classroom import (
    CHAPTER,
    EXERCISES,
    Class,
    exercise_cells,
    notebook,
)


def released(classroom: Class, name: str, variant: str | None = None) -> Path:
    out: Path = classroom.root / name
    write_release(out, [classroom.assignment(variant)])
    return out


def test_the_students_notebook_gives_nothing_away(classroom: Class) -> None:
    out = released(classroom, "out", "a secret seed")
    text = (out / "students" / f"{CHAPTER}.ipynb").read_text("utf-8")
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


def test_the_students_notebook_has_everything_they_need(classroom: Class) -> None:
    content = json.loads((released(classroom, "out") / "students" / f"{CHAPTER}.ipynb").read_text("utf-8"))
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


def test_the_answer_book_has_solutions_and_hidden_tests(classroom: Class) -> None:
    out = released(classroom, "out", "x")
    text = (out / "answers" / f"{CHAPTER}.ipynb").read_text("utf-8")
    assert "BEGIN SOLUTION" in text and "secret_border" in text and "variant `x`" in text


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_numbers(classroom: Class) -> None:
    texts = {}
    for name, seed in (("one", "1"), ("again", "1"), ("two", "2")):
        write_release(classroom.root / name, [classroom.assignment(seed)])
        folder = classroom.root / name
        texts[name] = {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.*"))}
    assert texts["one"] == texts["again"] != texts["two"]


def test_a_variant_whose_solution_fails_its_check_is_refused(classroom: Class, here: Isolation) -> None:
    bad = {**EXERCISES["border"], "answer": "### BEGIN SOLUTION\nsafe_load = 16.0\n### END SOLUTION"}
    cells = exercise_cells("border", bad, ["safe_load"], {"servers": [24]}, "91")
    classroom.chapter("91-bad", notebook(cells))
    assert try_checks([classroom.assignment(None, "91-bad")], here) == []  # right for the committed numbers
    done = classroom.command("release", "--out", "out", "--only", "91", "--variant", "1")
    assert done.returncode == 1
    assert "91-bad: the solution of exercise border fails its check" in done.stderr
    assert not (classroom.root / "out").exists()


def test_a_folder_of_somebody_elses_is_not_touched(classroom: Class) -> None:
    out = classroom.root / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years")
    for words in (("release", "--out", str(out)), ("grade", str(classroom.root), "--out", str(out))):
        done = classroom.command(*words)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and "did not make" in done.stderr
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_a_second_release_replaces_the_first(classroom: Class) -> None:
    out = released(classroom, "out", "1")
    before = (out / "students" / "90-small.ipynb").read_bytes()
    (out / "students" / "own.txt").write_text("the teacher's")
    assert (released(classroom, "out", "2") / "students" / "90-small.ipynb").read_bytes() != before
    assert (out / "students" / "own.txt").exists()
