"""Dates, times and zones as they are really written."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.reading.moments import DATE, dates, leading, numbers, zone_in
from tests.operations.postmortems.reading.samples import clock

DAY = dt.date(2026, 3, 14)


@pytest.mark.parametrize(("line", "start"), [
    ("14:02 alert", "14:02"), ("10.14 alert", "10:14"), ("9:06a alert", "9:06"), ("12:28p alert", "12:28"),
    ("7:32 PM alert", "19:32"),
    ("[08:47] alert", "8:47"), ("~18:10 alert", "18:10"), ("about 18:10 alert", "18:10"), ("23:28〜 alert", "23:28"),
    ("12:05 am alert", "0:05"), ("12 pm: alert", "12:00"), ("7pm - alert", "19:00"), ("14h02 alert", "14:02"),
    ("1402 UTC alert", "14:02"),
    ("2 p.m. alert", "14:00"), ("**14:02** alert", "14:02"), ("(14:02) alert", "14:02"), ("24:00 alert", "24:00"),
    ("at 14:02, alert", "14:02"),
    ("2026-03-14 14:02 alert", "14:02"), ("2026-03-14T14:02Z alert", "14:02"), ("14 March, 14:02: alert", "14:02"),
    ("Mar 14 14:02 – alert", "14:02"), ("03/14/2026 2:02 pm alert", "14:02"),
    ("Saturday, 14 March 2026 at 14:02 - alert", "14:02"),
    ("2023-MM-DD 14:02 alert", "14:02"), ("YYYY-MM-DD 14:02 alert", "14:02"), ("1. April, 11:00 alert", "11:00"),
    ("14:02 UTC: alert", "14:02"),
    ("14時02分 alert", "14:02"), ("2026年3月14日 14：02 alert", "14:02"), ("14点02分 alert", "14:02"),
])  # fmt: skip
def test_a_time_is_read_at_the_beginning_of_a_line(line: str, start: str) -> None:
    lead = leading(line)
    assert lead is not None and lead.clock is not None
    assert lead.clock.minutes == clock(start)
    assert lead.rest == "alert"


def test_seconds_count_as_parts_of_a_minute() -> None:
    lead = leading("08:00:30 alert")
    assert lead is not None and lead.clock is not None and lead.clock.minutes == 480.5


@pytest.mark.parametrize("line", ["[???] alert", "??:?? alert", "14:?? alert", "?? alert"])
def test_a_time_that_was_left_open_is_a_time_of_unknown_minute(line: str) -> None:
    lead = leading(line)
    assert lead is not None and lead.clock is not None
    assert (lead.clock.minutes, lead.rest) == (None, "alert")


@pytest.mark.parametrize(("line", "until"), [
    ("12:43 - 12:49 looks", "12:49"), ("12:43–12:49 looks", "12:49"), ("12:43 to 12:49: looks", "12:49"),
    ("12:43 UTC - 12:49 UTC looks", "12:49"),
    ("2026-03-14 12:43 - 2026-03-14 12:49 looks", "12:49"), ("~12:43-12:49 looks", "12:49"),
    ("[12:43 - 12:49] looks", "12:49"),
])  # fmt: skip
def test_a_stretch_of_time_has_an_end(line: str, until: str) -> None:
    lead = leading(line)
    assert lead is not None and lead.clock is not None and lead.until is not None
    assert (lead.clock.minutes, lead.until.minutes, lead.rest) == (clock("12:43"), clock(until), "looks")


@pytest.mark.parametrize("line", ["alert at 14:02", "3.7.2 is published", "2 servers", "99:99 alert", "14:61 alert",
    "a 14:02", "v1.2:30",
                                  "90% of the disk", "", "12", "1.5 million requests"])  # fmt: skip
def test_what_is_no_time_is_none(line: str) -> None:
    lead = leading(line)
    assert lead is None or lead.clock is None


@pytest.mark.parametrize("text", ["2026-03-14", "2026/03/14", "14 March 2026", "14th of March, 2026",
    "March 14th, 2026", "Mar. 14 2026",
                                  "14.03.2026", "3/14/2026", "14/3/2026", "03-14-2026", "14-03-2026", "14-Mar-2026",
                                  "Saturday 14 March 2026", "2026年3月14日",
    "14 mars 2026", "14. März 2026", "14 de marzo de 2026", "14 de março de 2026", "am 14. März 2026"])  # fmt: skip
def test_a_date_is_read_in_every_common_form(text: str) -> None:
    assert dates(f"It was on {text} that it broke.") == [DAY]


@pytest.mark.parametrize(
    "text", ["2026-13-01", "31 June 2026", "30 February 2024", "2023-MM-DD", "version 10.2.33", "0000-01-01"]
)
def test_a_day_that_does_not_exist_is_no_date(text: str) -> None:
    assert dates(text) == []


def test_a_verb_is_no_month() -> None:
    assert dates("Only 5 may fail at once", 2026) == []
    assert dates("Only 5 May is left", 2026) == [dt.date(2026, 5, 5)]


def test_a_date_without_a_year_needs_one() -> None:
    assert dates("14 March") == []
    assert dates("14 March", 2026) == [DAY]
    assert dates("29 February", 2026) == []


def test_a_range_of_days_is_its_first() -> None:
    lead = leading("October 29-30, 2025 - slow")
    assert lead is not None and (lead.date, lead.rest) == ((2025, 10, 29), "slow")


def test_a_date_in_brackets_after_the_time_belongs_to_it() -> None:
    lead = leading("**00:03 UTC (Oct 30)** - rolled back")
    assert lead is not None and (lead.date, lead.zone, lead.text) == ((None, 10, 30), "UTC", "00:03 UTC (Oct 30)")


@pytest.mark.parametrize(("text", "zone"), [
    ("All times UTC", "UTC"), ("Timeline (PST)", "PST"), ("(all times in CET and UTC)", "CET and UTC"),
    ("PST/PDT", "PST/PDT"), ("UTC+2", "UTC+2"),
    ("14:02Z", "Z"), ("14:02 Z", "Z"), ("2026-03-14 14:02 +0100", "+0100"), ("Pacific time", "Pacific time"),
    ("Europe/Berlin", "Europe/Berlin"),
    ("times are JST", "JST"), ("EST.", "EST"), ("the best test", ""), ("a cat, an east wind", ""), ("2026-03-14", ""),
])  # fmt: skip
def test_a_zone_is_found_by_its_name_and_not_in_other_words(text: str, zone: str) -> None:
    assert zone_in(text) == zone


def test_a_line_may_name_its_zone() -> None:
    for line in ("14:02 UTC alert", "14:02 (UTC) alert", "[14:02 UTC] alert", "14:02 [UTC] alert"):
        lead = leading(line)
        assert lead is not None and (lead.zone, lead.rest) == ("UTC", "alert"), line


@given(st.integers(0, 23), st.integers(0, 59), st.sampled_from([" ", " - ", ": ", " UTC: ", "\t"]))
def test_every_minute_of_a_day_is_read_as_it_is_written(hour: int, minute: int, between: str) -> None:
    lead = leading(f"{hour}:{minute:02}{between}something")
    assert lead is not None and lead.clock is not None
    assert (lead.clock.minutes, lead.rest) == (60 * hour + minute, "something")


@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%d.%m.%Y", "%m/%d/%Y"]),
)
def test_every_day_is_read_as_it_is_written(day: dt.date, form: str) -> None:
    assert dates(day.strftime(form)) == [day]


@given(st.text(alphabet="0123456789:-./ apmUTCZ?~[]()年月MayJan", max_size=40))
def test_any_line_is_read_or_left_alone(line: str) -> None:
    lead = leading(line)
    assert lead is None or line.endswith(lead.rest) or lead.rest in line
    for found in DATE.finditer(line):
        numbers(found)
    dates(line, 2026)
    zone_in(line)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("(All times US/Eastern, 24-hour clock.)", "US/Eastern"),
        ("Times in Pacific", "Pacific"),
        ("all times are US Mountain", "US Mountain"),
        ("the central queue, Canada/Atlantic", "Canada/Atlantic"),
        ("The Pacific cable and times of the Eastern office", ""),
    ],
)
def test_zones_of_america_have_other_names_too(text: str, zone: str) -> None:
    assert zone_in(text) == zone


def test_a_slash_may_stand_between_day_and_time() -> None:
    lead = leading("2026-03-14/11:34 the provider calls")
    assert lead
    assert lead.clock
    assert (lead.clock.minutes, lead.date, lead.rest) == (clock("11:34"), (2026, 3, 14), "the provider calls")
