"""Mail, from a mailbox in the mbox format: who wrote, about what, and when it arrived.

Bodies are not read. A briefing needs none, and a body is where a stranger has room for orders to whoever reads it.

When a mail arrived is taken from its postmark, the line ``From ...`` before it, which the user's own mail system has
written (RFC 4155). The header ``Date`` is the sender's: whoever dates a mail in 2038 would be on top for years.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import parseaddr, parsedate

from pydantic import BaseModel

from companion.services.mcp.minutes.sources import Fetch, Result, one_line

INBOX = "inbox.mbox"
LONGEST_HEADER = 1000
MOST_MAILS = 2000
"""New mail is written at the end of a mailbox; what lies before so many is not looked at."""

_POSTMARK = re.compile(rb"^From [^\r\n]*\r?\n", re.M)  # in a body such a line is written ">From"


class Mail(BaseModel):
    """One mail."""

    sender: str
    subject: str
    received: datetime


class Mails(Result):
    """Recent mail, the newest first."""

    mails: list[Mail]

    def lines(self) -> list[str]:
        """Give a line for each."""
        return [f"{mail.received:%m-%d %H:%M}, {mail.sender}: {mail.subject}" for mail in self.mails]


async def recent_mail(fetch: Fetch, hours: int, limit: int, now: datetime) -> Mails:
    """Read the mail of the last hours.

    Raises
    ------
    SourceError
        If there is no mailbox.
    """
    mails, unreadable = read_mailbox(await fetch(INBOX), now.tzinfo)
    recent = [mail for mail in mails if now - timedelta(hours=hours) <= mail.received <= now]
    newest = sorted(recent, key=lambda mail: mail.received, reverse=True)[:limit]
    missing = [f"{INBOX}: {unreadable} without a postmark that can be read"] if unreadable else []
    return Mails(source=INBOX, missing=missing, mails=newest)


def read_mailbox(document: bytes, zone: tzinfo | None = UTC) -> tuple[list[Mail], int]:
    """Read the last mails of a mailbox, by the clocks of a zone; and count those whose postmark cannot be read."""
    postmarks = list(_POSTMARK.finditer(document))[-MOST_MAILS:]
    ends = [mark.start() for mark in postmarks] + [len(document)]
    mails = []
    for mark, end in zip(postmarks, ends[1:], strict=True):
        if (received := _arrival(mark[0])) is not None:
            mails.append(_mail(document[mark.end() : end], received.astimezone(zone)))
    return mails, len(postmarks) - len(mails)


def _mail(message: bytes, received: datetime) -> Mail:
    headers = BytesHeaderParser().parsebytes(message)
    name, address = parseaddr(_decoded(headers["From"]))
    return Mail(
        sender=one_line(f"{name} <{address}>" if name else address or "unknown sender", 80),
        subject=one_line(_decoded(headers["Subject"])) or "(no subject)",
        received=received,
    )


def _arrival(postmark: bytes) -> datetime | None:
    """Read when a mail arrived, in UTC: ``From ada@example.org Mon Nov 16 06:12:31 2026``."""
    date = parsedate(postmark.decode("ascii", "replace").partition(" ")[2].partition(" ")[2][:60])
    try:
        return datetime(*date[:6], tzinfo=UTC) if date else None
    except (ValueError, OverflowError):  # the 36th of November
        return None


def _decoded(header: object) -> str:
    """Give a header as text (RFC 2047); one in an encoding that nobody knows stays as it was written."""
    raw = str(header or "")[:LONGEST_HEADER]
    try:
        return str(make_header(decode_header(raw)))
    except (HeaderParseError, LookupError, ValueError):
        return raw
