"""How large a run may be, so that a page or a laptop does not run out of memory over one careless number."""

from __future__ import annotations

from typing import Protocol

from companion.parameters import ParameterError

MOST_REQUESTS = 1_000_000


class Load(Protocol):
    """Settings with requests that arrive at a rate (1/s) for a while (s)."""

    @property
    def request_rate(self) -> float: ...

    @property
    def duration(self) -> float: ...


def check_size(settings: Load) -> None:
    """Refuse more than `MOST_REQUESTS` requests in a run.

    Raises
    ------
    companion.parameters.ParameterError
        If there would be more; the message says how long such a run may last.
    """
    if settings.request_rate * settings.duration > MOST_REQUESTS:
        raise ParameterError(
            f"duration = {settings.duration:g} is not accepted: at request_rate = {settings.request_rate:g} it takes "
            f"up to {MOST_REQUESTS / settings.request_rate:g} s, which is {MOST_REQUESTS:,} requests"
        )
