"""The commands under `companion exercises`. What is heavy is imported when a command runs."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from companion.cli_output import refuse

if TYPE_CHECKING:
    from companion.exercises.authoring.assignment import Assignment
    from companion.exercises.grading.grade import GradeBook
    from companion.exercises.grading.report import Report
    from companion.exercises.grading.submissions import Student
    from companion.exercises.sandbox.isolation import Isolation

app = typer.Typer(no_args_is_help=True, help="Hand out the chapters' exercises to a class, and grade the answers.")

Only = Annotated[
    list[str] | None, typer.Option("--only", help="A chapter's number or name; may be repeated.", metavar="CHAPTER")
]
Variant = Annotated[
    str | None,
    typer.Option("--variant", help="Draw other numbers from this seed, a word or a number.", metavar="SEED"),
]
Secret = Annotated[
    Path | None,
    typer.Option("--secret", help="Make the hidden cases from what only this file holds, too.", metavar="FILE"),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="How many answers run at once.")]
CORES = min(64, os.cpu_count() or 2)


@app.command()
def release(
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.", metavar="DIR")],
    only: Only = None,
    variant: Variant = None,
    secret: Secret = None,
    jobs: Jobs = CORES,
) -> None:
    """Write notebooks for the students into DIR/students, and the answer books into DIR/answers.

    A variant protects from copied results: the numbers that an exercise gives are others than in the page, and those
    of the hidden cases too. It does not protect from copied programs: the book's solutions are public, and right for
    all numbers. Who knows the variant can work out the hidden cases, unless they are made from a secret: with --secret
    FILE, which is made if it is not there, nobody can without that file. Keep it, and give it to `grade`.

    Every solution is run against its check first, and so are answers that must fail; if one does not come out as it
    should on this variant, nothing is written and the exit status is 1.

    Example: `companion exercises release --out autumn --only 18 --variant 2026 --secret secret.txt`
    """
    _need_forks()
    from companion.exercises.authoring.assignment import read_secret
    from companion.exercises.authoring.output_folder import check_folder
    from companion.exercises.authoring.release import MARKER, try_checks, write_release
    from companion.exercises.sandbox.isolation import UNPROTECTED
    from companion.exercises.sandbox.probe import find_isolation
    from companion.notebooks import BookError

    try:
        check_folder(out, MARKER)
        assignments = _assignments(only, variant, read_secret(secret, make=True) if secret else "")
        if not assignments:
            raise BookError("these chapters have no exercises")
        isolation = find_isolation()
        failed = try_checks(assignments, isolation if isolation.enough else UNPROTECTED, jobs)
        for one in failed:
            _say(one)
        if failed:
            _say("nothing was written; choose another --variant, or mend the exercise")
            raise typer.Exit(1)
        for name in write_release(out, assignments):
            typer.echo(out / name)
    except BookError as error:
        refuse("exercises", str(error))


@app.command()
def grade(
    places: Annotated[
        list[Path],
        typer.Argument(help="A student's folder, a folder of such folders, or a notebook.", metavar="DIR..."),
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder for grades and feedback.", metavar="REPORT")],
    only: Only = None,
    variant: Variant = None,
    secret: Secret = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.1, help="Processor time for every exercise, in place of its own.")
    ] = None,
    unprotected: Annotated[
        bool,
        typer.Option("--unprotected", help="Run answers as yourself, isolated by nothing, if you trust them all."),
    ] = False,
    json_file: Annotated[
        str, typer.Option("--json", help="Write everything as JSON, too; - is stdout.", metavar="FILE|-")
    ] = "",
    jobs: Jobs = CORES,
) -> None:
    """Grade what students handed in: REPORT/grades.csv, REPORT/report.md, and feedback for each student.

    Answers run in a sandbox of layers (another user, namespaces, Landlock, a filter of system calls), whichever this
    system gives; the report says which. Hidden tests run in a process that no answer can reach. Without --only, the
    chapters are those that somebody handed in. The exit status is 1 if a notebook was unreadable, or an exercise could
    not be graded on this system; wrong answers are nothing wrong.

    Example: `companion exercises grade handed-in --out report --only 18 --variant 2026 --secret secret.txt`
    """
    _need_forks()
    from companion.exercises.authoring.assignment import read_secret
    from companion.exercises.authoring.output_folder import check_folder, write_folder
    from companion.exercises.grading.grade import chapters_handed_in
    from companion.exercises.grading.report import MARKER, Report
    from companion.exercises.grading.submissions import find_students
    from companion.exercises.sandbox.runner import exposed
    from companion.notebooks import BookError

    try:
        check_folder(out, MARKER)
        isolation = _isolation(unprotected)
        students = find_students(places)
        assignments = _assignments(only, variant, read_secret(secret, make=False) if secret else "")
        if not only:
            assignments = chapters_handed_in(students, assignments)
        if not assignments:
            raise BookError(f"{places[0]}: no notebook here belongs to a chapter with exercises; name one with --only")
        book = _grade(students, assignments, isolation, seconds, jobs)
        open_to_all = exposed([*(one.source for one in assignments), *places, out, *([secret] if secret else [])])
        warnings = [
            f"{place} lies in a folder of Python or the system, which answers can read" for place in open_to_all
        ]
        book = replace(book, warnings=[*book.warnings, *warnings])
        report = Report(book, isolation, variant)
        write_folder(out, MARKER, report.files())
        _print(report, out, json_file)
    except BookError as error:
        refuse("exercises", str(error))
    except OSError as error:
        refuse("exercises", f"{error.filename or '--json'}: {error.strerror}")
    if book.ungraded:
        raise typer.Exit(1)


def _need_forks() -> None:
    if not hasattr(os, "fork"):
        refuse("exercises", "exercises are run on Linux, or with less protection on macOS; on Windows, use WSL")


def _isolation(unprotected: bool) -> Isolation:
    from companion.exercises.sandbox.isolation import UNPROTECTED
    from companion.exercises.sandbox.probe import find_isolation

    if unprotected:
        _say("--unprotected: answers run as you, and can do whatever you can")
        return UNPROTECTED
    isolation = find_isolation()
    if not isolation.enough:
        refuse(
            "exercises",
            "this system cannot isolate answers (needed: Linux with root, user namespaces or Landlock); "
            "grade in a container or virtual machine, or pass --unprotected if you trust every answer",
        )
    return isolation


def _grade(
    students: list[Student], assignments: list[Assignment], isolation: Isolation, seconds: float | None, jobs: int
) -> GradeBook:
    from rich.console import Console
    from rich.progress import Progress

    from companion.exercises.grading.grade import grade as grade_all

    total = len(students) * sum(len(one.exercises) for one in assignments)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("grading", total=total)
        return grade_all(
            students, assignments, isolation, seconds=seconds, jobs=jobs, progress=lambda _: progress.advance(bar)
        )


def _print(report: Report, out: Path, json_file: str) -> None:
    if json_file == "-":
        sys.stdout.write(report.json() + "\n")
        return
    if json_file:
        Path(json_file).write_text(report.json() + "\n", "utf-8")
    counts = Counter(one.verdict for one in report.book.grades)
    for name in ("grades.csv", "report.md", "feedback"):
        typer.echo(out / name)
    _say(", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()))
    _say(f"isolation of each answer: {report.isolation.line}")
    for sentence in [*report.isolation.remains, *report.book.warnings]:
        _say(sentence)


def _assignments(only: list[str] | None, variant: str | None, secret: str) -> list[Assignment]:
    from companion.exercises.authoring.assignment import assignment
    from companion.notebooks import find_book, pick_chapters

    paths = sorted((find_book() / "chapters").glob("*.ipynb"))
    found = [assignment(path, variant, secret) for path in pick_chapters(paths, only or [])]
    return [one for one in found if one.exercises]


def _say(text: str) -> None:
    typer.echo(text, err=True)
