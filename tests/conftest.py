"""What all tests share: they come out the same on a busy machine, and when a shell has put them in the background."""

from __future__ import annotations

import signal

from hypothesis import settings

settings.register_profile("any machine", deadline=None)  # its default, 200 ms by the wall clock, is no property
settings.load_profile("any machine")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a background shell; what a test starts would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
