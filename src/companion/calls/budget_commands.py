"""The command `companion budget`. What is heavy is imported when it runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from companion.cli_output import refuse

budget = typer.Typer(add_completion=False)


@budget.command(name="budget")
def compute(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE", help="Hops: .yaml, .json, .csv, or - for standard input; without it, the article's nine."
        ),
    ] = None,
    deadline: Annotated[
        float | None, typer.Option(min=0.001, max=1e9, metavar="MS", help="What the caller waits, in milliseconds.")
    ] = None,
    json_file: Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")] = "",
    svg: Annotated[str, typer.Option("--svg", metavar="FILE|-", help="Draw the waterfall as SVG; - is stdout.")] = "",
    samples: Annotated[int, typer.Option(min=1000, max=1_000_000, help="Requests to simulate.")] = 100_000,
    seed: Annotated[int, typer.Option(min=0, help="Of the simulation.")] = 7,
    example: Annotated[bool, typer.Option("--example", help="Print a file to begin with.")] = False,
) -> None:
    """Say what a chain of network hops takes, and what a deadline leaves at each.

    That is how often all of them answer, the median and the 99th percentile of the whole beside the sums that they are
    not, the mean, and a waterfall.

    A hop has a `name`; `p50_ms` and `p99_ms` of one try (lognormal), or `mean_ms` (exponential); and, if you like,
    `availability`, `timeout_ms`, `retries` (each hop tries again by itself), and `parallel`: hops in a row with the
    same word there are called at once. Hops are taken to be independent; where all wait for one slow disk, the tail
    is longer. `companion budget --example` prints a file to change.

    The exit status is 1 when the 99th percentile exceeds the deadline, 2 when the file cannot be read.

    Example: `companion budget --deadline 200`
    """
    from companion.calls.network_tax.budget import hops, report
    from companion.calls.network_tax.budget.chain import simulate
    from companion.cli_output.terminal import show, write_reports

    if example:
        show(hops.example())
        return
    try:
        chain = hops.parse(hops.example()) if file is None else hops.read_hops(file)
        found = simulate(chain, seed=seed, samples=samples)
    except hops.BudgetError as error:
        refuse("budget", str(error))
    name = hops.EXAMPLE if file is None else str(file)

    def as_json() -> str:
        return json.dumps(report.as_json(name, found, deadline, seed, samples), indent=1, ensure_ascii=False) + "\n"

    def as_svg() -> str:
        from companion.calls.network_tax.budget.figures import figure_waterfall

        return figure_waterfall(found, deadline).svg() + "\n"

    if not write_reports("budget", {"json": json_file, "svg": svg}, {"json": as_json, "svg": as_svg}):
        from rich.console import Console

        Console(width=report.WIDE, highlight=False, markup=False).print(report.table(found, deadline))
        show("\n".join(["", *report.lines(found, deadline), ""]))
    if deadline is not None and found.p99_ms > deadline:
        raise typer.Exit(1)
