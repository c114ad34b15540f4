"""Who asks for whom: an agent exchanges its user's token for one that the next service accepts.

    exchange = Exchange(issuer, {"a2a": {"mcp"}})
    exchange(users_token, agent="a2a", audience="mcp", scopes=["read"])

A token for the agent is refused by the next service, which it does not name, and that is as it should be: whoever
accepts tokens for others could use them there. So the agent takes the token back to the issuer (RFC 8693). What comes
of it is never more than what went in: the same tenant and user, none but the same scopes, no longer than before; and it
says who is acting.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass

from companion.errors import CompanionError
from companion.services.tenancy.tokens import SECONDS, Issuer, Verifier


class ExchangeRefused(CompanionError, ValueError):
    """A token that is not exchanged; the message says why, and has nothing of the token in it."""


@dataclass(frozen=True)
class Exchange:
    """The counter at which an issuer exchanges tokens.

    Whoever serves it over a network has to know by other means than the token who is asking.

    Attributes
    ----------
    issuer : Issuer
        Who signs.
    allowed : mapping
        Which agent may act at which services.
    clock : callable
        Seconds since 1970.
    """

    issuer: Issuer
    allowed: Mapping[str, Set[str]]
    clock: Callable[[], float] = time.time

    def __call__(self, token: str, *, agent: str, audience: str, scopes: Iterable[str], seconds: int = SECONDS) -> str:
        """Exchange a token.

        Parameters
        ----------
        token : str
            The user's, which is for the agent.
        agent : str
            Who is asking.
        audience : str
            The service at which it is to act.
        scopes : iterable of str
            What it needs there.
        seconds : int
            For how long, at most.

        Raises
        ------
        InvalidToken
            If the token does not hold, or is not for this agent.
        ExchangeRefused
            If the agent may not act there, or asks for what the user has not allowed.
        """
        claims = Verifier(self.issuer.jwks(), self.issuer.name, agent, clock=self.clock).verify(token)
        if audience not in self.allowed.get(agent, frozenset()):
            raise ExchangeRefused(f"{agent} may not act at {audience}")
        wanted = frozenset(scopes)
        if not wanted <= claims.scopes:
            raise ExchangeRefused(f"the user has not allowed {agent} to {', '.join(sorted(wanted - claims.scopes))}")
        left = claims.expires - int(self.clock())
        return self.issuer.token(claims.tenant, claims.user, wanted, audience, max(1, min(seconds, left)), actor=agent)
