"""The commands under `companion simulate`. What is heavy is imported when a command runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from companion.simulators.metastable import Result

PLOTS = (".svg", ".png", ".pdf")


def metastable(
    preset: Annotated[
        str, typer.Option("--preset", metavar="NAME", help="The scenario to start from; see --list-presets.")
    ] = "collapse",
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="KEY=VALUE", help="Change a parameter; may be repeated."),
    ] = None,
    seed: Annotated[str | None, typer.Option("--seed", metavar="N", help="Where every random draw comes from.")] = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="heap|simpy", help="The fast engine, or the SimPy model of the chapter.")
    ] = "heap",
    json_file: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE|-", help="Write parameters, summary and series as JSON; - is stdout."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw goodput and attempts (.svg, .png, .pdf).")
    ] = None,
    list_presets: Annotated[bool, typer.Option("--list-presets", help="List the presets, and stop.")] = False,
    list_parameters: Annotated[
        bool, typer.Option("--list-parameters", help="List the parameters: range, unit, default, meaning; and stop.")
    ] = False,
) -> None:
    """Simulate a service that a short disturbance may push into a lasting collapse.

    Prints what callers saw in the last 60 s.

    Example: ten seconds of double load, and what a retry budget makes of it.

        companion simulate metastable --preset recovers -p load=60 -p budget_ratio=0.2 --seed 7 --json -
    """
    from companion.parameters import ParameterError, parse
    from companion.simulators.metastable import ENGINES, PRESETS, Settings, simulate

    if list_presets:
        _print_presets()
        return
    if list_parameters:
        _print_parameters()
        return
    if preset not in PRESETS:
        _refuse(f"preset = {preset!r} is not accepted: it takes {' | '.join(PRESETS)}")
    if engine not in ENGINES:
        _refuse(f"engine = {engine!r} is not accepted: it takes {' | '.join(ENGINES)}")
    if plot is not None and plot.suffix not in PLOTS:
        _refuse(f"--plot {str(plot)!r} is not accepted: it takes a name that ends in {' | '.join(PLOTS)}")
    texts: dict[str, str] = {}
    for pair in parameters or []:
        key, equals, value = pair.partition("=")
        if not equals:
            _refuse(f"-p {pair!r} is not accepted: it takes KEY=VALUE")
        texts[key.strip()] = value
    if seed is not None:
        texts["seed"] = seed
    try:
        settings = parse(Settings, texts, PRESETS[preset].values)
    except ParameterError as error:
        _refuse(str(error))

    from rich.console import Console

    with Console(stderr=True).status(f"simulating {settings.duration:g} s ..."):
        result = simulate(settings, engine=engine)
    try:
        _write(result, preset, json_file, plot)
    except OSError as error:
        _refuse(f"cannot write {error.filename}: {error.strerror}")


def _write(result: Result, preset: str, json_file: str | None, plot: Path | None) -> None:
    if json_file == "-":
        sys.stdout.write(result.to_json() + "\n")
    else:
        if json_file is not None:
            Path(json_file).write_text(result.to_json() + "\n", encoding="utf-8")
            typer.echo(f"wrote {json_file}", err=True)
        _print_summary(result, preset)
    if plot is not None:
        from companion.simulators.metastable.figures import figure_goodput

        figure_goodput(result).savefig(plot)
        typer.echo(f"wrote {plot}", err=True)


def _refuse(message: str) -> NoReturn:
    typer.echo(f"companion simulate metastable: {message}", err=True)
    raise typer.Exit(2)


def _table(title: str, *columns: str) -> Any:
    from rich import box
    from rich.table import Table

    return Table(*columns, title=title, title_justify="left", box=box.SIMPLE_HEAD)


def _print_summary(result: Result, preset: str) -> None:
    from rich.console import Console

    from companion.simulators.metastable.page import ROWS

    table = _table(f"metastable, {preset}, seed {result.settings.seed}: the last 60 s", "", "", "unit")
    table.columns[1].justify = "right"
    for key, label, unit in ROWS:
        value = result.summary[key]
        table.add_row(label, "-" if value is None else f"{value:.3g}", unit)
    Console().print(table)


def _print_presets() -> None:
    from companion.simulators.metastable import PRESETS

    width = max(map(len, PRESETS))
    for name, preset in PRESETS.items():
        typer.echo(f"{name:{width}}  {preset.help}")


def _print_parameters() -> None:
    from companion.parameters import describe
    from companion.simulators.metastable import Settings

    for parameter in describe(Settings):
        default = str(parameter.default).lower() if parameter.kind is bool else parameter.default
        default = "none" if parameter.default is None else default
        typer.echo(f"{parameter.name} = {default}  ({parameter.range})\n    {parameter.help}")
