"""How often a property of post mortems is tried, whose reading takes milliseconds, when there are many properties."""

from __future__ import annotations

from hypothesis import settings


def tried(times: int) -> settings:
    """Try a property so often in an ordinary run, and in `make soak` or `make mutants` as much more or less as others.

    A number that stands in `settings` itself would hold in every profile: a soak would find no more than a test.
    """
    usual = settings.get_profile("test").max_examples
    return settings(max_examples=max(1, settings().max_examples * times // usual))


few = tried(20)
"""For what parses, draws or validates a whole document."""
