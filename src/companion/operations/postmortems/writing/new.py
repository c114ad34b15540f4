"""A post mortem to fill in: headings that are recognised, and prompts in comments, which no rule takes for analysis."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Start:
    """What is known when the writing begins.

    Attributes
    ----------
    title : str
        The customer's problem.
    date : datetime.date
        The day of the incident.
    zone : str
        Of all times, such as ``UTC``.
    service : str
        What was affected; empty if it is to be filled in.
    team : str
        Who owns the post mortem; empty if it is to be filled in.
    security : bool
        Whether it is a security incident, which has parts that few may read.
    """

    title: str
    date: dt.date
    zone: str = "UTC"
    service: str = ""
    team: str = ""
    security: bool = False


def new(start: Start) -> str:
    """Write the Markdown to fill in: each comment is a prompt, whose place the words take."""
    return _part("template").format(
        title=_line(start.title),
        date=start.date.isoformat(),
        zone=_line(start.zone),
        service=_line(start.service) or "<!-- the service that failed -->",
        team=_line(start.team) or "<!-- the team that owns the cause -->",
        security=_part("template_security") + "\n" if start.security else "",
        details=_part("template_details") + "\n" if start.security else "",
    )


def _part(name: str) -> str:
    return resources.files(__package__).joinpath(f"{name}.md").read_text("utf-8")


def file_name(start: Start) -> str:
    """Give the file's name: the date, and the first words of the title in letters that every file system takes."""
    ascii_only = unicodedata.normalize("NFKD", start.title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", ascii_only)
    return "-".join([start.date.isoformat(), *words[:7]]) + ".md"


def _line(text: str) -> str:
    """Make one line of it that closes no comment and opens none."""
    return " ".join(text.replace("<!--", "").replace("-->", "").split())
