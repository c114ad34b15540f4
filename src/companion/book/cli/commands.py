"""The commands under `companion book`."""

import ast
import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from companion.book.project import Project, find_project
from companion.cli_output import refuse
from companion.notebooks import BookError

app = typer.Typer(no_args_is_help=True, help="Execute, render, check and serve the book.")

Only = Annotated[
    list[str] | None, typer.Option("--only", help="A chapter's number or name; may be repeated.", metavar="CHAPTER")
]
Parameters = Annotated[
    list[str] | None, typer.Option("-p", help="Set a parameter of the chapters.", metavar="NAME=VALUE")
]
Force = Annotated[bool, typer.Option("--force", help="Do it even where nothing has changed.")]
Jobs = Annotated[int, typer.Option(min=1, help="How many chapters to execute at once.")]
CellTimeout = Annotated[float, typer.Option(min=0.1, help="Seconds that one cell may take.")]
CORES = os.cpu_count() or 2


@app.command()
def build(only: Only = None, force: Force = False, jobs: Jobs = CORES, cell_timeout: CellTimeout = 120) -> None:
    """Execute the chapters that changed, then render the pages into _build/html.

    Example: `companion book build --only 18`
    """
    project = _project()
    _want_assets(project)
    with _one_build_at_a_time(project):
        failed = _failures(_execute(project, only, None, force, jobs, cell_timeout))
        if failed:
            _say(f"{failed} of the chapters failed; the pages were left as they are")
            raise typer.Exit(1)
        waiting = [chapter.name for chapter in project.chapters() if not chapter.executed.is_file()]
        if waiting:  # pages link to each other
            _refuse(f"pages are made of all chapters; `companion book build` executes these too: {', '.join(waiting)}")
        _render(project, force)


@app.command()
def execute(
    only: Only = None, p: Parameters = None, force: Force = False, jobs: Jobs = CORES, cell_timeout: CellTimeout = 120
) -> None:
    """Execute the chapters that changed into book/chapters, without rendering pages.

    With other parameters a chapter goes into _build/runs, and the claims that came out differently are listed.

    Example: `companion book execute --only 18 -p seed=7`
    """
    from companion.book.cli.display import tell_differences

    project = _project()
    with _one_build_at_a_time(project):
        outcomes = _execute(project, only, p, force, jobs, cell_timeout)
    for outcome in outcomes:
        if outcome.failure is None and outcome.chapter.executed.is_relative_to(project.runs):
            tell_differences(outcome.chapter)
    if _failures(outcomes):
        raise typer.Exit(1)


@app.command()
def check(
    only: Only = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stale measurements and spreads are faults too.")] = False,
    numbers: Annotated[
        bool, typer.Option("--numbers", help="List each number of the prose, and what holds it.")
    ] = False,
    json_file: Annotated[
        str, typer.Option("--json", help="Write the report as JSON, - for stdout.", metavar="FILE")
    ] = "",
) -> None:
    """Report on every chapter, and exit 1 if anything is wrong in the book as it was built.

    With --only, chapters are checked by themselves, and nothing that was rendered.

    Example: `companion book check --strict`, or `companion book check --numbers | grep setting`
    """
    from companion.book.check.checks import check_book
    from companion.book.check.report import print_report

    project = _project()
    try:
        report = check_book(project, strict=strict, only=project.select(only) if only else ())
    except BookError as error:
        _refuse(str(error))
    try:
        print_report(report, json_file, numbers=numbers)
    except OSError as error:
        _refuse(f"--json {json_file}: {error.strerror}")
    if report.faults:
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 picks a free one.")] = 8000,
    watch: Annotated[bool, typer.Option(help="Rebuild what an edit touches.")] = True,
) -> None:
    """Serve the built pages, and rebuild what an edit touches.

    Example: `companion book serve --port 8080`
    """
    from companion.book.publish.serve import serve_pages

    project = _project()
    if watch:
        _want_assets(project)

    def rebuild() -> None:
        with _one_build_at_a_time(project):
            if not _failures(_execute(project, None, None, False, CORES, 120)):
                _render(project, False)

    try:
        serve_pages(project, host, port, rebuild if watch else None, _say)
    except OSError as error:
        _refuse(f"{host}:{port}: {error.strerror}")


@app.command()
def measure(
    only: Only = None,
    cell_timeout: CellTimeout = 900,
) -> None:
    """Measure anew, on this machine, everything that the chapters record in data/measurements.

    Example: `companion book measure --only 02`
    """
    os.environ["COMPANION_MEASURE"] = "record"
    project = _project()
    with _one_build_at_a_time(project):  # one chapter at a time: measurements must not disturb each other
        if _failures(_execute(project, only, None, True, 1, cell_timeout)):
            raise typer.Exit(1)


@app.command()
def spread(
    only: Only = None,
    seeds: Annotated[int, typer.Option(min=2, help="How many other seeds to try.")] = 20,
    confirm: Annotated[
        int, typer.Option(min=0, help="Keep a stale record if so many of its seeds come out as recorded.")
    ] = 0,
    jobs: Jobs = CORES,
    cell_timeout: CellTimeout = 900,
) -> None:
    """Run chapters under other seeds, and record in data/spread what their claims come to.

    What was interrupted goes on where it stopped. After code was moved and not changed, --confirm 2 runs two seeds of
    a chapter instead of 20.

    Example: `companion book spread --only 18`
    """
    from companion.book.cli.display import Display, tell_spread
    from companion.book.execution.spread import record_spread

    project = _project()
    try:
        chapters = project.select(only or [])
        with _one_build_at_a_time(project), Display("seeds") as display:
            found = record_spread(
                project, chapters, seeds=seeds, confirm=confirm, jobs=jobs, cell_timeout=cell_timeout,
                progress=display.cell, finished=display.finished,
            )  # fmt: skip
        for chapter in chapters:
            tell_spread(chapter)
    except BookError as error:
        _refuse(str(error))
    if any(record.failed for record in found.values()):
        raise typer.Exit(1)


