"""What all tests share: no property fails because the machine was busy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("any machine", deadline=None)  # its default, 200 ms by the wall clock, is no property
settings.load_profile("any machine")
