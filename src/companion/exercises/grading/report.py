"""What the teacher and the students read: a table, a page of results, feedback for each, and JSON for programs.

All that a student wrote (names, messages, prints) is made harmless for a spreadsheet and for Markdown first.
"""

from __future__ import annotations

import csv
import io
import json
import platform
import re
from collections import Counter
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from companion.exercises.grading.grade import GradeBook
from companion.exercises.grading.verdict import MEANING, Grade
from companion.exercises.sandbox.isolation import Isolation

MARKER = ".companion-grade.json"
LAST_LINES = 20
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Report:
    """All that is told about one grading."""

    book: GradeBook
    isolation: Isolation
    variant: str | None

    def files(self) -> dict[str, str]:
        """Give the report's files: texts by name."""
        files = {"grades.csv": self.csv(), "report.md": self.markdown()}
        for student, name in self._names().items():
            files[f"feedback/{name}.md"] = self.feedback(student)
        return files

    def csv(self) -> str:
        """Give the grades as a table for a spreadsheet."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["student", "chapter", "exercise", "points", "of", "verdict"])
        for grade in self.book.grades:
            words = [harmless_cell(word) for word in (grade.student, grade.chapter, grade.exercise)]
            writer.writerow([*words, f"{grade.points:g}", f"{grade.of:g}", grade.verdict])
        return text.getvalue()

    def markdown(self) -> str:
        """Give the page for the teacher."""
        lines = ["# Grades", "", f"Variant: {self._variant()}. {versions_line()}", ""]
        lines += [f"Isolation of each answer: {self.isolation.line}.", ""]
        if self.isolation.missing:
            missing = [f"{layer} ({reason})" for layer, reason in self.isolation.missing.items()]
            lines += [f"Missing: {escape('; '.join(missing))}.", ""]
        lines += [f"**{sentence}**\n" for sentence in self.isolation.remains]
        lines += [f"**{escape(warning)}**\n" for warning in self.book.warnings]
        lines += ["| student | points | verdicts |", "|---|---:|---|"]
        for student, grades in self._by_student().items():
            points, of = sum(grade.points for grade in grades), sum(grade.of for grade in grades)
            verdicts = ", ".join(f"{grade.exercise}: {grade.verdict}" for grade in grades)
            lines.append(f"| {escape(student)} | {points:g} of {of:g} | {escape(verdicts)} |")
        counts = Counter(grade.verdict for grade in self.book.grades)
        lines += [
            "",
            "In all: " + (", ".join(f"{counts[name]} {name}" for name in MEANING if counts[name]) or "nothing"),
        ]
        return "\n".join([*lines, *self._odd()]) + "\n"

    def feedback(self, student: str) -> str:
        """Give the page for one student. Of the hidden tests it holds the message of the one that failed, no more."""
        grades = self._by_student()[student]
        points, of = sum(grade.points for grade in grades), sum(grade.of for grade in grades)
        lines = [f"# {escape(student)}: {points:g} of {of:g} points", ""]
        lines += [f"* {escape(note)}" for note in self.book.odd.get(student, [])]
        for grade in grades:
            lines += ["", f"## {escape(grade.title)} ({escape(grade.chapter)})", ""]
            lines += [f"**{grade.verdict}**, {grade.points:g} of {grade.of:g} points. {MEANING[grade.verdict]}"]
            lines += ["", *quoted(grade.message)] if grade.message else []
            lines += ["", *(f"* {escape(note)}" for note in grade.notes)] if grade.notes else []
            if grade.output.strip():
                last = "\n".join(_clean(grade.output).splitlines()[-LAST_LINES:])
                lines += ["", "The last lines that your cells printed:", "", *fenced(last)]
        return "\n".join(lines) + "\n"

    def json(self) -> str:
        """Give everything as JSON, as described by `schemas/grade.schema.json`."""
        return json.dumps(self._data(), indent=1)

    def _data(self) -> dict[str, Any]:
        names = self._names()
        students = []
        for student, grades in self._by_student().items():
            exercises = [_exercise(grade) for grade in grades]
            points, of = sum(grade.points for grade in grades), sum(grade.of for grade in grades)
            students.append({
                "name": student, "points": points, "of": of,
                "feedback": f"feedback/{names[student]}.md", "odd": self.book.odd.get(student, []),
                "exercises": exercises,
            })  # fmt: skip
        layers = {"layers": list(self.isolation.layers), "missing": self.isolation.missing,
                 "protected": self.isolation.enough, "remains": self.isolation.remains}  # fmt: skip
        return {"variant": self.variant, "isolation": layers, "versions": versions(), "students": students,
                "warnings": self.book.warnings}  # fmt: skip

    def _by_student(self) -> dict[str, list[Grade]]:
        found: dict[str, list[Grade]] = {student: [] for student in self.book.odd}
        for grade in self.book.grades:
            found[grade.student].append(grade)
        return found

    def _names(self) -> dict[str, str]:
        """Give each student a file name of its own, whatever the student is called."""
        found: dict[str, str] = {}
        for student in self.book.odd:
            name = base = re.sub(r"[^\w.-]+", "_", student).strip("._")[:80] or "student"
            number = 1
            while name.casefold() in {other.casefold() for other in found.values()}:
                number += 1
                name = f"{base}-{number}"
            found[student] = name
        return found

    def _odd(self) -> list[str]:
        lines = []
        for student, grades in self._by_student().items():
            notes = [
                *self.book.odd[student],
                *(f"{grade.exercise}: {note}" for grade in grades for note in grade.notes),
            ]
            notes += [f"{grade.exercise}: {grade.message}" for grade in grades
                      if grade.verdict in ("killed", "not graded", "out of memory")]  # fmt: skip
            lines += [f"* {escape(student)}: {escape(note)}" for note in dict.fromkeys(notes)]
        return ["", "## What was odd", "", *lines] if lines else []

    def _variant(self) -> str:
        return "the committed numbers" if self.variant is None else escape(self.variant)


def versions() -> dict[str, str]:
    """Say what graded: the package, Python, the system."""
    package = metadata.version("companion")
    return {
        "companion": package,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def versions_line() -> str:
    """Say it in one line."""
    told = versions()
    return f"companion {told['companion']}, Python {told['python']}, {told['system']}."


def harmless_cell(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula."""
    text = _clean(text).replace("\n", " ")
    return "'" + text if text.lstrip()[:1] in {"=", "+", "-", "@"} or text[:1] == "\t" else text


def escape(text: str) -> str:
    """Make a text mean itself in one line of Markdown."""
    text = re.sub(r"\s+", " ", _clean(text)).strip()
    return re.sub(r"([\\`*_{}\[\]<>#|~$&!])", r"\\\1", text)


def quoted(text: str) -> list[str]:
    """Quote a text, line by line."""
    return [f"> {escape(line)}" for line in _clean(text).splitlines() if line.strip()]


def fenced(text: str) -> list[str]:
    """Fence a text, by more backticks than it has itself."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *text.splitlines(), fence]


def _clean(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _exercise(grade: Grade) -> dict[str, Any]:
    return {
        "chapter": grade.chapter, "exercise": grade.exercise, "title": grade.title, "verdict": grade.verdict,
        "points": grade.points, "of": grade.of, "message": grade.message, "output": grade.output,
        "notes": grade.notes, "seconds": grade.seconds,
    }  # fmt: skip