@app.command()
def new(
    number: Annotated[str, typer.Argument(help="The two digits of the chapter.")],
    name: Annotated[str, typer.Argument(help="Its name, such as mcp or hybrid_search.")],
    part: Annotated[str, typer.Option("--part", metavar="PART", help="Its part; the number decides it.")] = "",
) -> None:
    """Make a new chapter that runs: notebook, module and test, and its line in the table of contents.

    Example: `companion book new 26 cargo_cult --part operations`
    """
    from companion.book.execution.store import store_outputs
    from companion.book.new import new_chapter

    project = _project()
    try:
        for path in new_chapter(project, number, name, part):
            typer.echo(path)
    except BookError as error:
        _refuse(str(error))
    with _one_build_at_a_time(project):  # so that its outputs can be compared from the first day
        if _failures(_execute(project, [number], None, False, 1, 120)):
            raise typer.Exit(1)
    for chapter in project.select([number]):
        store_outputs(project, chapter)
    _say(f"{number} is a draft: `companion book check` says what it lacks; book/contributing.md says how to write it")


@app.command()
def store(only: Only = None) -> None:
    """Store the text outputs of the executed chapters in the notebooks themselves, for nbval to compare.

    Example: `companion book execute --only 18 && companion book store --only 18`
    """
    from companion.book.check.report import counted
    from companion.book.execution.store import store_outputs

    project = _project()
    try:
        for chapter in project.select(only or []):
            typer.echo(f"{chapter.name}: {counted(store_outputs(project, chapter), 'output')} stored")
    except BookError as error:
        _refuse(str(error))


@app.command()
def tests(only: Only = None) -> None:
    """List the test files of the modules that chapters reach: what `make check` runs.

    Example: `companion book tests --only 18`
    """
    from companion.book.check.mirrored_tests import mirrored_tests

    project = _project()
    try:
        found = {file: None for chapter in project.select(only or []) for file in mirrored_tests(project, chapter)}
    except BookError as error:
        _refuse(str(error))
    for file in found:
        typer.echo(os.path.relpath(file))


def _execute(
    project: Project, only: list[str] | None, p: list[str] | None, force: bool, jobs: int, cell_timeout: float
) -> list[Any]:
    """Execute chapters under a progress display; return their outcomes."""
    from companion.book.cli.display import Display
    from companion.book.execution.execute import execute as execute_chapters

    try:
        chapters = project.select(only or [])
        with Display() as display:
            return execute_chapters(
                project, chapters, parameters=_parse(p or []), force=force, jobs=jobs, cell_timeout=cell_timeout,
                progress=display.cell, finished=display.finished,
            )  # fmt: skip
    except BookError as error:
        _refuse(str(error))


def _failures(outcomes: list[Any]) -> int:
    return sum(outcome.failure is not None for outcome in outcomes)


def _want_assets(project: Project) -> None:
    """Refuse at once what the rendering, minutes later, would have to refuse."""
    from companion.book.sphinx.render import assets_missing

    missing = assets_missing(project)
    if missing:
        _refuse(missing)


def _render(project: Project, force: bool) -> None:
    from rich.console import Console

    from companion.book.sphinx.render import RenderError, render

    try:
        with Console(stderr=True).status("rendering the pages"):
            done = render(project, force=force)
    except RenderError as error:
        typer.echo(f"the pages were not rendered, the old ones stay:\n{error}", err=True)
        raise typer.Exit(1) from None
    except BookError as error:
        _refuse(str(error))
    _say(f"{project.html / 'index.html'}{'' if done else ': nothing has changed'}")


def _parse(given: list[str]) -> dict[str, Any]:
    """Read NAME=VALUE pairs; a value that is no Python literal is a word."""
    values: dict[str, Any] = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        if not equals or not name.isidentifier():
            raise BookError(f"-p {pair}: write it as NAME=VALUE")
        try:
            values[name] = (
                {"true": True, "false": False, "none": None}.get(text.lower())
                if text.lower() in ("true", "false", "none")
                else ast.literal_eval(text)
            )
        except (ValueError, SyntaxError, TypeError):
            values[name] = text
        try:
            json.dumps(values[name])
        except (TypeError, ValueError):
            raise BookError(f"-p {pair}: give a number, a word, true, false, none, or a list of these") from None
    return values


def _project() -> Project:
    try:
        return find_project()
    except BookError as error:
        _refuse(str(error))


@contextmanager
def _one_build_at_a_time(project: Project) -> Any:
    from filelock import FileLock, Timeout

    project.built.mkdir(parents=True, exist_ok=True)
    lock = FileLock(project.built / ".lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        _say("another build is under way here; waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _say(text: str) -> None:
    typer.echo(_as_seen_from_here(text), err=True)


def _refuse(error: str) -> NoReturn:
    refuse("book", _as_seen_from_here(error))


def _as_seen_from_here(text: str) -> str:
    return text.replace(f"{Path.cwd()}{os.sep}", "")
