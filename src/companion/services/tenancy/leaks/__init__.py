"""The leak laboratory: every way that we know in which tenants are not kept apart although a policy says so."""

from companion.services.tenancy.leaks import bound, channels, existence, policies, settings
from companion.services.tenancy.leaks.laboratory import Laboratory, Route, Seen, open_laboratory
from companion.services.tenancy.leaks.settings import FORMS, forms_that_leak

ROUTES: tuple[Route, ...] = (
    *bound.ROUTES,
    *settings.ROUTES,
    *policies.ROUTES,
    *existence.ROUTES,
    *channels.ROUTES,
)


def told(lab: Laboratory, routes: tuple[Route, ...]) -> list[str]:
    """Run routes, and give what a reader may read of each: what A saw, the remedy, and what A saw with it."""
    lines = []
    for route in routes:
        seen = lab.run(route)
        lines.append(f"{'LEAKS' if seen.leaked else 'holds'} {route.name:41} {seen.what}")
        if route.remedy:
            cured = lab.run(route, cured=True)
            lines.append(f"  {'LEAKS' if cured.leaked else 'holds'} {route.remedy:39} {cured.what}")
    return lines


__all__ = ["FORMS", "ROUTES", "Laboratory", "Route", "Seen", "forms_that_leak", "open_laboratory", "told"]
