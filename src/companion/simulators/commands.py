"""The commands under `companion simulate`, made from what each simulator describes of itself.

A simulator is a package here with a module ``page`` (see `companion.panel.offer`). What is heavy is imported when a
command runs.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from companion.cli_output import refuse
from companion.files import write_output

if TYPE_CHECKING:
    from companion.panel.offer import Offer

PLOTS = (".svg", ".png", ".pdf")
HERE = Path(__file__).parent

Preset = Annotated[
    str, typer.Option("--preset", metavar="NAME", help="The scenario to start from; see --list-presets.")
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", "-p", metavar="KEY=VALUE", help="Change a parameter; may be repeated."),
]
Seed = Annotated[str | None, typer.Option("--seed", metavar="N", help="Where every random draw comes from.")]
JsonFile = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE|-", help="Write parameters, summary and series as JSON; - is stdout."),
]
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw the result (.svg, .png, .pdf).")]
ListPresets = Annotated[bool, typer.Option("--list-presets", help="List the presets, and stop.")]
ListParameters = Annotated[
    bool, typer.Option("--list-parameters", help="List the parameters: range, unit, default, meaning; and stop.")
]
Engine = Annotated[
    str, typer.Option("--engine", metavar="heap|simpy", help="The fast engine, or the SimPy model of the chapter.")
]


def simulators() -> list[str]:
    """List the simulators by name; nothing is imported."""
    return sorted(file.parent.name for file in HERE.glob("*/page.py"))


def metastable(
    preset: Preset = "collapse", parameters: Parameters = None, seed: Seed = None, engine: Engine = "heap",
    json_file: JsonFile = None, plot: Plot = None, list_presets: ListPresets = False,
    list_parameters: ListParameters = False,
) -> None:  # fmt: skip
    """Simulate a service that a short disturbance may push into a lasting collapse.

    Prints what callers saw in the last 60 s.

    Example: ten seconds of double load, and what a retry budget makes of it.

        companion simulate metastable --preset recovers -p load=60 -p budget_ratio=0.2 --seed 7 --json -
    """
    _simulate(
        "metastable", preset, parameters, seed, json_file, plot, list_presets, list_parameters, {"engine": engine}
    )


def command_for(name: str) -> Callable[..., None]:
    """Make the command of a simulator that has no options of its own.

    Its first preset is the default; its help is the first line of its package's documentation.
    """

    def simulate(
        preset: Preset = "", parameters: Parameters = None, seed: Seed = None, json_file: JsonFile = None,
        plot: Plot = None, list_presets: ListPresets = False, list_parameters: ListParameters = False,
    ) -> None:  # fmt: skip
        _simulate(name, preset, parameters, seed, json_file, plot, list_presets, list_parameters, {})

    says = ast.get_docstring(ast.parse((HERE / name / "__init__.py").read_text("utf-8"))) or ""
    example = f"companion simulate {name} --list-parameters"
    simulate.__doc__ = f"{says.partition(chr(10))[0]}\n\nExample: `{example}`"
    return simulate


def _simulate(
    name: str, preset: str, parameters: list[str] | None, seed: str | None, json_file: str | None, plot: Path | None,
    list_presets: bool, list_parameters: bool, options: dict[str, Any],
) -> None:  # fmt: skip
    from companion.panel.offer import offered
    from companion.parameters import ParameterError, current_preset

    offer = offered(f"{__package__}.{name}")
    preset = preset or next(iter(offer.simulator.PRESETS))
    if list_presets:
        _print_presets(offer)
        return
    if list_parameters:
        _print_parameters(offer)
        return
    if plot is not None and plot.suffix not in PLOTS:
        refuse(
            f"simulate {name}",
            f"--plot {str(plot)!r} is not accepted: it takes a name that ends in {' | '.join(PLOTS)}",
        )
    texts: dict[str, str] = {} if seed is None else {"seed": seed}
    for pair in parameters or []:
        key, equals, value = pair.partition("=")
        if not equals:
            refuse(f"simulate {name}", f"-p {pair!r} is not accepted: it takes KEY=VALUE")
        texts.setdefault(key.strip(), value)
    from rich.console import Console

    try:
        settings = offer.settings_of(preset, texts)
        for note in offer.renamed(preset, texts):
            typer.echo(f"note: {note}", err=True)
        preset = current_preset(preset, offer.simulator.PRESETS)
        with Console(stderr=True).status(f"simulating {settings.duration:g} s ..."):
            result = offer.simulate(settings, **options)
    except ParameterError as error:
        refuse(f"simulate {name}", str(error))
    try:
        _write(offer, result, preset, json_file, plot)
    except OSError as error:
        refuse(f"simulate {name}", f"cannot write {error.filename}: {error.strerror}")


def _write(offer: Offer, result: Any, preset: str, json_file: str | None, plot: Path | None) -> None:
    whole = {"parameters": asdict(result.settings), "summary": dict(result.summary), "series": dict(result.series)}
    if json_file == "-":
        sys.stdout.write(json.dumps(whole) + "\n")
    else:
        if json_file is not None:
            write_output(Path(json_file), json.dumps(whole) + "\n")
            typer.echo(f"wrote {json_file}", err=True)
        _print_summary(offer, result, preset)
    if plot is not None:
        from companion.figures import draw

        draw(offer.page.chart(result)).savefig(plot)
        typer.echo(f"wrote {plot}", err=True)


def _print_summary(offer: Offer, result: Any, preset: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    caption = offer.page.CAPTION
    title = f"{offer.page.COMMAND}, {preset}, seed {result.settings.seed}: {caption[:1].lower()}{caption[1:]}"
    table = Table("", "", "unit", title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.columns[1].justify = "right"
    for key, label, unit in offer.page.ROWS:
        value = result.summary[key]
        table.add_row(label, "-" if value is None else f"{value:.3g}", unit)
    Console().print(table)


def _print_presets(offer: Offer) -> None:
    presets = offer.simulator.PRESETS
    width = max(map(len, presets))
    for name, preset in presets.items():
        typer.echo(f"{name:{width}}  {preset.help}")


def _print_parameters(offer: Offer) -> None:
    for parameter in offer.parameters:
        default = str(parameter.default).lower() if parameter.kind is bool else parameter.default
        default = "none" if parameter.default is None else default
        typer.echo(f"{parameter.name} = {default}  ({parameter.range})\n    {parameter.help}")
