"""Mail is read from an mbox: headers in any encoding, and arrival by the postmark."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.services.mcp.minutes import MORNING
from companion.services.mcp.minutes.mail import MOST_MAILS, Mails, read_mailbox, recent_mail
from tests.services.mcp.minutes.documents import bounded

POSTMARK = b"From ada@a.example Mon Nov 16 06:12:31 2026\n"


def recent(hours: int = 24, limit: int = 10, inbox: bytes | None = None) -> Mails:
    changes = {} if inbox is None else {"inbox.mbox": inbox}
    return asyncio.run(recent_mail(bounded(changes), hours, limit, MORNING))


def test_the_mail_of_a_day_is_given_the_newest_first() -> None:
    assert [mail.subject[:20] for mail in recent().mails] == [
        "Stand-up is at 9:15 ",
        "To the assistant tha",
        "Build 4812 failed on",
        "Køllegruppen: lunch ",
        "Your prize is waitin",
    ]
    assert [mail.subject for mail in recent(hours=1).mails] == ["Stand-up is at 9:15 today", recent().mails[1].subject]
    assert [mail.subject for mail in recent(hours=168).mails][-1] == "Minutes of the planning meeting"
    assert len(recent(limit=2).mails) == 2


def test_names_and_subjects_are_decoded_and_folded_ones_joined() -> None:
    mails = recent().mails
    assert mails[3].sender == "Nils Åsgaard <nils@harbour.example>"
    assert mails[2].subject == "Build 4812 failed on main: two tests of the invoice export"


def test_a_sender_who_dates_a_mail_in_2038_does_not_get_on_top() -> None:
    prize = recent().mails[-1]
    assert (prize.subject, prize.received) == ("Your prize is waiting", datetime(2026, 11, 15, 10, 40, tzinfo=UTC))


def test_times_are_those_of_the_users_zone() -> None:
    assert recent().lines()[0] == "11-16 07:50, Tove Berg <tove@harbour.example>: Stand-up is at 9:15 today"


def test_bodies_are_not_read_and_a_quoted_from_line_begins_no_mail() -> None:
    assert b"\n>From what I hear" in asyncio.run(bounded()("inbox.mbox"))  # type: ignore[arg-type]
    assert len(recent(hours=168).mails) == 6
    assert "Thursday at twelve" not in recent(hours=168).model_dump_json()


@pytest.mark.parametrize(
    "postmark",
    [b"From ada Mon Nov 36 06:12:31 2026\n", b"From ada\n", b"From \n", b"From ada yesterday\n",
     b"From ada Mon Nov 16 06:12:31 99999999999\n"],
)  # fmt: skip
def test_a_mail_without_a_postmark_that_can_be_read_is_counted(postmark: bytes) -> None:
    found = recent(inbox=POSTMARK + b"Subject: one\n\n" + postmark + b"Subject: two\n\n")
    assert [mail.subject for mail in found.mails] == ["one"]
    assert found.missing == ["inbox.mbox: 1 without a postmark that can be read"]


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        (b"=?klingon?q?nuqneH?=", "=?klingon?q?nuqneH?="),
        (b"=?utf-8?b?broken?=", "=?utf-8?b?broken?="),
        (b"caf\xe9", "caf\N{REPLACEMENT CHARACTER}"),
        (b"=?utf-8?q?two=0Alines=E2=80=AE?=", "two lines"),
        (b"", "(no subject)"),
    ],
)
def test_a_subject_that_cannot_be_decoded_is_shown_as_it_came(header: bytes, subject: str) -> None:
    (mail,), _ = read_mailbox(POSTMARK + b"Subject: " + header + b"\n\nbody\n")
    assert mail.subject == subject
    assert mail.sender == "unknown sender"


def test_an_empty_mailbox_holds_no_mail() -> None:
    assert recent(inbox=b"").lines() == []


def test_of_a_very_full_mailbox_the_end_is_read() -> None:
    mails, unreadable = read_mailbox(POSTMARK * (MOST_MAILS + 5) + b"Subject: the last\n\n")
    assert (len(mails), unreadable) == (MOST_MAILS, 0)
    assert mails[-1].subject == "the last"


LINES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [POSTMARK.strip(), b"From x", b"Subject: =?utf-8?q?=C3?=", b"From: <a@b", b"", b"\xff: \xff", b" folded"]
    ),
)


@given(st.lists(LINES, max_size=30))
def test_whatever_bytes_a_mailbox_holds_each_mail_is_two_short_lines_and_a_date(lines: list[bytes]) -> None:
    mails, unreadable = read_mailbox(b"\n".join(lines), UTC)
    assert unreadable >= 0
    for mail in mails:
        assert mail.subject.isprintable() and 0 < len(mail.subject) <= 160
        assert mail.sender.isprintable() and 0 < len(mail.sender) <= 80
        assert mail.received.tzinfo is UTC
