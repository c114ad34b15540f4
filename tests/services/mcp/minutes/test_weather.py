"""A forecast is read for the place that a text names, by the clocks of that place."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

import pytest

from companion.services.mcp.minutes import MORNING
from companion.services.mcp.minutes.sources import SourceError
from companion.services.mcp.minutes.weather import PLACES, Forecast, forecast, named_place, read_forecast
from tests.services.mcp.minutes.documents import bounded


def weather(location: str, now: datetime = MORNING) -> Forecast:
    return asyncio.run(forecast(bounded(), location, now))


def document(**changes: object) -> bytes:
    hours = [f"2026-11-16T{hour:02}:00" for hour in range(24)]
    hourly = {"time": hours, "temperature_2m": list(range(24)), "precipitation": [0.1] * 24, "wind_speed_10m": [5] * 24}
    return json.dumps({"utc_offset_seconds": 3600, "hourly": hourly | changes}).encode()


def test_a_forecast_says_now_and_what_twelve_hours_bring() -> None:
    found = read_forecast(document(), "Oslo", MORNING)
    assert (found.at.hour, found.temperature, found.lowest, found.highest) == (8, 8, 8, 19)
    assert (found.precipitation, found.wind, found.hours) == (1.2, 5, 12)


def test_every_place_has_a_forecast_by_its_own_clocks() -> None:
    assert {place: weather(place).at.hour for place in PLACES} == {"Lima": 2, "Nairobi": 10, "Oslo": 8}
    assert weather("Oslo").lines() == ["Oslo at 08:00: -3 °C; in 12 hours -3 to 1 °C, 3.4 mm, wind up to 16 km/h"]


def test_late_in_the_day_fewer_hours_are_left_and_it_says_how_many() -> None:
    assert weather("Oslo", MORNING.replace(hour=22)).hours == 2


@pytest.mark.parametrize("text", ["Oslo", "oslo", "the weather in Oslo before anything else", "Oslo? Oslo!"])
def test_a_place_is_found_in_a_sentence(text: str) -> None:
    assert named_place(text) == "Oslo"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Paris", "'Paris' names no place that is known: ask for one of Lima, Nairobi, Oslo"),
        ("Oslofjord", "'Oslofjord' names no place"),
        ("../inbox.mbox", "names no place"),
        ("Oslo or Lima", "'Oslo or Lima' names Lima and Oslo: ask for one of"),
        ("x" * 200, "names no place"),
    ],
)
def test_none_or_two_are_refused(text: str, why: str) -> None:
    with pytest.raises(SourceError) as raised:
        named_place(text)
    assert why in str(raised.value) and str(raised.value).isprintable()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "weather/oslo.json: : Invalid JSON"),
        (b"[]", "weather/oslo.json: "),
        (document(temperature_2m=[1.0]), "weather/oslo.json: columns of different lengths"),
        (document(temperature_2m=["warm"] * 24), "weather/oslo.json: hourly.temperature_2m.0: "),
        (document(precipitation=[float("nan")] * 24), "weather/oslo.json: hourly.precipitation.0: "),
        (document(time=["2026-11-16T00:00Z"] * 24), "weather/oslo.json: hourly.time.0: "),
        (document(wind_speed_10m=[1] * 1001), "weather/oslo.json: hourly.wind_speed_10m: "),
        (document().replace(b"3600", b"90000"), "weather/oslo.json: utc_offset_seconds: "),
    ],
)
def test_a_forecast_of_another_shape_is_refused_by_name(data: bytes, why: str) -> None:
    with pytest.raises(SourceError) as raised:
        read_forecast(data, "Oslo", MORNING)
    assert str(raised.value).startswith(why)


@pytest.mark.parametrize("days", [-1, 1, 400])
def test_yesterdays_forecast_is_none_for_today(days: int) -> None:
    with pytest.raises(SourceError, match=r"^weather/oslo\.json: no forecast for \d{4}-\d\d-\d\d 08:00$"):
        read_forecast(document(), "Oslo", MORNING + timedelta(days=days))
