"""The commands under `companion postmortem`. What is heavy is imported when a command runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from companion.operations.postmortems.cli import more_commands

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Lint, draw and follow post mortems.",
)


class ProfileName(StrEnum):
    """Whether a document is still being written."""

    DRAFT = "draft"
    FINAL = "final"


class FailOn(StrEnum):
    """What a build may fail on."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


# readable=False: what may not be read is told by the command, when it has read the rest.
Paths = Annotated[
    list[Path],
    typer.Argument(help="Post mortems in Markdown, or folders of them.", metavar="FILE_OR_FOLDER", readable=False),
]
JsonFile = Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")]


@app.command()
def lint(
    paths: Paths,
    profile: Annotated[
        ProfileName,
        typer.Option("--profile", help="What a draft cannot have yet, such as a review, is asked of final."),
    ] = ProfileName.DRAFT,
    everything: Annotated[
        bool, typer.Option("--all", help="List all findings, not the five that matter most.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what each section was taken for, and which rules cannot tell.")
    ] = False,
    json_file: JsonFile = "",
    sarif: Annotated[str, typer.Option("--sarif", metavar="FILE|-", help="Write it as SARIF 2.1.0; - is stdout.")] = "",
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Rules turned off, down or up, with a reason, in YAML.", readable=False
        ),
    ] = None,
    fail_on: Annotated[FailOn, typer.Option("--fail-on", help="Exit 1 for a finding as bad as this.")] = FailOn.ERROR,
) -> None:
    """Hold post mortems against the rules: met, not met, cannot tell.

    In a folder, every file of Markdown is read but for README, CONTRIBUTING, CHANGELOG, LICENSE, what has "template" in
    its name, and what is hidden. What cannot be read is said in a line each, and the exit status is 2; the others are
    checked all the same.

    Without --config, the table [tool.companion.postmortem.rules] in the pyproject.toml of the folder says which rules
    are off, or only warn. A file turns one off for itself in a comment:
    `<!-- lint off timeline-names: our project signs with handles on purpose -->`

    Example: `companion postmortem lint postmortems --fail-on never`, and for one that is done
    `companion postmortem lint postmortems/search.md --profile final --all --fail-on never`

    To try it: `mkdir -p postmortems; printf '# Nobody could search for 40 minutes\\n\\n## Timeline\\n\\nAll times
    UTC\\n\\n- 10:00 A deployment begins.\\n- 10:40 Searches are answered again.\\n' > postmortems/search.md`
    """
    from companion.operations.postmortems.cli import running

    running.lint(
        paths, profile.value, config, {"json": json_file, "sarif": sarif}, fail_on.value, everything=everything,
        explain=explain,
    )  # fmt: skip


@app.command()
def rules(
    rule: Annotated[str, typer.Argument(metavar="[RULE]", help="One of them, with its reason and examples.")] = "",
    json_file: JsonFile = "",
    markdown: Annotated[
        str, typer.Option("--markdown", metavar="FILE|-", help="Write it as a page of Markdown; - is stdout.")
    ] = "",
) -> None:
    """List the rules, or tell one with its reason, a bad and a good example.

    Example: `companion postmortem rules`, then `companion postmortem rules timeline-gap`
    """
    from companion.operations.postmortems.cli import running

    running.rules(rule, {"json": json_file, "markdown": markdown})


for _command in (
    more_commands.new, more_commands.timeline, more_commands.patterns, more_commands.actions, more_commands.share
):  # fmt: skip
    app.command(_command.__name__)(_command)
