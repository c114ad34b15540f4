"""The commands under `companion pii`. What is heavy is imported when a command runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from companion.cli_output import refuse

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Find, mark and list personal data in Protocol Buffer schemas.",
)


class Threshold(StrEnum):
    """The levels that a build may fail on."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class RegimeName(StrEnum):
    """The laws and standards of which we know what they speak of."""

    GDPR = "GDPR"
    CCPA = "CCPA"
    HIPAA = "HIPAA"
    PCI = "PCI-DSS"
    NIST = "NIST-800-63B"


class AnyLevel(StrEnum):
    """All levels, as a correction may say them."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    PUBLIC = "PUBLIC"


# readable=False: what may not be read is one problem among others, of which the scan tells when it has read the rest.
Paths = Annotated[
    list[Path], typer.Argument(help="Schemas, or folders to search for *.proto.", metavar="PATH", readable=False)
]
Include = Annotated[
    list[Path] | None,
    typer.Option(
        "--include", "-I", metavar="DIR", help="What imports are relative to; may be repeated.", readable=False
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="GLOB", help="Leave these out, as .gitignore would; may be repeated."),
]
RuleFiles = Annotated[
    list[Path] | None,
    typer.Option("--rules", metavar="FILE", help="Rules of your own beside ours; may be repeated.", readable=False),
]
Ref = Annotated[
    str | None, typer.Option("--ref", metavar="COMMIT", help="Read a commit, tag or branch of git instead.")
]
Learn = Annotated[
    bool, typer.Option("--learn", help="Where the rules say nothing, ask what the marks in these schemas teach.")
]
JsonFile = Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")]
Markdown = Annotated[
    str, typer.Option("--markdown", metavar="FILE|-", help="Write it for a pull request; - is stdout.")
]


@app.command()
def scan(
    paths: Paths,
    fail_on: Annotated[
        Threshold | None, typer.Option("--fail-on", help="Exit 1 for a field of this level or above without a mark.")
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            "--baseline", metavar="FILE", help="An earlier JSON report, or a list of accepted fields.", readable=False
        ),
    ] = None,
    explain: Annotated[
        str, typer.Option("--explain", metavar="FIELD", help="Say all that speaks for the verdict on (Message.)field.")
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="List PUBLIC fields, too.")] = False,
    show_accepted: Annotated[
        bool,
        typer.Option("--accepted", help="List what the baseline or the schema accepts; in SARIF, with suppressions."),
    ] = False,
    json_file: JsonFile = "",
    sarif: Annotated[str, typer.Option("--sarif", metavar="FILE|-", help="Write it as SARIF 2.1.0; - is stdout.")] = "",
    markdown: Markdown = "",
    include: Include = None,
    exclude: Exclude = None,
    rule_files: RuleFiles = None,
    ref: Ref = None,
    changed_since: Annotated[
        str | None,
        typer.Option(
            "--changed-since",
            metavar="COMMIT",
            help="Only fields that are new, judged or marked differently since we left this branch.",
        ),
    ] = None,
    learn: Learn = False,
    model: Annotated[
        str,
        typer.Option(
            "--model", metavar="NAME", help="Ask a model for a second opinion: offline, smollm2, ollama/NAME."
        ),
    ] = "",
) -> None:
    """Judge every field: HIGH, MEDIUM, LOW or PUBLIC, and why.

    The exit status is 1 when --fail-on found something, and 2 when something could not be read; what can be read is
    judged all the same. The pyproject.toml of the folder may set defaults, in the table [tool.companion.pii.scan].

    Example: `companion pii scan protos --json pii.json`, and from the next day on
    `companion pii scan protos --fail-on HIGH --baseline pii.json --sarif pii.sarif`

    To try it: `mkdir -p protos; echo 'syntax = "proto3"; message Parcel { string slot = 1; string ssn = 2; }' >
    protos/a.proto`
    """
    from companion.schemas.pii.cli import running

    wanted = running.Wanted({"json": json_file, "sarif": sarif, "markdown": markdown})
    rules = running.load(rule_files)
    accepted = running.accepted(baseline, paths)
    found = running.scan(
        paths, rules, include=include or (), ref=ref, changed_since=changed_since, learn=learn, exclude=exclude or ()
    )
    if explain:
        running.show_why(explain, found, rules, accepted)
    else:
        running.report(found, wanted, accepted, paths, changed_since, everything=everything, settled=show_accepted)
    if model:
        running.ask_model(found, model, aside=bool(wanted.on_stdout))
    running.leave(found, fail_on, accepted)


@app.command()
def inventory(
    paths: Paths,
    since: Annotated[
        Path | None, typer.Option("--since", metavar="FILE", help="An earlier `scan --json`: list what has changed.")
    ] = None,
    regime: Annotated[
        RegimeName | None, typer.Option("--regime", help="Only what this law or standard speaks of.")
    ] = None,
    json_file: JsonFile = "",
    markdown: Markdown = "",
    include: Include = None,
    exclude: Exclude = None,
    rule_files: RuleFiles = None,
    ref: Ref = None,
    learn: Learn = False,
) -> None:
    """List which level and type lives where, what hands it out, and which laws speak of it.

    Example: `companion pii scan protos --json pii.json`, and a month later
    `companion pii inventory protos --regime GDPR --since pii.json`

    To try it: `mkdir -p protos; echo 'syntax = "proto3"; message Parcel { string slot = 1; string ssn = 2; }' >
    protos/a.proto`
    """
    from companion.schemas.pii.cli import running

    wanted = running.Wanted({"json": json_file, "markdown": markdown})
    earlier = running.earlier(since, paths)
    found = running.scan(
        paths, running.load(rule_files), include=include or (), ref=ref, learn=learn, exclude=exclude or ()
    )
    running.report_inventory(found, earlier, regime, wanted)
    running.leave(found)


@app.command()
def annotate(
    paths: Paths,
    show_diff: Annotated[bool, typer.Option("--diff", help="Print what would be inserted, and write nothing.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 if something would be inserted, and write nothing.")
    ] = False,
    include: Include = None,
    exclude: Exclude = None,
    rule_files: RuleFiles = None,
    learn: Learn = False,
) -> None:
    """Write the verdicts into the schemas as options, and their definitions beside them.

    A mark that is there stays as it is, and so does every comment and blank line; a second run changes nothing.

    Example: `companion pii annotate protos --diff`, then `companion pii annotate protos`

    To try it: `mkdir -p protos; echo 'syntax = "proto3"; message Parcel { string slot = 1; string ssn = 2; }' >
    protos/a.proto`
    """
    from companion.schemas.pii.cli import changing, running

    rules = running.load(rule_files)
    found = running.scan(paths, rules, include=include or (), learn=learn, exclude=exclude or ())
    changed = changing.mark(found, rules, paths, show_diff=show_diff, write=not (show_diff or check))
    running.leave(found)
    if check and changed:
        raise typer.Exit(1)


@app.command()
def learn(
    paths: Paths,
    field: Annotated[
        str, typer.Option("--field", metavar="FIELD", help="Record a correction of this (Message.)field.")
    ] = "",
    level: Annotated[AnyLevel | None, typer.Option("--level", help="What it is in truth.")] = None,
    pii_type: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="Its type, such as SSN; a PUBLIC field has none.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")] = "",
    propose: Annotated[
        bool, typer.Option("--propose", help="Print rules that the corrections propose, as a diff to review.")
    ] = False,
    corrections: Annotated[
        Path, typer.Option("--corrections", metavar="FILE", help="Where corrections are kept.")
    ] = Path(".companion/corrections.jsonl"),
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="Your own rules, to which a proposal adds.")
    ] = None,
    include: Include = None,
    exclude: Exclude = None,
) -> None:
    """Record that a verdict is wrong; or propose rules from what was recorded.

    More than three corrections that are alike propose a rule. Nothing is applied: what is printed is a diff of your
    rules file, for somebody to read.

    Example: `companion pii learn protos --field Parcel.slot --level PUBLIC --reason "a place in the warehouse"`, and
    some corrections later `companion pii learn protos --propose --rules pii-rules.yaml`

    To try it: `mkdir -p protos; echo 'syntax = "proto3"; message Parcel { string slot = 1; string ssn = 2; }' >
    protos/a.proto`
    """
    from companion.schemas.pii.cli import changing, running

    if bool(field) == propose:
        refuse("pii", "either --field (with --level and --reason) records a correction, or --propose proposes rules")
    own = [rules] if rules and rules.exists() else []
    found = running.scan(paths, running.load(own), include=include or (), exclude=exclude or ())
    if propose:
        changing.propose_rules(found, corrections, rules)
    else:
        changing.record(found, field, level, pii_type, reason, corrections)
    running.leave(found)
