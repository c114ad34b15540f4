"""The weather of a day, hour by hour, as Open-Meteo's forecast gives it: columns of the same length.

A place is one that the user has chosen; a caller names it, also within a sentence ("the weather in Oslo, first").
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Annotated

from pydantic import BaseModel, Field, FiniteFloat, NaiveDatetime, ValidationError

from companion.services.mcp.minutes.sources import Fetch, Result, SourceError, one_line

PLACES = {"Lima": "weather/lima.json", "Nairobi": "weather/nairobi.json", "Oslo": "weather/oslo.json"}
AHEAD = timedelta(hours=12)
"""How far a briefing looks."""

Column = Annotated[list[FiniteFloat], Field(max_length=1000)]


class _Hourly(BaseModel):
    time: Annotated[list[NaiveDatetime], Field(max_length=1000)]  # of the place
    temperature_2m: Column
    precipitation: Column
    wind_speed_10m: Column


class _Document(BaseModel):
    utc_offset_seconds: Annotated[int, Field(gt=-86_400, lt=86_400)]
    hourly: _Hourly


class Forecast(Result):
    """What the next hours bring.

    Attributes
    ----------
    place : str
        Where.
    at : datetime
        The hour that the first values are for, by the clocks of the place.
    temperature, lowest, highest : float
        Degrees Celsius: now, and within the hours to come.
    precipitation : float
        Rain and melted snow of the hours to come (mm).
    wind : float
        The strongest within the hours to come (km/h).
    hours : int
        How many hours those are.
    """

    place: str
    at: datetime
    temperature: float
    lowest: float
    highest: float
    precipitation: float
    wind: float
    hours: int

    def lines(self) -> list[str]:
        """Give one line."""
        now = f"{self.place} at {self.at:%H:%M}: {round(self.temperature)} °C"
        range_of = f"{round(self.lowest)} to {round(self.highest)} °C"
        rest = f"{self.precipitation:.1f} mm, wind up to {round(self.wind)} km/h"
        return [f"{now}; in {self.hours} hours {range_of}, {rest}"]


async def forecast(fetch: Fetch, location: str, now: datetime) -> Forecast:
    """Read the forecast for the place that a text names.

    Raises
    ------
    SourceError
        If the text names no place that is known, or several, or the forecast cannot be read or does not reach this far.
    """
    place = named_place(location)
    return read_forecast(await fetch(PLACES[place]), place, now)


def named_place(text: str) -> str:
    """Find the place that a text names.

    Raises
    ------
    SourceError
        If there is none, or more than one.
    """
    found = [place for place in PLACES if re.search(rf"\b{place}\b", text, re.I)]
    if len(found) == 1:
        return found[0]
    said = f"{one_line(text, 60)!r} names {' and '.join(found) or 'no place that is known'}"
    raise SourceError(f"{said}: ask for one of {', '.join(PLACES)}")


def read_forecast(document: bytes, place: str, now: datetime) -> Forecast:
    """Read the hours to come, by the clocks of the place.

    Raises
    ------
    SourceError
        If the document is no forecast, or has no value for this hour.
    """
    try:
        read = _Document.model_validate_json(document)
        hourly = read.hourly
        columns = (hourly.time, hourly.temperature_2m, hourly.precipitation, hourly.wind_speed_10m)
        rows = list(zip(*columns, strict=True))
    except ValidationError as error:
        first = error.errors()[0]
        raise SourceError(f"{PLACES[place]}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except ValueError:
        raise SourceError(f"{PLACES[place]}: columns of different lengths") from None
    local = now.astimezone(timezone(timedelta(seconds=read.utc_offset_seconds))).replace(tzinfo=None)
    hour = local.replace(minute=0, second=0, microsecond=0)
    coming = [row for row in rows if hour <= row[0] < hour + AHEAD]
    if not coming or coming[0][0] != hour:
        raise SourceError(f"{PLACES[place]}: no forecast for {hour:%Y-%m-%d %H:%M}")
    _, temperatures, precipitation, wind = zip(*coming, strict=True)
    return Forecast(
        source=PLACES[place], place=place, at=hour, temperature=temperatures[0], lowest=min(temperatures),
        highest=max(temperatures), precipitation=round(sum(precipitation), 1), wind=max(wind), hours=len(coming),
    )  # fmt: skip
